"""Deletions that people have asked for, in the folder of a pull: until their day they can be taken back.

    OUT/deletions/<id>.json              {"index", "leaf", "opening", "due", "by"}: deletion was asked for
    OUT/deletions/<id>.cancelled.json    [{"index", "leaf", "opening"}, …]: the person objected to it

Both are the person's word, signed. That a service says so is not enough: it could keep what is to be
deleted, or have deleted again what is to be kept.
"""

from pathlib import Path
from typing import Any

from crypto import checks
from crypto.encoding import b64u_encode, parse_json
from crypto.errors import CryptoError
from crypto.log_leaf import Opening
from crypto.objection import DELETION, target_of, verify_objection
from intake.client import files
from intake.client.told import Told


class Deletions:
    """Those of one folder."""

    def __init__(self, out: Path) -> None:
        self._folder = out / "deletions"

    def ask(self, record: str, entry: Told, due: str, by: str) -> None:
        """Keep that it was asked for; `by` is whose signature was verified."""
        files.write_json(self._marker(record), kept(entry) | {"due": due, "by": by})

    def by(self, record: str) -> str | None:
        """Whose word it is that a record is to be deleted; None if nobody asked."""
        found = files.read_json(self._marker(record)).get("by")
        return None if found is None else str(found)

    def end(self, record: str) -> None:
        """It was asked for, and is no longer; or it is done."""
        self._marker(record).unlink(missing_ok=True)

    def keep(self, entry: Told, record: str, sign_key: bytes) -> bool:
        """The deletion is cancelled, says the service; whether the person signed that. Else it waits on.

        `sign_key` is the record's (32 bytes).
        """
        marker = files.read_json(self._marker(record))
        if not marker:
            return True
        try:
            said = verify_objection(str(entry.values.get("objection", "")).encode(), sign_key)
        except CryptoError:
            return False
        mechanism = entry.origin or entry.values.get("mechanism")
        target = target_of(_withdrawal(marker))
        if (said.record, said.mechanism, said.kind, said.target) != (record, mechanism, DELETION, target):
            return False
        files.write_json(self._cancelled(record), [*self._objections(record), kept(entry)])
        self.end(record)
        return True

    def again(self, record: str, envelope: bytes) -> bool:
        """Whether the person has objected to what this envelope asks for: it is shown a second time."""
        target = target_of(envelope)
        return any(_target(noted) == target for noted in self._objections(record))

    def due(self, record: str, envelope: bytes, day: str) -> bool:
        """Whether what this envelope asks for was not cancelled, and its day has come."""
        marker = files.read_json(self._marker(record))
        return str(marker.get("due", "9999")) <= day and _withdrawal(marker) == envelope

    def _marker(self, record: str) -> Path:
        return self._folder / f"{record}.json"

    def _cancelled(self, record: str) -> Path:
        return self._folder / f"{record}.cancelled.json"

    def _objections(self, record: str) -> list[dict[str, Any]]:
        return files.read_json_list(self._cancelled(record))


def kept(entry: Told) -> dict[str, Any]:
    """An entry as it is kept: whoever has the log can check it."""
    return {"index": entry.index, "leaf": b64u_encode(entry.leaf), "opening": entry.opening}


def _withdrawal(marker: dict[str, Any]) -> bytes:
    """The envelope by which a deletion was asked for."""
    return str(Opening.parse(str(marker.get("opening")).encode()).values.get("withdrawal")).encode()


def _target(noted: dict[str, Any]) -> str:
    said = Opening.parse(str(noted.get("opening")).encode()).values.get("objection")
    document = checks.exactly(parse_json(str(said).encode()), "document signature")["document"]
    return str(document.get("target")) if isinstance(document, dict) else ""
