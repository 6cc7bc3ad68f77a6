"""Hand records over to the body that continues a mandate: from a pull, with the mechanism's own identities.

    OUT/handed-over/<mechanism>/<id>.json    {"revision", "compartments"}: what was handed over of a record

Only records whose person allowed it are sent. Each compartment's identity is unsealed and sealed to the
successor's key here: the service sees neither. What was handed over is not sent again until the record
changes, so a run that breaks off goes on where it stopped; the service, too, takes a repetition for one.
"""

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crypto.age_keys import Identity
from crypto.bundles import Bundle
from crypto.compartments import Compartment
from crypto.encoding import b64u_decode, b64u_encode
from crypto.errors import CryptoError, FormatError, VerifyError
from crypto.log_leaf import Opening
from crypto.record_reader import RecordReader
from crypto.statement import Statement
from intake.client import files
from intake.client.api import ApiError
from intake.client.opening import pulled_records
from intake.client.pull import FeedClient

_REFUSED = (403, 404, 409, 422)


@dataclass(slots=True)
class HandedOver:
    """Records by what became of them. `failed` maps those that were refused, or do not hold, to the reason.

    `not_allowed`: the person did not allow a successor; `closed`: these keys, or the successor's, are for
    none of its compartments; `before`: handed over by an earlier run. `grants` counts what was new.
    """

    records: list[str] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    not_allowed: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    grants: int = 0


class HandoverClient(FeedClient):
    """The feed's route by which records are handed over."""

    def hand_over(self, record: str, mechanism: str, grants: Sequence[Mapping[str, str]]) -> int:
        """Give grants to the mechanism's successor; how many of them were new to the service."""
        body = {"mechanism": mechanism, "grants": list(grants)}
        answer = self._send("POST", f"/feed/v1/records/{record}/successor", json=body)
        return int(answer.json()["added"])


def require_root(bundle: Bundle, fingerprint: str) -> None:
    """`VerifyError` unless the bundle is signed by the root that the successor has published."""
    if bundle.root_fingerprint != fingerprint.replace(" ", "").lower():
        raise VerifyError(f"the bundle of {bundle.mechanism} is not signed by the root {fingerprint}")


def hand_over(
    feed: HandoverClient,
    pulled: Path,
    identities: Sequence[Identity],
    successor: Bundle,
    today: str,
    progress: Callable[[str], None] = lambda record: None,
) -> HandedOver:
    """Hand over every record of a pull whose newest statement allows it.

    `successor` is its verified bundle; `today` (`YYYY-MM-DD`) is when its keys have to be valid. Records
    that are to be deleted, or were taken back, are left out. `ApiError` and `Offline` end the run, but for
    a refusal of one record.
    """
    done = HandedOver()
    with files.alone(pulled):
        for folder in pulled_records(pulled):
            progress(folder.name)
            if (pulled / "deletions" / f"{folder.name}.json").exists():
                done.failed[folder.name] = "the person has asked for it to be deleted"
                continue
            note = pulled / "handed-over" / successor.mechanism / f"{folder.name}.json"
            try:
                _hand_over(feed, folder, note, identities, successor, today, done)
            except (CryptoError, KeyError, TypeError, ValueError, AttributeError, OSError) as error:
                done.failed[folder.name] = f"{type(error).__name__}: {error}"
            except ApiError as error:
                if error.status not in _REFUSED:
                    raise
                done.failed[folder.name] = error.code
    return done


def _hand_over(
    feed: HandoverClient,
    folder: Path,
    note: Path,
    identities: Sequence[Identity],
    successor: Bundle,
    today: str,
    done: HandedOver,
) -> None:
    found = json.loads((folder / "record.json").read_bytes())
    revisions = [(s["statement"].encode(), b64u_decode(s["signature"], 64)) for s in found["statements"]]
    grants = [(g["compartment"], b64u_decode(g["file"])) for g in found["grants"]]
    reader = RecordReader(revisions, grants, identities, record=folder.name)
    if not _allowed(reader.statement, _own(folder)):
        done.not_allowed.append(folder.name)
        return
    kinds = _kinds(reader, successor, today)
    known = {"revision": reader.statement.revision, "compartments": sorted(kinds)}
    if not kinds:
        done.closed.append(folder.name)
        return
    if note.exists() and json.loads(note.read_bytes()) == known:
        done.before.append(folder.name)
        return
    added = _send(feed, reader, kinds, successor, today)
    if added is None:
        done.closed.append(folder.name)
        return
    files.write_json(note, known)
    done.records.append(folder.name)
    done.grants += added


def _send(
    feed: HandoverClient, reader: RecordReader, kinds: Mapping[str, str], successor: Bundle, today: str
) -> int | None:
    """How many grants were new; None if the successor takes nothing of these classes."""
    left = dict(kinds)
    while left:
        sealed = [_seal(reader, compartment, kind, successor, today) for compartment, kind in left.items()]
        try:
            return feed.hand_over(reader.statement.record, successor.mechanism, sealed)
        except ApiError as error:
            refused = error.values.get("kind")
            if error.code != "class_not_offered" or refused not in left.values():
                raise
            left = {compartment: kind for compartment, kind in left.items() if kind != refused}
    return None


def _own(folder: Path) -> str:
    """The mechanism that pulled the record, as the entry of the log says by which it came."""
    opening: Any = json.loads((folder / "log.json").read_bytes())["opening"]
    if not isinstance(opening, str):
        raise FormatError("the entry by which it came was erased")
    return str(Opening.parse(opening.encode()).values["mechanism"])


def _allowed(signed: Statement, mechanism: str) -> bool:
    return any(consent.mechanism == mechanism and consent.successor for consent in signed.consent)


def _kinds(reader: RecordReader, successor: Bundle, today: str) -> dict[str, str]:
    """Compartment → class, of what is open here and what the successor has a valid key for."""
    return {
        entry.id: entry.kind
        for entry in reader.statement.compartments
        if entry.id in reader.identities and successor.key_for(entry.kind, today) is not None
    }


def _seal(reader: RecordReader, compartment: str, kind: str, successor: Bundle, today: str) -> dict[str, str]:
    key = successor.key_for(kind, today)
    if key is None:
        raise VerifyError(f"{successor.mechanism} has no valid key for {kind}")
    open_ = Compartment(compartment, kind, reader.identities[compartment])
    file = open_.grant(key.recipient, file_key=secrets.token_bytes(16), nonce=secrets.token_bytes(16))
    return {"compartment": compartment, "recipient": key.recipient.fingerprint, "file": b64u_encode(file)}
