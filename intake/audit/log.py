"""Append and read log entries.

`append` is meant to be the last statement before commit: it locks the head row of the log until then,
which is what makes the indexes gapless and ordered by commit. Where that lock is too narrow
(PostgreSQL with many workers), entries are only noted in the action's transaction, and `settle` gives
them their indexes, one process at a time: before anything is read, and in the background.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, RowMapping, bindparam, delete, func, insert, select, text, update

from crypto import log_leaf
from crypto.encoding import Json
from crypto.log_leaf import LogLeaf, Opening
from intake import clock
from intake.audit import tree
from intake.audit.events import LOG_OF, OF_RECORD, Event, Log
from intake.db.tables.audit import log_entries, log_heads, log_pending
from intake.db.tables.submissions import records

_ERASED = 2000  # indexes of each log in one entry


@dataclass(frozen=True, slots=True)
class Action:
    """Something to log. `record` ties the entry to a record: its submitter will find it."""

    event: Event
    record: str | None = None
    fields: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """One log entry. `opening` is None after an erasure."""

    index: int
    leaf: bytes
    event: Event | None
    record: str | None
    opening: bytes | None

    @property
    def fields(self) -> dict[str, Json]:
        """What the entry says; nothing, if it was erased."""
        return Opening.parse(self.opening).values if self.opening else {}


def create(connection: Connection, mechanism: str) -> None:
    """Start both logs of a new mechanism."""
    connection.execute(insert(log_heads), [{"mechanism": mechanism, "log": log, "size": 0} for log in Log])


def append(
    connection: Connection, mechanism: str, event: Event, *, record: str | None = None, **fields: Json
) -> int | None:
    """Append one entry in the caller's transaction; its index, from 0 (None if it waits for one)."""
    (index,) = append_many(connection, mechanism, [Action(event, record, fields)])
    return index


def append_many(connection: Connection, mechanism: str, actions: Sequence[Action]) -> list[int | None]:
    """Append entries, all of the same log, in the caller's transaction."""
    log = LOG_OF[actions[0].event]
    return _note(connection, mechanism, log, [_row(connection, mechanism, log, a) for a in actions])


def _note(
    connection: Connection, mechanism: str, log: Log, rows: Sequence[Mapping[str, object]]
) -> list[int | None]:
    if connection.info.get("sequencer"):
        # Noted in the order of their ids; several workers note at once, and none waits for another.
        connection.execute(insert(log_pending), [{"mechanism": mechanism, "log": log, **row} for row in rows])
        return [None] * len(rows)
    return list(_sequence(connection, mechanism, log, rows))


def append_known(connection: Connection, mechanism: str, event: Event, **fields: Json) -> bytes:
    """`append` an entry about no record; its leaf, by which a ticket can name it."""
    row = _row(connection, mechanism, LOG_OF[event], Action(event, None, fields))
    _note(connection, mechanism, LOG_OF[event], [row])
    leaf = row["leaf"]
    assert isinstance(leaf, bytes)
    return leaf


def append_each(
    connection: Connection, mechanism: str, event: Event, records_: Sequence[str], **fields: Json
) -> None:
    """One entry about each of these records, in as many statements for a thousand as for one."""
    if not records_:
        return
    count = (
        update(records)
        .where(records.c.id.in_(records_), records.c.record_key.is_not(None))
        .values(entries=records.c.entries + 1)
        .returning(records.c.id, records.c.record_key, records.c.entries)
    )
    rows = [
        _filled(mechanism, LOG_OF[event], Action(event, row.id, fields), row.record_key, row.entries - 1)
        for row in connection.execute(count).all()
    ]
    if rows:
        _note(connection, mechanism, LOG_OF[event], rows)


def pad(connection: Connection, mechanism: str, log: Log, count: int) -> None:
    """Append leaves that stand for nothing: outsiders cannot tell them from others."""
    rows = []
    for _ in range(count):
        leaf, opening = log_leaf.padding(secrets.token_bytes)
        rows.append({**_EMPTY, "leaf": leaf.encode(), "opening": opening.encode()})
    if rows:
        _sequence(connection, mechanism, log, rows)


def settle(connection: Connection, mechanism: str, log: Log) -> None:
    """Give waiting entries their indexes; nothing to do unless the sequencer is on."""
    if not connection.info.get("sequencer"):
        return
    size(connection, mechanism, log, lock=True)  # one at a time; whoever waited sees the next ones
    mine = (log_pending.c.mechanism == mechanism) & (log_pending.c.log == log)
    waiting = connection.execute(select(log_pending).where(mine).order_by(log_pending.c.id)).mappings().all()
    if waiting:
        rows = [{name: row[name] for name in ("leaf", *_EMPTY)} for row in waiting]
        _sequence(connection, mechanism, log, rows)
        done = log_pending.c.id.in_([row["id"] for row in waiting])
        connection.execute(delete(log_pending).where(done))


def _sequence(
    connection: Connection, mechanism: str, log: Log, rows: Sequence[Mapping[str, object]]
) -> range:
    """The sequencer: indexes in the order of commits, tiles as they become full."""
    where = {"of_mechanism": mechanism, "of_log": log, "more": len(rows)}
    end: int = connection.execute(_ADVANCE, where).scalar_one()
    indexes = range(end - len(rows), end)
    # Up to each full tile, and then the tile.
    done = 0
    for position, index in enumerate(indexes, start=1):
        if (index + 1) % 256 == 0 or position == len(rows):
            chunk = zip(indexes[done:position], rows[done:position], strict=True)
            connection.execute(
                _INSERT,
                [{"mechanism": mechanism, "log": log, "index": i, **row} for i, row in chunk],
            )
            tree.grown(connection, mechanism, log, index + 1)
            done = position
    return indexes


