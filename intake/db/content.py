"""Reading content: the only queries of the service for headers, grants and statements, each for a ticket.

On SQLite the connections used here are the ones without the guard. On PostgreSQL the service's role
cannot read these columns at all, and the function `intake_disclose`, which belongs to the owner, takes
the ticket and returns what it is good for. The ticket is used up before anything is returned.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Select, exists, func, select, text

from intake.db import tickets
from intake.db.engine import Database
from intake.db.guard import CONTENT
from intake.db.tables.coming_back import deletions
from intake.db.tables.submissions import audience, compartments, grants, parts, statements
from intake.db.tickets import Taken, Ticket
from intake.errors import ConfigurationError, NotFound


@dataclass(frozen=True, slots=True, repr=False)
class RecordContent:
    """(statement, signature) per revision; (compartment, recipient, file) per grant; header sizes.

    Grants are the reader's own, and `headers` maps the parts that they open to the bytes of their headers.
    """

    revisions: tuple[tuple[bytes, bytes], ...]
    grants: tuple[tuple[str, str, bytes], ...]
    headers: Mapping[str, int]


@dataclass(frozen=True, slots=True, repr=False)
class TriageContent:
    """Of many records: (record, compartment, recipient, file) per grant, (record, part) → header."""

    grants: tuple[tuple[str, str, str, bytes], ...]
    headers: Mapping[tuple[str, str], bytes]


# what, id, of what, number, data: the columns of `intake_disclose`
_Row = tuple[str, str, str, int, bytes]


def of_record(database: Database, ticket: Ticket) -> RecordContent:
    """A record's statements and the reader's grants; `Unavailable` if the ticket is not good for that."""
    if ticket.part is not None:
        raise tickets.refused()
    rows = _disclose(database, ticket)
    return RecordContent(
        tuple((data, bytes.fromhex(other)) for what, _, other, _, data in rows if what == "statement"),
        tuple((id_, other, data) for what, id_, other, _, data in rows if what == "grant"),
        {id_: size for what, id_, _, size, _ in rows if what == "part"},
    )


def header(database: Database, ticket: Ticket) -> bytes:
    """One part's header; `NotFound` if there is no such part, or it was not granted."""
    if ticket.part is None:
        raise tickets.refused()
    for what, part, _, _, data in _disclose(database, ticket):
        if (what, part) == ("header", ticket.part):
            return data
    raise NotFound("not_found", "there is no such part")


def of_triage(database: Database, ticket: Ticket, listed: Sequence[str]) -> TriageContent:
    """Triage cards of these records, as far as they are granted; `Unavailable` unless the ticket's entry says
    that it gave the cards of exactly these, in this order.
    """
    if database.engine.dialect.name == "postgresql":
        with database.write(durable=False) as connection:
            query = text(
                "SELECT what, record, id, other, data"
                " FROM intake_disclose_triage(:ticket, CAST(:listed AS bytea[]))"
            )
            given = {"ticket": bytes.fromhex(ticket.id), "listed": [bytes.fromhex(id_) for id_ in listed]}
            rows = [
                (what, record.hex(), id_.hex(), other.hex(), bytes(data))
                for what, record, id_, other, data in connection.execute(query, given)
            ]
    else:
        with database.read() as connection:
            mechanism = tickets.find_triage(connection, ticket, listed)
        with database.write(durable=False) as connection:
            tickets.take(connection, ticket)
        with database.unguarded().read() as connection:
            rows = list(_triage(connection, mechanism, listed))
    return TriageContent(
        tuple((record, id_, other, data) for what, record, id_, other, data in rows if what == "grant"),
        {(record, id_): data for what, record, id_, _, data in rows if what == "header"},
    )


def owner_reads_content(connection: Connection) -> bool:
    """Whether this connection's role may read content columns without a ticket. SQLite: never."""
    if connection.dialect.name != "postgresql":
        return False
    allowed = [
        func.has_column_privilege(table, column, "SELECT")
        for table, columns in CONTENT.items()
        for column in sorted(columns)
    ]
    return any(connection.execute(select(*allowed)).one())


