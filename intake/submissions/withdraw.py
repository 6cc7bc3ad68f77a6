"""Taking back what a mechanism was granted: release stops at once, and what can be destroyed is.

    never opened by it                         its grants are deleted: "destroyed"
    opened                                     deleted as well, but it may have copies: "deleted"
    opened, and the profile under which        kept, and released to nobody: "locked"
    consent was given announces a legal hold

The mechanism learns of it by a tombstone in its records log, and answers what became of its copies.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, exists, insert, or_, select, update

from intake import clock
from intake.audit import log
from intake.audit.events import Event
from intake.db.tables import people
from intake.db.tables import submissions as t
from intake.db.tables.audit import log_entries, log_pending
from intake.db.tables.coming_back import withdrawals
from intake.errors import NotFound
from intake.people import profiles


def grants(
    connection: Connection, record: str, mechanism: str, compartments: Sequence[str], since: str
) -> str:
    """Delete or lock a mechanism's grants of these compartments; what became of them.

    `since` is the day on which its consent was given.
    """
    theirs = (
        (t.grants.c.record == record)
        & (t.grants.c.mechanism == mechanism)
        & t.grants.c.compartment.in_(compartments)
    )
    opened = was_opened(connection, record, mechanism)
    if opened and _hold_announced(connection, mechanism, since):
        connection.execute(update(t.grants).where(theirs).values(locked=True))
        return "locked"
    connection.execute(delete(t.grants).where(theirs))
    return "deleted" if opened else "destroyed"


def tombstone(
    connection: Connection, record: str, mechanism: str, revision: int, document: bytes, outcome: str
) -> None:
    """Write the withdrawal down, and tell the mechanism in its next pull."""
    connection.execute(
        insert(withdrawals).values(
            record=record,
            mechanism=mechanism,
            revision=revision,
            document=document,
            day=clock.day(),
            outcome=outcome,
        )
    )
    log.append(
        connection,
        mechanism,
        Event.CONSENT_WITHDRAWN,
        record=record,
        revision=revision,
        withdrawal=document.decode(),
    )


def by_mechanism(connection: Connection, record: str, mechanism: str, document: bytes) -> str:
    """A withdrawal that two of the mechanism's members verified, without a receipt; the outcome.

    The statement goes on to name the mechanism: only a receipt's key could sign another. The next
    revision leaves it out.
    """
    current = select(t.records.c.revision, t.records.c.received_day).where(t.records.c.id == record)
    row = connection.execute(current.with_for_update()).one_or_none()
    mine = (t.audience.c.record == record) & (t.audience.c.mechanism == mechanism)
    if row is None or connection.execute(select(t.audience.c.record).where(mine)).first() is None:
        raise NotFound("not_found", "there is no such record")
    compartments = granted(connection, record, mechanism)
    outcome = grants(connection, record, mechanism, compartments, row.received_day)
    connection.execute(delete(t.audience).where(mine))
    tombstone(connection, record, mechanism, row.revision, document, outcome)
    return outcome


def _hold_announced(connection: Connection, mechanism: str, day: str) -> bool:
    """Whether every profile that may have been shown on this day announced a legal hold."""
    theirs = select(people.profiles.c.version).where(people.profiles.c.mechanism == mechanism)
    newest = theirs.where(people.profiles.c.day < day).order_by(people.profiles.c.version.desc()).limit(1)
    same_day = theirs.where(people.profiles.c.day == day)
    versions = [*connection.execute(newest).scalars(), *connection.execute(same_day).scalars()]
    return bool(versions) and all(profiles.get(connection, mechanism, v).hold for v in versions)


def granted(connection: Connection, record: str, mechanism: str) -> list[str]:
    """The compartments that a mechanism has a grant of."""
    theirs = (t.grants.c.record == record) & (t.grants.c.mechanism == mechanism)
    return list(connection.execute(select(t.grants.c.compartment).where(theirs)).scalars())


def was_opened(connection: Connection, record: str, mechanism: str) -> bool:
    """Whether the mechanism's access log has an entry that it was shown anything of the record."""
    shown = (Event.RECORD_OPENED, Event.PART_DOWNLOADED)
    found = [
        exists(table.c.leaf).where(
            table.c.record == record, table.c.mechanism == mechanism, table.c.event.in_(shown)
        )
        for table in (log_entries, log_pending)
    ]
    return bool(connection.execute(select(or_(*found))).scalar_one())
