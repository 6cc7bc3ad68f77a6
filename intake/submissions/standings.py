"""What became of a record with each mechanism, as far as it is known: for its submitter.

That it was read is what the access log says. That it is in a case, or closed, is what the mechanism says,
and so is the answer to a withdrawal; nobody but the mechanism concerned can say or change either.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, insert, select, union_all, update

from crypto.log_leaf import Opening
from crypto.message import MECHANISM
from intake import clock
from intake.audit.events import Event, Log
from intake.db.tables import coming_back as c
from intake.db.tables.audit import log_entries, log_pending
from intake.db.tables.submissions import audience, records
from intake.errors import Conflict, Invalid, NotFound
from intake.record.consent import ANSWERS
from intake.submissions import delays, handovers

IN_CASE, CLOSED = "in_case", "closed"
STANDINGS = (IN_CASE, CLOSED)


_BY_ARRIVAL = (c.withdrawals.c.revision, c.withdrawals.c.mechanism, c.withdrawals.c.number)


@dataclass(frozen=True, slots=True)
class Standing:
    """With one mechanism: since when it is there, whether it was opened, and what the mechanism says.

    It is shown as opened when its accesses are. `standing` is one of `STANDINGS`, None if nothing was
    said, and `day` is when it was said; `question` is whether the newest message is the mechanism's.
    `origin` is the mechanism that handed it over to this one, None where the person named it.
    """

    mechanism: str
    received: str
    read: bool
    standing: str | None
    day: str | None
    question: bool
    origin: str | None


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A withdrawal, what became of the grants, and the mechanism's answer if there is one."""

    mechanism: str
    revision: int
    day: str
    outcome: str
    answer: str | None
    answered_day: str | None


@dataclass(frozen=True, slots=True)
class Deletion:
    """A deletion that waits. `withdrawals`: what each mechanism was told, the signed envelopes."""

    asked_day: str
    due_day: str
    withdrawals: Mapping[str, str]


def of(connection: Connection, record: str) -> list[Standing]:
    """One for each mechanism that has consent for the record, or was handed it over, by id."""
    received = select(records.c.received_day).where(records.c.id == record)
    day = connection.execute(received).scalar_one_or_none()
    if day is None:
        raise NotFound("not_found", "there is no such record")
    named = select(audience.c.mechanism).where(audience.c.record == record).order_by(audience.c.mechanism)
    opened = _readers(connection, record)
    came = {one.mechanism: one for one in handovers.of(connection, record)}
    said = {
        row.mechanism: row
        for row in connection.execute(select(c.standings).where(c.standings.c.record == record))
    }
    newest: dict[str, str] = {}
    query = select(c.messages.c.mechanism, c.messages.c.sender).where(c.messages.c.record == record)
    for row in connection.execute(query.order_by(c.messages.c.number)):
        newest[row.mechanism] = row.sender
    return [
        Standing(
            mechanism=mechanism,
            received=came[mechanism].day if mechanism in came else day,
            read=mechanism in opened,
            standing=said[mechanism].standing if mechanism in said else None,
            day=said[mechanism].day if mechanism in said else None,
            question=newest.get(mechanism) == MECHANISM,
            origin=came[mechanism].origin if mechanism in came else None,
        )
        for mechanism in connection.execute(named).scalars()
    ]


def withdrawals(connection: Connection, record: str) -> list[Withdrawn]:
    """All withdrawals of a record, oldest first."""
    query = select(c.withdrawals).where(c.withdrawals.c.record == record)
    return [
        Withdrawn(row.mechanism, row.revision, row.day, row.outcome, row.answer, row.answered_day)
        for row in connection.execute(query.order_by(*_BY_ARRIVAL))
    ]


def deletion(connection: Connection, record: str) -> Deletion | None:
    """The deletion that waits, if one does."""
    query = select(c.deletions).where(c.deletions.c.record == record)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    told = {name: envelope.decode() for name, envelope in asked(connection, record).items()}
    return Deletion(row.asked_day, row.due_day, told)


