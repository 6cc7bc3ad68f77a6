"""What auditors read: both logs of their mechanism with what the entries say, and alarms. Never content."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from crypto import merkle
from intake.audit import log, publish, tree
from intake.audit.events import Event, Log
from intake.audit.keys import LogKeys
from intake.audit.log import Entry
from intake.db.engine import Database
from intake.db.tables.review import alarms, statuses
from intake.errors import NotFound
from intake.people.reader import Reader
from intake.sharing.access import Access, Visit, What

PAGE = 500
_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class LogPage:
    """Entries from `start` on, of a log that is `size` long.

    `checkpoint` is the newest signed note over the first `signed` entries, None before the first one.
    `hashes` lead from those of the page's leaves that it covers to its root (`merkle.verify_range`).
    `numbers` are those by which the mechanism cites the page's records: no log has them, nothing proves them.
    """

    entries: list[Entry]
    start: int
    size: int
    origin: str
    keys: tuple[str, ...]
    checkpoint: bytes | None
    signed: int
    hashes: tuple[bytes, ...]
    numbers: dict[str, int]


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that somebody has to look at. `reader` is a member, or with "client:" a program."""

    id: str
    kind: str
    reader: str
    day: str
    seen_by: str | None


class Auditing:
    """Reads for auditors, through `Access` only."""

    def __init__(self, database: Database, keys: LogKeys, access: Access) -> None:
        self._database = database
        self._keys = keys
        self._access = access

    def page(self, visit: Visit, kind: Log, start: int | None, limit: int) -> LogPage:
        """Up to `limit` entries of a log; the newest ones without `start`."""
        where = (("start", start),) if start is not None else ()
        what = What(Event.LOG_READ, fields=(("log", kind), *where, ("limit", limit)))
        reader = self._access.admitted(visit, what, _anything)
        with self._database.write(durable=False) as connection:
            log.settle(connection, reader.mechanism, kind)
        with self._database.read() as connection:
            size = log.size(connection, reader.mechanism, kind)
            first = max(0, size - limit) if start is None else start
            entries = log.read(connection, reader.mechanism, kind, first, limit)
            entries = [entry for entry in entries if entry.index < size]
            return self._proved(connection, reader.mechanism, kind, entries, first, size)

    def _proved(
        self, connection: Connection, mechanism: str, kind: Log, entries: list[Entry], start: int, size: int
    ) -> LogPage:
        published = publish.newest(connection, mechanism, kind)
        signed = published.size if published else 0
        hashes: tuple[bytes, ...] = ()
        covered = min(start + len(entries), signed)
        if covered > start:
            reads = tree.subtrees(connection, mechanism, kind, signed)
            with suppress(NotFound):  # a row is gone: the auditor has to see the others, which lead nowhere
                hashes = merkle.range_proof(start, covered, signed, reads)
        note = publish.cosigned(connection, mechanism, kind, published) if published else None
        origin = self._keys.name(mechanism, kind)
        keys = tuple(key.text for key in self._keys.verifiers(origin))
        numbers = _numbers(connection, mechanism, entries)
        return LogPage(entries, start, size, origin, keys, note, signed, hashes, numbers)

    def alarms(self, visit: Visit) -> list[Alarm]:
        """All alarms of the mechanism, the newest first."""
        reader = self._access.admitted(visit, What(Event.ALARMS_LISTED), _anything)
        with self._database.read() as connection:
            rows = connection.execute(
                select(alarms)
                .where(alarms.c.mechanism == reader.mechanism)
                .order_by(alarms.c.day.desc(), alarms.c.id)
            ).all()
        return [Alarm(row.id, row.kind, row.reader, row.day, row.seen_by) for row in rows]

    def seen(self, visit: Visit, alarm: str) -> None:
        """Somebody has looked at it; who was first stays."""

        def mark(connection: Connection, reader: Reader) -> None:
            its = (alarms.c.id == alarm) & (alarms.c.mechanism == reader.mechanism)
            known = bool(_ID.fullmatch(alarm)) and connection.execute(select(alarms.c.id).where(its)).first()
            if not known:
                raise NotFound("not_found", "there is no such alarm")
            first = update(alarms).where(its, alarms.c.seen_by.is_(None))
            connection.execute(first.values(seen_by=reader.member))

        fields = (("alarm", alarm),) if _ID.fullmatch(alarm) else ()
        self._access.admitted(visit, What(Event.ALARM_SEEN, fields=fields), mark)


def _numbers(connection: Connection, mechanism: str, entries: Sequence[Entry]) -> dict[str, int]:
    """What colleagues say when they speak of a record to an auditor."""
    named = {entry.record for entry in entries if entry.record}
    here = statuses.c.record.in_(named) & (statuses.c.mechanism == mechanism)
    rows = connection.execute(select(statuses.c.record, statuses.c.number).where(here))
    return {row.record: row.number for row in rows}


def _anything(connection: Connection, reader: Reader) -> None:
    """The role is all that has to be checked: lists hold nothing of other mechanisms."""