# Built once: making a statement costs more than running it.
_INSERT = insert(log_entries)
_ADVANCE = (
    update(log_heads)
    .where(log_heads.c.mechanism == bindparam("of_mechanism"), log_heads.c.log == bindparam("of_log"))
    .values(size=log_heads.c.size + bindparam("more"))
    .returning(log_heads.c.size)
)
_COUNT = (
    update(records)
    .where(records.c.id == bindparam("of_record"), records.c.record_key.is_not(None))
    .values(entries=records.c.entries + 1)
    .returning(records.c.record_key, records.c.entries)
)
_EMPTY: dict[str, object] = {"event": None, "record": None, "counter": None, "opening": None}


def _row(connection: Connection, mechanism: str, log: Log, action: Action) -> dict[str, object]:
    key, counter = _next(connection, action.record) if action.record else (None, None)
    return _filled(mechanism, log, action, key, counter)


def _filled(
    mechanism: str, log: Log, action: Action, record_key: str | None, counter: int | None
) -> dict[str, object]:
    """Leaf and opening. Time is as coarse as the log's: a day, or for accesses an hour."""
    if action.record is not None and action.event not in OF_RECORD:  # its submitter is shown it, in words
        raise ValueError(f"{action.event} is nothing that is said of a record")
    values: dict[str, Json] = {
        "event": action.event,
        "mechanism": mechanism,
        "day": clock.day(),
        **action.fields,
    }
    if log is Log.ACCESS:
        values["hour"] = int(clock.hour()[-2:])
    record = action.record if record_key else None  # nobody's: neither told to anybody, nor ever to be erased
    if record:
        values["record"] = record
    opening = Opening.salted(values, secrets.token_bytes)
    tag = secrets.token_bytes(32)
    if record_key is not None and counter is not None:
        tag = log_leaf.tag(bytes.fromhex(record_key), counter)
    return {
        "leaf": LogLeaf(tag, opening.commitment()).encode(),
        "event": str(action.event),
        "record": record,
        "counter": counter,
        "opening": opening.encode(),
    }


def _next(connection: Connection, record: str) -> tuple[str | None, int | None]:
    """(K_record, number of the record's next entry); nothing, if there is no such record."""
    row = connection.execute(_COUNT, {"of_record": record}).one_or_none()
    return (row.record_key, row.entries - 1) if row else (None, None)


def read(connection: Connection, mechanism: str, log: Log, start: int, limit: int) -> list[Entry]:
    """Up to `limit` entries from index `start` on."""
    rows = connection.execute(
        select(log_entries)
        .where(log_entries.c.mechanism == mechanism, log_entries.c.log == log, log_entries.c.index >= start)
        .order_by(log_entries.c.index)
        .limit(limit)
    )
    return [_entry(row._mapping) for row in rows]


def of_record(connection: Connection, record: str) -> list[tuple[str, Log, int, Entry]]:
    """(mechanism, log, counter, entry) of everything that was logged about a record, in order."""
    rows = connection.execute(
        select(log_entries).where(log_entries.c.record == record).order_by(log_entries.c.counter)
    )
    return [(row.mechanism, Log(row.log), row.counter, _entry(row._mapping)) for row in rows]


def erase(connection: Connection, record: str) -> None:
    """Forget what a record's entries say. Each mechanism's log says which entries that were."""
    for mechanism, log in logs(connection):
        settle(connection, mechanism, log)
    theirs = select(log_entries.c.mechanism, log_entries.c.log, log_entries.c.index).where(
        log_entries.c.record == record
    )
    erased: dict[str, dict[str, list[Json]]] = {}
    for mechanism, log, index in connection.execute(theirs.order_by(log_entries.c.index)):
        erased.setdefault(mechanism, {log: [] for log in Log})[log].append(index)
    if connection.dialect.name == "postgresql":  # the serving role may not rewrite entries by itself
        connection.execute(text("SELECT intake_erase(:record)"), {"record": bytes.fromhex(record)})
    else:
        connection.execute(update(log_entries).where(log_entries.c.record == record).values(**_EMPTY))
    for mechanism, listed in sorted(erased.items()):
        longest = max(len(indexes) for indexes in listed.values())
        for start in range(0, longest, _ERASED):  # an opening has a limit
            fields: dict[str, Json] = {
                log: indexes[start : start + _ERASED] for log, indexes in listed.items()
            }
            append_many(connection, mechanism, [Action(Event.RECORD_ERASED, None, fields)])


def size(connection: Connection, mechanism: str, log: Log, *, lock: bool = False) -> int:
    """How many entries the log has. With `lock`, nobody else changes that before this transaction ends.

    (`key_share`: waiting entries refer to the head's row, and must not be kept out by the lock.)
    """
    query = select(log_heads.c.size).where(log_heads.c.mechanism == mechanism, log_heads.c.log == log)
    found: int = connection.execute(query.with_for_update(key_share=True) if lock else query).scalar_one()
    return found


def logs(connection: Connection) -> list[tuple[str, Log]]:
    """Every log there is."""
    rows = connection.execute(select(log_heads.c.mechanism, log_heads.c.log).order_by(*log_heads.primary_key))
    return [(row.mechanism, Log(row.log)) for row in rows]


def waiting(connection: Connection) -> int:
    """Entries that have no index yet."""
    return int(connection.execute(select(func.count()).select_from(log_pending)).scalar_one())


def _entry(row: RowMapping) -> Entry:
    event, opening = row["event"], row["opening"]
    return Entry(
        index=row["index"],
        leaf=bytes(row["leaf"]),
        event=Event(event) if event else None,
        record=row["record"],
        opening=bytes(opening) if opening else None,
    )
