"""Are old entries what they were? Some in each round of maintenance, so that all are looked at in time.

Publishing reads full tiles from their rows, and not the 256 entries below each: whoever changes one of
these is found here. Checkpoints, openings and what is beyond are for `intake check`.
"""

import secrets
from collections.abc import Iterator

from sqlalchemy import Connection

from crypto.tiles import WIDTH
from intake.audit import log, tree
from intake.audit.events import Log
from intake.db.engine import Database


class Walk:
    """Where it stands is remembered by this process only; it begins anywhere, as processes may be short."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._next: dict[tuple[str, Log], int] = {}  # tile

    def go_on(self, most: int | None) -> Iterator[tuple[str, Log, str]]:
        """(mechanism, log, what is wrong) of logs with a fault among the next `most` full tiles (or all)."""
        with self._database.read() as connection:
            all_logs = log.logs(connection)
        for mechanism, kind in all_logs:
            with self._database.read() as connection:
                full = log.size(connection, mechanism, kind) // WIDTH
            if not full:
                continue
            start = self._next.get((mechanism, kind), secrets.randbelow(full))
            count = full if most is None else min(most, full)
            self._next[mechanism, kind] = (start + count) % full
            for number in range(start, start + count):
                with self._database.read() as connection:
                    what = _wrong(connection, mechanism, kind, number % full)
                if what:
                    yield mechanism, kind, what
                    break


def _wrong(connection: Connection, mechanism: str, kind: Log, index: int) -> str | None:
    """What is wrong with a full tile, with those above it that end with it, or with what lies below."""
    level = 0
    while True:
        if what := tree.differs(connection, mechanism, kind, level, index):
            return what
        if (index + 1) % WIDTH:
            return None
        level, index = level + 1, index // WIDTH
