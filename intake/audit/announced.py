"""What a records log says to everybody: its mechanism's keys, and which program browsers are served.

Other entries concern records and their readers. These concern nobody, and whoever seals needs them: a key
that is in no log was slipped in, and a program that is in none was never meant to be seen. Their openings
are handed out with proofs that lead to the newest checkpoint, so that nobody has to read the log for them.
"""

import threading
from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from crypto import merkle
from crypto.encoding import Json, b64u_encode
from crypto.log_leaf import Opening
from intake.audit import log, publish, tree
from intake.audit.events import Event, Log
from intake.db.engine import Database
from intake.db.tables.audit import log_entries


@dataclass(frozen=True, slots=True)
class _Entry:
    index: int
    event: str
    leaf: bytes
    opening: bytes

    @property
    def key(self) -> str:
        """The fingerprint, if it is about a key."""
        return str(Opening.parse(self.opening).values.get("key"))


@dataclass(slots=True)
class _Known:
    """What was read of one log so far: entries below `size`, and proofs of some in the tree of `proved`."""

    size: int = 0
    keys: dict[str, _Entry] = field(default_factory=dict)
    program: _Entry | None = None
    proved: int = 0
    proofs: dict[int, tuple[bytes, ...]] = field(default_factory=dict)


class Announcements:
    """Reads each log once, and then only what is new in it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._known: dict[str, _Known] = {}

    def shown(self, mechanism: str, keys: Collection[str]) -> dict[str, Json] | None:
        """`{checkpoint, entries [{index, leaf, opening, hashes}]}`: these keys (fingerprints), the program.

        A key that no signed checkpoint covers is missing. None before the first checkpoint.
        """
        with self._lock, self._database.read() as connection:
            published = publish.newest(connection, mechanism, Log.RECORDS)
            if published is None:
                return None
            known = self._read(connection, mechanism, published.size)
            entries = [known.keys[key] for key in sorted(keys) if key in known.keys]
            if known.program is not None:
                entries.append(known.program)
            self._prove(connection, mechanism, known, published.size, entries)
            note = publish.cosigned(connection, mechanism, Log.RECORDS, published)
        return {
            "checkpoint": note.decode(),
            "entries": [
                {
                    "index": entry.index,
                    "leaf": b64u_encode(entry.leaf),
                    "opening": entry.opening.decode(),
                    "hashes": [hashed.hex() for hashed in known.proofs[entry.index]],
                }
                for entry in entries
            ],
        }

    def _read(self, connection: Connection, mechanism: str, size: int) -> _Known:
        known = self._known.setdefault(mechanism, _Known())
        if known.size > size:  # an older database was brought back
            known = self._known[mechanism] = _Known()
        for entry in _entries(connection, mechanism, known.size, size):
            if entry.event == Event.KEYS_ADDED:
                known.keys[entry.key] = entry
            else:
                known.program = entry
        known.size = size
        return known

    @staticmethod
    def _prove(
        connection: Connection, mechanism: str, known: _Known, size: int, entries: list[_Entry]
    ) -> None:
        if known.proved != size:
            known.proved, known.proofs = size, {}
        reads = tree.subtrees(connection, mechanism, Log.RECORDS, size)
        for entry in entries:
            if entry.index not in known.proofs:
                known.proofs[entry.index] = merkle.inclusion_proof(entry.index, size, reads)


def serve(connection: Connection, served: Event, program: str) -> None:
    """Say in every records log what browsers are given (the manifest's SHA-256, hex), unless it says so.

    `served` is PROGRAM_SERVED for those who submit, CONSOLE_SERVED for members of mechanisms.
    """
    for mechanism, kind in log.logs(connection):
        if kind is not Log.RECORDS:
            continue
        log.size(connection, mechanism, kind, lock=True)  # of several processes that start, one says it
        log.settle(connection, mechanism, kind)
        newest = (
            select(log_entries.c.opening)
            .where(log_entries.c.mechanism == mechanism, log_entries.c.log == kind)
            .where(log_entries.c.event == served)
            .order_by(log_entries.c.index.desc())
            .limit(1)
        )
        said = connection.execute(newest).scalar_one_or_none()
        if said is None or Opening.parse(bytes(said)).values.get("assets") != program:
            log.append(connection, mechanism, served, assets=program)
            log.settle(connection, mechanism, kind)


def _entries(connection: Connection, mechanism: str, start: int, end: int) -> list[_Entry]:
    public = log_entries.c.event.in_([Event.KEYS_ADDED, Event.PROGRAM_SERVED])
    rows = connection.execute(
        select(log_entries.c.index, log_entries.c.event, log_entries.c.leaf, log_entries.c.opening)
        .where(log_entries.c.mechanism == mechanism, log_entries.c.log == Log.RECORDS)
        .where(log_entries.c.index >= start, log_entries.c.index < end, public)
        .order_by(log_entries.c.index)
    )
    return [_Entry(index, event, bytes(leaf), bytes(opening)) for index, event, leaf, opening in rows]
