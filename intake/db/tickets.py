"""A ticket is the right to read the content of one record, of one part, or the triage cards of a list, once.

It is a row that was committed together with the log entry it names (a repetition names the first one),
or, for a submitter's own record, a row without an entry: the logs tell the submitter who else read. The
value in Python is worth nothing without that row, and `issue`, `for_triage` and `own` are the only
places that make one.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Row, delete, insert, select, union_all

from crypto.encoding import canonical_json
from crypto.log_leaf import Opening
from crypto.primitives import sha256
from intake import clock
from intake.db.tables.audit import log_entries, log_pending, tickets
from intake.db.tables.submissions import records
from intake.errors import NotFound, Unavailable

DISCLOSURE, OWN, TRIAGE = "disclosure", "own", "triage"
# The entry that a ticket needs: of the access log, of this event. Also in the migration that made
# `intake_disclose`; named as in `audit.events`, which stands above.
LOG = "access"
RECORD_EVENT, PART_EVENT, TRIAGE_EVENT = "record.opened", "part.downloaded", "triage.listed"
_NO_RECORD = "00" * 32  # a list's ticket is of no one record
_HOURS = 2  # rows that nobody used are swept after this


@dataclass(frozen=True, slots=True, repr=False)
class Ticket:
    """Never printed, logged or sent. `part` is None for the record's statements and grants."""

    id: str
    record: str
    part: str | None

    def __repr__(self) -> str:
        return "Ticket(secret)"


@dataclass(frozen=True, slots=True)
class Taken:
    """What a ticket was good for. `mechanism` is None for the submitter's own."""

    record: str
    part: str | None
    mechanism: str | None


def newest_leaf(connection: Connection, record: str) -> bytes:
    """The leaf of the entry about this record that this transaction has appended last.

    The record's row, which counts its entries, is locked from the appending to the commit: nobody else's
    entry can be the newest. `NotFound` if the record is erased.
    """
    newest = (
        select(records.c.entries - 1)
        .where(records.c.id == record, records.c.record_key.is_not(None))
        .scalar_subquery()
    )
    found = connection.execute(
        union_all(
            *(
                select(table.c.leaf).where(table.c.record == record, table.c.counter == newest)
                for table in (log_entries, log_pending)
            )
        )
    ).scalar_one_or_none()
    if found is None:
        if connection.execute(select(records.c.id).where(records.c.id == record)).first() is None:
            raise NotFound("not_found", "there is no such record")  # erased since it was looked for
        raise Unavailable("unavailable", "there is no entry about this record: nothing is disclosed")
    return bytes(found)


def issue(connection: Connection, record: str, part: str | None, leaf: bytes) -> Ticket:
    """A ticket in the transaction that appended the entry with this leaf, or repeats what it said."""
    return _insert(connection, record, part, DISCLOSURE, leaf)


def for_triage(connection: Connection, leaf: bytes) -> Ticket:
    """A ticket for triage cards, in the transaction that appended the entry of the list with this leaf."""
    return _insert(connection, _NO_RECORD, None, TRIAGE, leaf)


def listed(records_: Sequence[str]) -> str:
    """What the entry of a list says of the records whose cards it gives, in this order: a hash, in hex."""
    return sha256(canonical_json(list(records_))).hex()


def own(connection: Connection, record: str, part: str | None) -> Ticket:
    """A ticket for the submitter's own record. The caller has verified the receipt."""
    return _insert(connection, record, part, OWN, None)


def _insert(connection: Connection, record: str, part: str | None, kind: str, leaf: bytes | None) -> Ticket:
    made = Ticket(secrets.token_hex(32), record, part)
    expires = clock.hour_number() + _HOURS
    connection.execute(
        insert(tickets).values(id=made.id, record=record, part=part, kind=kind, leaf=leaf, expires=expires)
    )
    return made


def expire(connection: Connection) -> None:
    """Drop what nobody used: a process died between the entry and the reading."""
    connection.execute(delete(tickets).where(tickets.c.expires <= clock.hour_number()))


# --- on SQLite; on PostgreSQL `intake_disclose` does the same ---


def find(connection: Connection, ticket: Ticket) -> Taken:
    """What a ticket is good for; `Unavailable` unless row and entry are there.

    `connection` is another than the one that logged, so that both are committed.
    """
    row = connection.execute(select(tickets).where(tickets.c.id == ticket.id)).one_or_none()
    if row is None:
        raise refused()
    return Taken(row.record, row.part, None if row.kind == OWN else _reader(connection, row))


def _reader(connection: Connection, row: Row[tuple[object, ...]]) -> str:
    """The mechanism in whose access log the entry stands."""
    event = RECORD_EVENT if row.part is None else PART_EVENT
    found = connection.execute(
        union_all(
            *(
                select(table.c.mechanism).where(
                    table.c.record == row.record,
                    table.c.leaf == row.leaf,
                    table.c.log == LOG,
                    table.c.event == event,
                )
                for table in (log_entries, log_pending)
            )
        )
    ).scalar_one_or_none()
    if row.kind != DISCLOSURE or found is None:
        raise refused()
    return str(found)


def find_triage(connection: Connection, ticket: Ticket, records_: Sequence[str]) -> str:
    """The mechanism of which a ticket opens these records' cards; `Unavailable` unless its entry says so."""
    row = connection.execute(
        select(tickets).where(tickets.c.id == ticket.id, tickets.c.kind == TRIAGE)
    ).one_or_none()
    if row is None:
        raise refused()
    entry = connection.execute(
        union_all(
            *(
                select(table.c.mechanism, table.c.opening).where(
                    table.c.leaf == row.leaf, table.c.log == LOG, table.c.event == TRIAGE_EVENT
                )
                for table in (log_entries, log_pending)
            )
        )
    ).one_or_none()
    if entry is None or Opening.parse(bytes(entry.opening)).values.get("listed") != listed(records_):
        raise refused()
    return str(entry.mechanism)


def take(connection: Connection, ticket: Ticket) -> None:
    """Use it up; `Unavailable` if somebody else just did."""
    if connection.execute(delete(tickets).where(tickets.c.id == ticket.id)).rowcount != 1:
        raise refused()


def refused() -> Unavailable:
    """One answer for everything that a ticket can lack."""
    return Unavailable("unavailable", "a ticket without a committed entry, or used before: nothing was read")
