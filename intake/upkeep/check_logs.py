"""Are the logs what they were? Every leaf, opening, tag, tile, checkpoint, and signature on one.

What is published can be checked by anybody (`intake verify log`); here the openings are at hand too.
A finding is of one fault: what only follows from it is counted, or left out.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, func, select, tuple_

from crypto import checkpoints, log_leaf, merkle, tiles
from crypto.errors import CryptoError, FormatError, VerifyError
from crypto.log_leaf import LogLeaf, Opening
from crypto.merkle import Frontier
from crypto.notes import Signature, VerifierKey
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
_BATCH = 200  # rows at a time
_KEYS = "bring keys/log back from its backup; if it is the right one, somebody changed the checkpoint"
_FORGED = (
    "keep a copy of this database and of keys/log as evidence, and ask witnesses for their checkpoints; then"
    " bring the rows back from a backup: docs/operating.md, The logs"
)


def check(database: Database, keys: LogKeys, progress: Progress) -> Iterator[Finding]:
    """All logs, from their first entry to their head."""
    with database.read() as connection:
        heads = log.logs(connection)
        known = set(connection.execute(select(mechanisms.c.id)).scalars())
    for mechanism in sorted(known - {mechanism for mechanism, _ in heads}):
        yield Finding("it has no logs", f"mechanism {mechanism}", RESTORE)
    erased: dict[tuple[str, str], set[int]] = {}
    silent: dict[tuple[str, str], set[int]] = {}
    broken: set[str] = set()  # mechanisms with a log that could not be read to its end
    for mechanism, kind in heads:
        walk = _Walk(database, keys, mechanism, kind)
        yield from walk.run(progress)
        silent[mechanism, kind] = walk.silent
        broken |= {mechanism} if walk.broken else set()
        for other, indexes in walk.erased.items():
            erased.setdefault((mechanism, other), set()).update(indexes)
    for where, wordless in silent.items():
        if where[0] in broken:
            continue  # an erasure that names them may be among what could not be read
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
        self.broken = False
        self._bad: set[int] = set()  # entries that are named already
        self.silent: set[int] = set()  # entries without an opening
        self.erased: dict[str, list[int]] = {}  # by log: what erasures of this log name

    def run(self, progress: Progress) -> Iterator[Finding]:
        """Everything of this log."""
        with self._database.read() as connection:
            size = log.size(connection, self._mechanism, self._kind)
            beyond = log.read(connection, self._mechanism, self._kind, size, 1)
        signed: dict[int, bytes] = {}
        yield from self._checkpoints(signed)
        yield from self._cosignatures()
        yield from self._stray_tiles()
        if beyond:
            yield Finding(
                f"an entry stands at {beyond[0].index}, beyond the head {size}", self._where, RESTORE
            )
        frontier = Frontier()
        unlike: list[int] = []  # sizes of checkpoints
        levels: dict[int, list[bytes]] = {}  # roots of the full tiles below, until a tile of them is full
        for start in range(0, size, _WIDTH):
            end = min(start + _WIDTH, size)
            with self._database.read() as connection:
                read = log.read(connection, self._mechanism, self._kind, start, end - start)
                entries = [entry for entry in read if entry.index < end]  # where one lacks, the next is read
                problems = list(self._entries(connection, entries, start, end))
            yield from problems
            hashes = [merkle.leaf_hash(entry.leaf) for entry in entries]
            if len(entries) != end - start:
                hashes = self._kept_hashes(start // _WIDTH)
                if not hashes:
                    self.broken = True
                    break  # what follows cannot be compared with anything
            if end - start == _WIDTH:
                yield from self._tiles(levels, start // _WIDTH, b"".join(hashes))
            for index, leaf in enumerate(hashes, start=start):
                frontier = frontier.append(leaf)
                if index + 1 in signed and frontier.root() != signed[index + 1]:
                    unlike.append(index + 1)
            progress(self._where, end, size)
        if unlike:
            what = f"the first {unlike[0]} entries are not those that were signed"
            more = f" (nor those of {len(unlike) - 1} larger checkpoints)" if len(unlike) > 1 else ""
            yield Finding(what + more, self._where, _FORGED)
        if lost := sorted(n for n in signed if n > size):
            what = f"a checkpoint of size {lost[0]} was signed, and {size} entries are there"
            more = f" ({len(lost) - 1} larger ones, too)" if len(lost) > 1 else ""
            yield Finding(what + more, self._where, _FORGED)

    def _checkpoints(self, signed: dict[int, bytes]) -> Iterator[Finding]:
        """Fill in size → root of every checkpoint kept, and of the one remembered beside the keys."""
        for row in self._rows(t.checkpoints):
            what = f"the checkpoint of size {row.size}"
            try:
                found = publish.verify_own(bytes(row.note), self._keys, self._mechanism, self._kind)
            except FormatError as error:
                yield Finding(f"{what} cannot be read ({error})", self._where, _FORGED)
            except VerifyError as error:
                yield Finding(f"{what} is not signed with our keys ({error})", self._where, _KEYS)
            else:
                signed[row.size] = found.checkpoint.root
                if found.checkpoint.size != row.size:
                    yield Finding(f"{what} is of size {found.checkpoint.size}", self._where, _FORGED)
        remembered = self._keys.newest(self._mechanism, self._kind)
        name = f"keys/log/newest.{self._mechanism}.{self._kind}"
        try:
            if remembered is not None:
                found = publish.verify_own(remembered, self._keys, self._mechanism, self._kind)
                known = signed.setdefault(found.checkpoint.size, found.checkpoint.root)
                if known != found.checkpoint.root:
                    yield Finding(f"{name} is another checkpoint than the database has", self._where, _FORGED)
        except CryptoError as error:
            yield Finding(
                f"{name} is empty or damaged, or other keys signed it ({error})", self._where, _KEYS
            )

    def _cosignatures(self) -> Iterator[Finding]:
        """Of witnesses and readers: each row names the key that its line must be made with."""
        of = (t.checkpoints.c.mechanism == t.cosignatures.c.mechanism) & (
            t.checkpoints.c.log == t.cosignatures.c.log
        )
        note = (
            select(t.checkpoints.c.note)
            .where(of, t.checkpoints.c.size == t.cosignatures.c.size)
            .scalar_subquery()
        )
        for row in self._rows(t.cosignatures, t.cosignatures.c.key, note.label("note")):
            try:
                key, signature = VerifierKey.parse(row.key), Signature.parse(row.line)
                checkpoints.verify_signature(publish.parse(bytes(row.note or b"")), key, signature)
            except CryptoError as error:
                name = row.key.partition("+")[0]
                what = f"the signature of {name} on the checkpoint of size {row.size} does not hold ({error})"
                yield Finding(what, self._where, _FORGED)

    def _rows(self, table: Any, second: Any = None, *more: Any) -> Iterator[Any]:
        """This log's rows by size (and `second`), a few hundred in each transaction."""
        key = [table.c.size] if second is None else [table.c.size, second]
        here = (table.c.mechanism == self._mechanism) & (table.c.log == self._kind)
        after = None
        while True:
            query = select(table, *more).where(here).order_by(*key).limit(_BATCH)
            if after is not None:
                query = query.where(tuple_(*key) > tuple_(*after))
            with self._database.read() as connection:
                rows = connection.execute(query).all()
            yield from rows
            if len(rows) < _BATCH:
                return
            after = [rows[-1]._mapping[column] for column in key]

    def _tiles(self, levels: dict[int, list[bytes]], index: int, hashes: bytes) -> Iterator[Finding]:
        """A tile that became full, and those above it: each row against what lies below."""
        own, level = t.log_tiles.c, 0
        while True:
            here = (own.mechanism == self._mechanism) & (own.log == self._kind)
            query = select(own.hashes, own.root).where(here, own.level == level, own.index == index)
            with self._database.read() as connection:
                row = connection.execute(query).one_or_none()
            root = tiles.tile_root(hashes)
            what = f"tile {index} of level {level}"
            if row is None:
                yield Finding(f"{what} is missing", self._where, RESTORE)
            elif bytes(row.hashes) != hashes:
                what = self._differs(level, index, hashes, bytes(row.hashes))
                if what:
                    yield Finding(what, self._where, _FORGED)
            elif bytes(row.root) != root:
                yield Finding(f"the root of {what} is not that of its hashes", self._where, _FORGED)
            above = levels.setdefault(level + 1, [])
            above.append(root)
            if len(above) < _WIDTH:
                return
            hashes = b"".join(above)
            above.clear()
            level, index = level + 1, index // _WIDTH

    def _kept_hashes(self, index: int) -> list[bytes]:
        """What a full tile's row says of entries of which some are missing; nothing if it is not there."""
        own = t.log_tiles.c
        here = (own.mechanism == self._mechanism) & (own.log == self._kind)
        query = select(own.hashes).where(here, own.level == 0, own.index == index)
        with self._database.read() as connection:
            data = bytes(connection.execute(query).scalar_one_or_none() or b"")
        return [data[at : at + 32] for at in range(0, len(data), 32)] if len(data) == 32 * _WIDTH else []

    def _differs(self, level: int, index: int, hashes: bytes, kept: bytes) -> str:
        """What to say of it; nothing where all that differs was said before."""
        if level or len(kept) != len(hashes):
            return f"tile {index} of level {level} is not what lies below it"
        other = [i for i in range(_WIDTH) if hashes[32 * i : 32 * i + 32] != kept[32 * i : 32 * i + 32]]
        new = [index * _WIDTH + i for i in other if index * _WIDTH + i not in self._bad]
        more = f" (nor are {len(new) - 1} others of its tile)" if len(new) > 1 else ""
        return f"entry {new[0]} is not the one that was appended{more}" if new else ""

    def _stray_tiles(self) -> Iterator[Finding]:
        """Tiles of entries that are not there."""
        own = t.log_tiles.c
        here = (own.mechanism == self._mechanism) & (own.log == self._kind)
        with self._database.read() as connection:
            size = log.size(connection, self._mechanism, self._kind)
            query = select(own.level, func.max(own.index)).where(here).group_by(own.level)
            last: dict[int, int] = {level: index for level, index in connection.execute(query)}
        for level, index in sorted(last.items()):
            if level < 0 or level > 7 or index >= size >> tiles.HEIGHT * (level + 1):
                what = f"tile {index} of level {level} stands beyond the head {size}"
                yield Finding(what, self._where, RESTORE)

    def _entries(
        self, connection: Connection, entries: Sequence[Entry], start: int, end: int
    ) -> Iterator[Finding]:
        expected = iter(range(start, end))
        for entry in entries:
            wanted = next(expected)
            if entry.index != wanted:
                yield Finding(f"entries {wanted} to {entry.index - 1} are missing", self._where, _FORGED)
                return
        if len(entries) < end - start:
            yield Finding(f"entries {start + len(entries)} to {end - 1} are missing", self._where, _FORGED)
        there = {entry.record for entry in entries if entry.record}
        query = select(records.c.id, records.c.record_key).where(records.c.id.in_(there))
        keys = {row.id: row.record_key for row in connection.execute(query)}
        counters = self._counters(connection, start, end)
        for entry in entries:
            problem = self._entry(entry, keys, counters.get(entry.index))
            if problem:
                self._bad.add(entry.index)
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
        # Programs may be refused records that never were; those have no number among a record's entries.
        unknown = entry.event is Event.REFUSED and counter is None
        if entry.record and entry.record not in keys and not unknown:
            return f"tells of record {entry.record}, which is gone: its erasure left this opening behind"
        key = keys.get(entry.record or "")
        if key and counter is not None:
            try:
                log_leaf.verify_tag(leaf, bytes.fromhex(key), counter)
            except CryptoError:
                return "has another record's tag: its submitter would not find it"
        return None
