"""Which other records carry the same photo or video: payloads that the merge found to be equal.

A reviewer learns it of records that they see, and of compartments that are open to them in both. What says
how a medium came, its label, is opened by the browser. Before the merge, which waits for a random time,
equal media are not known to be: how many of a record's media still wait is told with the others.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, select

from crypto.statement import BINARY_KINDS
from intake.audit.events import Event
from intake.db.engine import Database
from intake.db.tables import submissions as t
from intake.people.reader import Reader
from intake.reviewing.rights import is_open
from intake.reviewing.visible import require_visible, visible_of
from intake.sharing.access import Access, Visit, What
from intake.sharing.consented import known

MOST = 500  # others of one record's media that are listed


@dataclass(frozen=True, slots=True)
class Other:
    """Where else a medium is: a part of another record, and the ISO week in which that record came."""

    part: str
    record: str
    other: str
    week: str


@dataclass(frozen=True, slots=True)
class Compared:
    """Others that carry the same media, and how many media of the record were not compared yet."""

    others: list[Other]
    waiting: int


class SameMedia:
    """Finds equal media, through `Access` only. Blocks."""

    def __init__(self, database: Database, access: Access) -> None:
        self._database = database
        self._access = access

    def of(self, visit: Visit, record: str) -> Compared:
        """By part of this record: the parts of others with the same payload."""
        what = What(Event.SAME_MEDIA_LISTED, known(record))
        reader = self._access.admitted(visit, what, lambda c, r: require_visible(c, r, record))
        with self._database.read() as connection:
            return Compared(_others(connection, reader, record), _waiting(connection, reader, record))


def _others(connection: Connection, reader: Reader, record: str) -> list[Other]:
    mine, others = t.parts.alias("mine"), t.parts.alias("others")
    query = (
        select(mine.c.id, others.c.record, others.c.id.label("other"), t.records.c.received_day)
        .join(others, (others.c.blob == mine.c.blob) & (others.c.record != mine.c.record))
        .join(t.records, t.records.c.id == others.c.record)
        .where(mine.c.record == record, mine.c.kind.in_(BINARY_KINDS), others.c.kind.in_(BINARY_KINDS))
        .where(is_open(reader, mine.c.record, mine.c.compartment))
        .where(is_open(reader, others.c.record, others.c.compartment))
        .order_by(mine.c.id, others.c.record, others.c.id)
    )
    found = connection.execute(query).all()
    seen = visible_of(connection, reader, [row.record for row in found])
    return [Other(r.id, r.record, r.other, _week(r.received_day)) for r in found if r.record in seen][:MOST]


def _waiting(connection: Connection, reader: Reader, record: str) -> int:
    query = (
        select(func.count())
        .select_from(t.parts.join(t.payloads, t.payloads.c.blob == t.parts.c.blob))
        .where(t.parts.c.record == record, t.parts.c.kind.in_(BINARY_KINDS))
        .where(t.payloads.c.merge_after.is_not(None))
        .where(is_open(reader, t.parts.c.record, t.parts.c.compartment))
    )
    return connection.execute(query).scalar_one()


def _week(day: str) -> str:
    year, week, _ = date.fromisoformat(day).isocalendar()
    return f"{year}-W{week:02}"
