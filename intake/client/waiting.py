"""Records that were told: fetched whole, or else their entries kept for the next run.

    OUT/records/.<record>.part/            what has come of a record that is not complete
    OUT/waiting/<purpose>/<record>.json    {"index", "leaf", "opening"}

A purpose may be allowed again, and a file that was missing may be found; the same goes for a newer state
of a record that is held. What was erased or withdrawn meanwhile waits no longer: if consent is given
again, the list says so.
"""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from crypto import checks, statement
from crypto.encoding import b64u_decode, b64u_encode
from crypto.errors import FormatError, VerifyError
from crypto.log_leaf import SIZE as LEAF_SIZE
from crypto.log_leaf import Opening
from crypto.statement import Statement
from intake.client import custody, files
from intake.client.api import ApiError
from intake.client.told import Told

_TRIES = 3  # a record may change again and again while it is fetched


class Source(Protocol):
    """Where records are fetched: `intake.client.pull.FeedClient`."""

    def record(self, record: str) -> dict[str, Any]:
        """What `GET /feed/v1/records/{record}` answers."""

    def download(self, record: str, part: str, size: int, target: Path) -> None:
        """One part into a file of its own."""


class NotReleased(Exception):
    """The service does not give this record to us; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NotWhole(Exception):
    """The record was released, and a part of it was not; or it does not go on from what is held."""


def fetch(
    source: Source,
    record: str,
    folder: Path,
    replace: Callable[[str, dict[str, Any]], None],
    require: Callable[[Statement, Mapping[str, Any]], None],
) -> None:
    """A record into its folder: parts first, only those that are not there; what opens them, last.

    `replace(record, answer)` puts a newer state in the place of the one that is held, and
    `require(statement, answer)` raises `VerifyError` if the newest statement does not let us have it, or
    grants what did not come. `NotReleased` or `NotWhole` if it does not come; what has come by then is used
    the next time.
    """
    fresh = _unfinished(folder)
    target = folder if folder.exists() else fresh
    (target / "parts").mkdir(mode=0o700, parents=True, exist_ok=True)
    found = _ask(source, record, folder, require)
    for left in reversed(range(_TRIES)):
        try:
            _parts(source, record, found, target / "parts")
            break
        except NotWhole:
            before, found = found, _ask(source, record, folder, require)  # changed meanwhile, or withdrawn?
            if found == before or not left:
                raise
    if target == folder:
        replace(record, found)
        return
    wanted = {f"{part['id']}.age" for part in found["parts"]}
    for path in (fresh / "parts").iterdir():
        if path.name not in wanted:
            path.unlink()
    files.write_json(fresh / "record.json", found)
    for path in (fresh / "parts", fresh):
        files.sync_folder(path)
    fresh.rename(folder)
    files.sync_folder(folder.parent)


def forget(folder: Path) -> None:
    """Remove what has come of a record that will not be complete: nothing opens it yet."""
    shutil.rmtree(_unfinished(folder), ignore_errors=True)


def _unfinished(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.part")


def _ask(
    source: Source, record: str, folder: Path, require: Callable[[Statement, Mapping[str, Any]], None]
) -> dict[str, Any]:
    """What the service has of it, if it holds, and goes on from what is held."""
    try:
        found = source.record(record)
    except ApiError as error:
        if error.status in (403, 404):
            forget(folder)
            raise NotReleased(error.code) from error
        raise
    revisions = [(s["statement"].encode(), b64u_decode(s["signature"], 64)) for s in found["statements"]]
    newest = statement.verify_chain(revisions)
    if newest.record != record:
        raise VerifyError("the server answered with another record")
    try:
        require(newest, found)
    except VerifyError as error:
        raise NotWhole(str(error)) from error
    known = custody.statements(folder)
    if [s["statement"] for s in found["statements"]][: len(known)] != known:
        raise NotWhole("its earlier revisions are others than those that were pulled before")
    return found


def _parts(source: Source, record: str, found: dict[str, Any], folder: Path) -> None:
    signed = {p.id for p in statement.parse(found["statements"][-1]["statement"].encode()).parts}
    for part in found["parts"]:
        name, size = checks.identifier(part["id"]), int(part["size"])
        path = folder / f"{name}.age"
        if name not in signed or (path.exists() and path.stat().st_size == size):
            continue  # messages are signed apart: `intake messages` fetches them
        fresh = path.with_suffix(".part")
        try:
            source.download(record, name, size, fresh)
        except ApiError as error:
            if error.status in (403, 404, 410):
                raise NotWhole(f"part {name}: {error}") from error
            raise
        fresh.replace(path)
    files.sync_folder(folder)


class Waiting:
    """The folder of one purpose; it exists once something waits."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, record: str, entry: Told) -> None:
        """Remember a record's entry."""
        path = self._folder / f"{record}.json"
        if not path.exists():
            value = {"index": entry.index, "leaf": b64u_encode(entry.leaf), "opening": entry.opening}
            files.write_json(path, value)

    def remove(self, record: str) -> None:
        """It came, or will not."""
        (self._folder / f"{record}.json").unlink(missing_ok=True)

    def drop(self, erased: set[int]) -> list[str]:
        """These entries were erased: nothing of them will come. Which records that concerns."""
        gone = [r for r, entry in self.entries().items() if entry.index in erased] if erased else []
        for record in gone:
            self.remove(record)
        return gone

    def entries(self) -> dict[str, Told]:
        """What waits, in the order of the list; `ValueError` names a file that cannot be read."""
        found = {}
        for path in self._folder.glob("*.json") if self._folder.is_dir() else ():
            try:
                value = json.loads(path.read_bytes())
                leaf, opening = b64u_decode(value["leaf"], LEAF_SIZE), value["opening"]
                values = Opening.parse(opening.encode()).values
                found[path.stem] = Told(int(value["index"]), leaf, opening, values)
            except (KeyError, TypeError, ValueError, AttributeError, FormatError) as error:
                raise ValueError(f"{path} is damaged: pull into a new folder, and keep this one") from error
        return dict(sorted(found.items(), key=lambda item: item[1].index))