def named(connection: Connection, record: str) -> set[str]:
    """Who has consent by the person's naming it; a successor is told by its origin's withdrawal."""
    query = select(audience.c.mechanism).where(audience.c.record == record)
    return set(connection.execute(query).scalars()) - {
        one.mechanism for one in handovers.of(connection, record)
    }


def asked(connection: Connection, record: str) -> dict[str, bytes]:
    """The withdrawals by which the deletion that waits was asked for, by mechanism."""
    return {name: asking(connection, record, name) for name in sorted(named(connection, record))}


def asking(connection: Connection, record: str, mechanism: str) -> bytes:
    """The withdrawal that came to a mechanism with the newest asking for this record's deletion."""
    told = [
        select(table.c.opening, table.c.counter).where(
            table.c.record == record,
            table.c.mechanism == mechanism,
            table.c.event == Event.DELETION_ASKED,
        )
        for table in (log_entries, log_pending)
    ]
    newest = union_all(*told).subquery()
    opening = connection.execute(select(newest.c.opening).order_by(newest.c.counter.desc()).limit(1))
    return str(Opening.parse(bytes(opening.scalar_one())).values["withdrawal"]).encode()


def say(connection: Connection, record: str, mechanism: str, standing: str) -> None:
    """Write down what the mechanism says; `Invalid` if that is none of `STANDINGS`."""
    if standing not in STANDINGS:
        raise Invalid("standing_unknown", f"a standing is one of: {', '.join(STANDINGS)}")
    values = {"standing": standing, "day": clock.day()}
    here = (c.standings.c.record == record) & (c.standings.c.mechanism == mechanism)
    # The record's row is locked by whoever appends an entry about it; here already, so that two do not both
    # find nothing.
    connection.execute(select(records.c.id).where(records.c.id == record).with_for_update())
    if not connection.execute(update(c.standings).where(here).values(**values)).rowcount:
        connection.execute(insert(c.standings).values(record=record, mechanism=mechanism, **values))


def answer(connection: Connection, record: str, mechanism: str, revision: int, said: str) -> None:
    """Write down what the mechanism says became of what it had read.

    Of several withdrawals with that revision it is about the newest; earlier ones keep the answer that they
    have, and get this one if they have none.

    `Invalid` if that is none of `ANSWERS`, `NotFound` if nothing was withdrawn from this mechanism with that
    revision, `Conflict` if it said before that all is deleted: that cannot be taken back.
    """
    if said not in ANSWERS:
        raise Invalid("answer_unknown", f"an answer is one of: {', '.join(ANSWERS)}")
    table = c.withdrawals
    here = (table.c.record == record) & (table.c.mechanism == mechanism) & (table.c.revision == revision)
    query = select(table.c.number, table.c.answer).where(here).order_by(table.c.number.desc())
    found = connection.execute(query.with_for_update()).first()
    if found is None:
        raise NotFound("not_found", "there is no such withdrawal")
    if found.answer == "deleted" and said != "deleted":
        raise Conflict("answer_final", "what was answered as deleted cannot be there again")
    if found.answer != said:
        spoken_of = here & ((table.c.number == found.number) | table.c.answer.is_(None))
        connection.execute(update(table).where(spoken_of).values(answer=said, answered_day=clock.day()))


def _readers(connection: Connection, record: str) -> set[str]:
    """The mechanisms that have opened the record, by their access logs, as soon as those are shown."""
    waits, today = delays.of(connection, record), clock.day()
    found: set[str] = set()
    for table in (log_entries, log_pending):
        query = select(table.c.mechanism, table.c.opening).where(
            table.c.record == record, table.c.log == Log.ACCESS, table.c.event == Event.RECORD_OPENED
        )
        for row in connection.execute(query):
            day = date.fromisoformat(str(Opening.parse(bytes(row.opening)).values["day"]))
            if (day + timedelta(days=waits.get(row.mechanism, 0))).isoformat() <= today:
                found.add(row.mechanism)
    return found