def require_owner(database: Database) -> None:
    """For what operators run over everything: `ConfigurationError` if this role cannot read content."""
    with database.read() as connection:
        if connection.dialect.name == "postgresql" and not owner_reads_content(connection):
            raise ConfigurationError(
                "this needs INTAKE_DATABASE_URL with the role that owns the tables, not the service's"
            )


def _disclose(database: Database, ticket: Ticket) -> list[_Row]:
    if database.engine.dialect.name == "postgresql":
        with database.write(durable=False) as connection:
            query = text("SELECT what, id, other, number, data FROM intake_disclose(:ticket)")
            found = connection.execute(query, {"ticket": bytes.fromhex(ticket.id)})
            rows = [_plain(*row) for row in found]
        return rows  # after the commit that used the ticket up
    with database.read() as connection:
        taken = tickets.find(connection, ticket)
    with database.write(durable=False) as connection:
        tickets.take(connection, ticket)
    with database.unguarded().read() as connection:
        return list(_header(connection, taken) if taken.part is not None else _record(connection, taken))


def _plain(what: str, id_: bytes | None, other: bytes | None, number: int | None, data: bytes | None) -> _Row:
    return what, (id_ or b"").hex(), (other or b"").hex(), number or 0, bytes(data or b"")


def _record(connection: Connection, taken: Taken) -> Iterator[_Row]:
    own = _of(taken.mechanism)
    signed = select(statements).where(statements.c.record == taken.record).order_by(statements.c.revision)
    for row in connection.execute(signed):
        yield "statement", "", row.signature, row.revision, bytes(row.data)
    for row in connection.execute(select(grants).where(grants.c.record == taken.record, own)):
        yield "grant", row.compartment, row.recipient, 0, bytes(row.file)
    sizes = select(parts.c.id, func.length(parts.c.header).label("size"))
    for row in connection.execute(sizes.where(parts.c.record == taken.record, _granted(own))):
        yield "part", row.id, "", row.size, b""


def _header(connection: Connection, taken: Taken) -> Iterator[_Row]:
    query = select(parts.c.id, parts.c.header).where(parts.c.record == taken.record, parts.c.id == taken.part)
    if taken.mechanism is not None:
        query = query.where(_granted(_of(taken.mechanism)))
    for row in connection.execute(query):
        yield "header", row.id, "", 0, bytes(row.header)


def _triage(
    connection: Connection, mechanism: str, listed: Sequence[str]
) -> Iterator[tuple[str, str, str, str, bytes]]:
    own = _of(mechanism) & grants.c.record.in_(_released(mechanism, listed))
    given = (
        select(grants)
        .join(
            compartments,
            (compartments.c.record == grants.c.record) & (compartments.c.id == grants.c.compartment),
        )
        .where(own, compartments.c["class"] == "triage")
    )
    for row in connection.execute(given):
        yield "grant", row.record, row.compartment, row.recipient, bytes(row.file)
    cards = (
        select(parts)
        .join(
            compartments,
            (compartments.c.record == parts.c.record) & (compartments.c.id == parts.c.compartment),
        )
        .where(parts.c.kind == "triage", compartments.c["class"] == "triage")
        .where(_granted(own))
    )
    for row in connection.execute(cards):
        yield "header", row.record, row.id, row.compartment, bytes(row.header)


def _released(mechanism: str, listed: Sequence[str]) -> Select[tuple[str]]:
    """Of these records, those that the mechanism has a consent for, and that do not wait for deletion."""
    waits = exists().where(deletions.c.record == audience.c.record)
    return select(audience.c.record).where(
        audience.c.record.in_(listed), audience.c.mechanism == mechanism, ~waits
    )


def _of(mechanism: str | None) -> ColumnElement[bool]:
    """Whose grants these are: the submitter's, or a mechanism's. What a legal hold locks is nobody's."""
    whose = grants.c.mechanism.is_(None) if mechanism is None else grants.c.mechanism == mechanism
    return whose & ~grants.c.locked


def _granted(whose: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a part lies in a compartment for which there is such a grant."""
    return exists().where(
        grants.c.record == parts.c.record, grants.c.compartment == parts.c.compartment, whose
    )
