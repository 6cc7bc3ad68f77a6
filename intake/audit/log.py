"""Append and read log entries.

`append` is meant to be the last statement before commit: it locks the head row of the log until then,
which is what makes the indexes gapless and ordered by commit.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from intake import clock
from intake.audit.events import LOG_OF, Event, Log
from intake.db.tables.audit import log_entries, log_heads


@dataclass(frozen=True, slots=True)
class Entry:
    """One log entry as it was appended."""

    index: int
    event: Event
    record: str | None
    fields: Mapping[str, str | int | None]


def create(connection: Connection, mechanism: str) -> None:
    """Start both logs of a new mechanism."""
    connection.execute(insert(log_heads), [{"mechanism": mechanism, "log": log, "size": 0} for log in Log])


def append(
    connection: Connection,
    mechanism: str,
    event: Event,
    *,
    record: str | None = None,
    **fields: str | int | None,
) -> int:
    """Append in the caller's transaction; return the entry's index, counted from 0."""
    log = LOG_OF[event]
    size: int = connection.execute(
        update(log_heads)
        .where(log_heads.c.mechanism == mechanism, log_heads.c.log == log)
        .values(size=log_heads.c.size + 1)
        .returning(log_heads.c.size)
    ).scalar_one()
    connection.execute(
        insert(log_entries).values(
            mechanism=mechanism,
            log=log,
            index=size - 1,
            event=event,
            time=clock.day() if log is Log.RECORDS else clock.hour(),
            record=record,
            fields=fields,
        )
    )
    return size - 1


def read(connection: Connection, mechanism: str, log: Log, start: int, limit: int) -> list[Entry]:
    """Up to `limit` entries from index `start` on."""
    rows = connection.execute(
        select(log_entries)
        .where(log_entries.c.mechanism == mechanism, log_entries.c.log == log, log_entries.c.index >= start)
        .order_by(log_entries.c.index)
        .limit(limit)
    )
    return [Entry(row._mapping["index"], Event(row.event), row.record, row.fields) for row in rows]


def size(connection: Connection, mechanism: str, log: Log) -> int:
    """How many entries the log has."""
    query = select(log_heads.c.size).where(log_heads.c.mechanism == mechanism, log_heads.c.log == log)
    found: int = connection.execute(query).scalar_one()
    return found
