"""Taking back what a mechanism was granted: release stops at once, and what can be destroyed is.

    never opened by it                         its grants are deleted: "destroyed"
    opened                                     deleted as well, but it may have copies: "deleted"
    opened, and the profile under which        kept, and released to nobody: "locked"
    consent was given announces a legal hold

The mechanism learns of it by a tombstone in its records log, and answers what became of its copies.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, delete, exists, insert, or_, select, tuple_, union_all, update

from crypto.errors import CryptoError
from crypto.log_leaf import Opening
from crypto.statement import AudienceEntry
from crypto.withdrawal import Withdrawal, verify_withdrawal
from intake import clock
from intake.audit import log
from intake.audit.events import Event
from intake.db.engine import Database
from intake.db.tables import submissions as t
from intake.db.tables.audit import log_entries, log_pending
from intake.db.tables.coming_back import withdrawals
from intake.errors import Conflict, Invalid, NotFound
from intake.people import profiles
from intake.submissions.mailbox import OwnRecord


def grants(connection: Connection, record: str, mechanism: str, compartments: Sequence[str]) -> str:
    """Delete or lock a mechanism's grants of these compartments; what became of them."""
    theirs = (
        (t.grants.c.record == record)
        & (t.grants.c.mechanism == mechanism)
        & t.grants.c.compartment.in_(compartments)
    )
    opened = was_opened(connection, record, mechanism)
    if opened and profiles.announces_hold(connection, mechanism, consent_day(connection, record, mechanism)):
        connection.execute(update(t.grants).where(theirs).values(locked=True))
        return "locked"
    connection.execute(delete(t.grants).where(theirs))
    return "deleted" if opened else "destroyed"


def tombstone(
    connection: Connection, record: str, mechanism: str, revision: int, document: bytes, outcome: str
) -> None:
    """Write the withdrawal down, and tell the mechanism in its next pull.

    A second one at the same revision (of a restored receipt, of members) takes the first one's place: it
    is the wider one.
    """
    connection.execute(
        delete(withdrawals).where(
            withdrawals.c.record == record,
            withdrawals.c.mechanism == mechanism,
            withdrawals.c.revision == revision,
        )
    )
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
    """A withdrawal without a new statement, verified by the caller; the outcome.

    For what two of the mechanism's members ask for, and for restored receipts. The statement goes on to
    name the mechanism: only a receipt's key could sign another. The next revision leaves it out.
    """
    current = select(t.records.c.revision).where(t.records.c.id == record)
    row = connection.execute(current.with_for_update()).one_or_none()
    mine = (t.audience.c.record == record) & (t.audience.c.mechanism == mechanism)
    if row is None or connection.execute(select(t.audience.c.record).where(mine)).first() is None:
        raise NotFound("not_found", "there is no such record")
    outcome = grants(connection, record, mechanism, granted(connection, record, mechanism))
    connection.execute(delete(t.audience).where(mine))
    tombstone(connection, record, mechanism, row.revision, document, outcome)
    return outcome


def by_restored(database: Database, own: OwnRecord, envelopes: Mapping[str, bytes]) -> dict[str, str]:
    """Withdrawals of whole consents by a restored receipt, which cannot sign revisions; the outcomes.

    All of them or none. What was withdrawn before is told as it was then.
    """
    if not own.restored:
        raise Conflict("not_restored", "this receipt signs revisions: withdraw by one")
    if not envelopes:
        raise Invalid("withdrawal_missing", "no withdrawal was sent")
    for mechanism, envelope in envelopes.items():
        if not verified(own, mechanism, envelope).whole:
            raise Invalid("withdrawal_other", "a restored receipt withdraws the whole consent")
    outcomes: dict[str, str] = {}
    with database.write() as connection:
        here = select(t.records.c.id).where(t.records.c.id == own.record)
        connection.execute(here.with_for_update())  # one at a time
        for mechanism, envelope in sorted(envelopes.items()):
            outcomes[mechanism] = _before(connection, own.record, mechanism, envelope) or by_mechanism(
                connection, own.record, mechanism, envelope
            )
    database.forget()
    return outcomes


def verified(own: OwnRecord, mechanism: str, envelope: bytes) -> Withdrawal:
    """What an envelope says, signed by this receipt about this record and mechanism; or `Invalid`."""
    try:
        said = verify_withdrawal(envelope, own.sign_key)
    except CryptoError as error:
        raise Invalid("withdrawal_invalid", str(error)) from error
    if (said.record, said.mechanism) != (own.record, mechanism):
        raise Invalid("withdrawal_other", "a withdrawal of another record or mechanism")
    return said


def unlock(connection: Connection, record: str, granted_again: Sequence[AudienceEntry]) -> None:
    """Let go of grants that a hold had locked, where the person has just granted the same again."""
    keys = [(a.compartment, a.recipient) for a in granted_again]
    if keys:
        same = tuple_(t.grants.c.compartment, t.grants.c.recipient).in_(keys)
        connection.execute(delete(t.grants).where(t.grants.c.record == record, t.grants.c.locked, same))


def consent_day(connection: Connection, record: str, mechanism: str) -> str:
    """The day since which the mechanism has had consent without a break, as its records log says."""
    mine = [
        select(table.c.opening, table.c.counter).where(
            table.c.record == record,
            table.c.mechanism == mechanism,
            table.c.event == Event.RECORD_ADDED,
        )
        for table in (log_entries, log_pending)
    ]
    newest = union_all(*mine).subquery()
    opening = connection.execute(select(newest.c.opening).order_by(newest.c.counter.desc()).limit(1))
    return str(Opening.parse(bytes(opening.scalar_one())).values["day"])


def _before(connection: Connection, record: str, mechanism: str, document: bytes) -> str | None:
    same = (withdrawals.c.record == record) & (withdrawals.c.mechanism == mechanism)
    query = select(withdrawals.c.outcome).where(same, withdrawals.c.document == document)
    return connection.execute(query).scalars().first()


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
