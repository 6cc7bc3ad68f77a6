"""Are the logs what they were? Every leaf, opening, tag, tile and signed checkpoint.

What is published can be checked by anybody (`intake verify log`); here the openings are at hand too.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, select

from crypto import log_leaf, merkle, tiles
from crypto.checkpoints import Checkpoint
from crypto.errors import CryptoError
from crypto.log_leaf import LogLeaf, Opening
from crypto.merkle import Frontier
from intake.audit import log, publish
from intake.audit.events import Event, Log
from intake.audit.keys import LogKeys
from intake.audit.log import Entry
from intake.db.engine import Database
from intake.db.tables import audit as t
from intake.db.tables.people import mechanisms
from intake.db.tables.submissions import records
from intake.upkeep.findings import RESTORE, Finding, Progress

_WIDTH = tiles.WIDTH
_FORGED = "somebody changed rows of the log: keep this database, and ask witnesses for their checkpoints"


def check(database: Database, keys: LogKeys, progress: Progress) -> Iterator[Finding]:
    """All logs, from their first entry to their head."""
    with database.read() as connection:
        heads = log.logs(connection)
        known = set(connection.execute(select(mechanisms.c.id)).scalars())
    for mechanism in sorted(known - {mechanism for mechanism, _ in heads}):
        yield Finding("it has no logs", f"mechanism {mechanism}", RESTORE)
    erased: dict[tuple[str, str], set[int]] = {}
    silent: dict[tuple[str, str], set[int]] = {}
    for mechanism, kind in heads:
        walk = _Walk(database, keys, mechanism, kind)
        yield from walk.run(progress)
        silent[mechanism, kind] = walk.silent
        for other, indexes in walk.erased.items():
            erased.setdefault((mechanism, other), set()).update(indexes)
    for where, wordless in silent.items():
        for index in sorted(wordless - erased.get(where, set())):
            what = f"entry {index} says nothing, and no erasure names it"
            yield Finding(what, f"log {where[0]}/{where[1]}", _FORGED)


class _Walk:
    """One log, 256 entries at a time: a tile's worth."""

    def __init__(self, database: Database, keys: LogKeys, mechanism: str, kind: Log) -> None:
        self._database = database
        self._keys = keys
        self._mechanism = mechanism
        self._kind = kind
        self._where = f"log {mechanism}/{kind}"
        self.silent: set[int] = set()  # entries without an opening
        self.erased: dict[str, list[int]] = {}  # by log: what erasures of this log name

    def run(self, progress: Progress) -> Iterator[Finding]:
        """Everything of this log."""
        with self._database.read() as connection:
            size = log.size(connection, self._mechanism, self._kind)
            beyond = log.read(connection, self._mechanism, self._kind, size, 1)
            signed = self._checkpoints(connection)
        if beyond:
            yield Finding(
                f"an entry stands at {beyond[0].index}, beyond the head {size}", self._where, RESTORE
            )
        frontier = Frontier()
        for start in range(0, size, _WIDTH):
            end = min(start + _WIDTH, size)
            with self._database.read() as connection:
                entries = log.read(connection, self._mechanism, self._kind, start, end - start)
                problems = list(self._entries(connection, entries, start, end))
                tile = self._tile(connection, start // _WIDTH) if end - start == _WIDTH else None
            yield from problems
            if len(entries) != end - start:
                return  # what follows cannot be compared with anything
            hashes = [merkle.leaf_hash(entry.leaf) for entry in entries]
            if tile is not None and tile != b"".join(hashes):
                at = next(i for i, h in enumerate(hashes) if h != tile[32 * i : 32 * i + 32])
                yield Finding(f"entry {start + at} is not the one that was appended", self._where, _FORGED)
            for index, leaf in enumerate(hashes, start=start):
                frontier = frontier.append(leaf)
                if index + 1 in signed and frontier.root() != signed[index + 1]:
                    what = f"the first {index + 1} entries are not those that were signed"
                    yield Finding(what, self._where, _FORGED)
            progress(self._where, end, size)
        for lost in sorted(n for n in signed if n > size):
            yield Finding(
                f"a checkpoint of size {lost} was signed, and {size} entries are there", self._where, _FORGED
            )

    def _checkpoints(self, connection: Connection) -> dict[int, bytes]:
        """Size → root of every checkpoint kept, and of the one remembered beside the keys."""
        here = (t.checkpoints.c.mechanism == self._mechanism) & (t.checkpoints.c.log == self._kind)
        notes = [bytes(n) for n in connection.execute(select(t.checkpoints.c.note).where(here)).scalars()]
        remembered = self._keys.newest(self._mechanism, self._kind)
        found = {}
        for note in notes + ([remembered] if remembered else []):
            signed: Checkpoint = publish.parse(note)
            found[signed.size] = signed.root
        return found

    def _tile(self, connection: Connection, index: int) -> bytes:
        own = t.log_tiles.c
        query = select(own.hashes).where(
            own.mechanism == self._mechanism, own.log == self._kind, own.level == 0, own.index == index
        )
        return bytes(connection.execute(query).scalar() or b"\0" * 32 * _WIDTH)

    def _entries(
        self, connection: Connection, entries: Sequence[Entry], start: int, end: int
    ) -> Iterator[Finding]:
        expected = iter(range(start, end))
        for entry in entries:
            wanted = next(expected)
            if entry.index != wanted:
                yield Finding(f"entries {wanted} to {entry.index - 1} are missing", self._where, RESTORE)
                return
        if len(entries) < end - start:
            yield Finding(f"entries {start + len(entries)} to {end - 1} are missing", self._where, RESTORE)
        there = {entry.record for entry in entries if entry.record}
        query = select(records.c.id, records.c.record_key).where(records.c.id.in_(there))
        keys = {row.id: row.record_key for row in connection.execute(query)}
        counters = self._counters(connection, start, end)
        for entry in entries:
            problem = self._entry(entry, keys, counters.get(entry.index))
            if problem:
                yield Finding(f"entry {entry.index} {problem}", self._where, _FORGED)

    def _counters(self, connection: Connection, start: int, end: int) -> dict[int, int]:
        own = t.log_entries.c
        query = select(own.index, own.counter).where(
            own.mechanism == self._mechanism, own.log == self._kind, own.index >= start, own.index < end
        )
        return {row[0]: row[1] for row in connection.execute(query) if row[1] is not None}

    def _entry(self, entry: Entry, keys: dict[str, str | None], counter: int | None) -> str | None:
        if entry.opening is None:
            self.silent.add(entry.index)
            return None
        try:
            leaf, opening = LogLeaf.parse(entry.leaf), Opening.parse(entry.opening)
            log_leaf.verify_opening(leaf, opening)
        except CryptoError as error:
            return f"does not open ({error})"
        said = opening.values
        if opening.padding:
            return None
        if said.get("event") != entry.event or said.get("record") != entry.record:
            return "is listed as something other than what it says"
        if entry.event is Event.RECORD_ERASED:
            for kind in Log:
                listed = said.get(kind)
                if isinstance(listed, list):
                    self.erased.setdefault(kind, []).extend(i for i in listed if isinstance(i, int))
        if entry.record and self._kind is Log.RECORDS and entry.record not in keys:
            return f"names record {entry.record}, which is not there"
        key = keys.get(entry.record or "")
        if key and counter is not None:
            try:
                log_leaf.verify_tag(leaf, bytes.fromhex(key), counter)
            except CryptoError:
                return "has another record's tag: its submitter would not find it"
        return None
