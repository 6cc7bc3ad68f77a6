"""Taking back what a mechanism was granted: release stops at once, and what can be destroyed is.

    never shown to it                          its grants are deleted: "destroyed"
    shown, if only its triage card             deleted as well, but it may have copies: "deleted"
    opened, and the profile under which        kept, and released to nobody: "locked"
    consent was given announces a legal hold

The mechanism learns of it by a tombstone in its records log, and answers what became of its copies. So
does a successor that the record was handed over to: what is taken back from its origin is taken back from
it, and never locked, as nobody was told of a hold of it before consenting. Receipts that its members
restored are its window: they lose what it loses, and end with its consent.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, delete, exists, func, insert, or_, select, tuple_, update

from crypto.encoding import Json, b64u_encode, canonical_json
from crypto.errors import CryptoError
from crypto.statement import AudienceEntry, statement_hash
from crypto.withdrawal import CONSENT, DELETION, Withdrawal, verify_withdrawal
from intake import clock
from intake.audit import log
from intake.audit.events import Event
from intake.db.engine import Database
from intake.db.tables import submissions as t
from intake.db.tables.audit import log_entries, log_pending
from intake.db.tables.coming_back import receipts, restorations, withdrawals
from intake.errors import Conflict, Forbidden, Invalid, NotFound
from intake.submissions import handovers, holds, reviewed
from intake.submissions.handovers import Handover
from intake.submissions.mailbox import OwnRecord

MOST_TOLD = 48 * 1024  # bytes of a statement as JSON that goes into an entry: its opening has 64 KiB


def grants(connection: Connection, record: str, mechanism: str, compartments: Sequence[str]) -> str:
    """Delete or lock a mechanism's grants of these compartments; what became of them.

    Those of receipts that it restored are deleted as well. If it is out of the audience by now, so are
    these receipts. What an earlier hold has locked stays as it is.
    """
    theirs = (
        (t.grants.c.record == record)
        & (t.grants.c.mechanism == mechanism)
        & t.grants.c.compartment.in_(compartments)
        & ~t.grants.c.locked
    )
    _narrow_restored(connection, record, mechanism, compartments)
    reviewed.narrow(connection, record, mechanism, compartments)
    opened = _shown(connection, record, mechanism, Event.RECORD_OPENED, Event.PART_DOWNLOADED)
    if opened and holds.binding(connection, record, mechanism) is not None:
        connection.execute(update(t.grants).where(theirs).values(locked=True))
        return "locked"
    connection.execute(delete(t.grants).where(theirs))
    reviewed.forget_entries(connection, record, mechanism, compartments)
    if _ended(connection, record, mechanism):
        reviewed.forget_work(connection, record, mechanism)
    # A card that somebody was given is enough for copies, and too little for a law to keep the rest.
    carded = opened or _shown(connection, record, mechanism, Event.TRIAGE_READ)
    return "deleted" if carded else "destroyed"


def _narrow_restored(
    connection: Connection, record: str, mechanism: str, compartments: Sequence[str]
) -> None:
    mine = (receipts.c.record == record) & (receipts.c.mechanism == mechanism)
    waiting = (
        (restorations.c.record == record)
        & (restorations.c.mechanism == mechanism)
        & (restorations.c.state == "waiting")
    )
    theirs = select(receipts.c.recipient).where(mine)
    theirs_later = select(restorations.c.recipient).where(waiting)
    ended = _ended(connection, record, mechanism)
    windows = delete(t.grants).where(
        t.grants.c.record == record,
        t.grants.c.mechanism.is_(None),
        or_(t.grants.c.recipient.in_(theirs), t.grants.c.recipient.in_(theirs_later)),
    )
    connection.execute(windows if ended else windows.where(t.grants.c.compartment.in_(compartments)))
    if ended:
        connection.execute(delete(receipts).where(mine))
        for id in connection.execute(select(restorations.c.id).where(waiting)).scalars().all():
            connection.execute(update(restorations).where(restorations.c.id == id).values(state="refused"))
            log.append(connection, mechanism, Event.RESTORATION_REFUSED, record=record, restoration=id)


def _ended(connection: Connection, record: str, mechanism: str) -> bool:
    """Whether the mechanism has no consent for the record any more."""
    there = (t.audience.c.record == record) & (t.audience.c.mechanism == mechanism)
    return connection.execute(select(t.audience.c.record).where(there)).first() is None


def tombstone(
    connection: Connection,
    record: str,
    mechanism: str,
    revision: int,
    document: bytes,
    outcome: str,
    origin: str | None = None,
    signed: tuple[bytes, bytes] | None = None,
) -> None:
    """Write the withdrawal down, and tell the mechanism in its next pull.

    With `origin`, the document is about that one, whose successor the mechanism is. Where nobody signed the
    document, `signed` is the statement that ends the consent, and its signature: it is told as well if it is
    not too long. The caller has locked the record. At one revision there can be several: a restored receipt
    and members write none of their own.
    """
    newest = select(func.coalesce(func.max(withdrawals.c.number), 0)).where(
        withdrawals.c.record == record, withdrawals.c.mechanism == mechanism
    )
    number = 1 + int(connection.execute(newest).scalar_one())
    connection.execute(
        insert(withdrawals).values(
            record=record,
            mechanism=mechanism,
            number=number,
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
        **_came_from(origin),
        **_signed(signed),
    )


def _came_from(origin: str | None) -> dict[str, Json]:
    return {} if origin is None else {"from": origin}


def _signed(revision: tuple[bytes, bytes] | None) -> dict[str, Json]:
    if revision is None:
        return {}
    text, signature = revision[0].decode(), b64u_encode(revision[1])
    return {"statement": text, "signature": signature} if len(canonical_json(text)) <= MOST_TOLD else {}


def successors(
    connection: Connection, record: str, origin: str, revision: int, document: bytes
) -> dict[str, str]:
    """Take everything from those that have the record as successors of `origin`; the outcomes."""
    return {
        one.mechanism: successor(connection, record, one, revision, document)
        for one in handovers.of(connection, record)
        if one.origin == origin
    }


def successor(
    connection: Connection,
    record: str,
    one: Handover,
    revision: int,
    document: bytes,
    compartments: Sequence[str] | None = None,
    signed: tuple[bytes, bytes] | None = None,
) -> str:
    """Take these compartments from a successor, or all, and tell it by its origin's document.

    `signed` is what `tombstone` says.
    """
    held = granted(connection, record, one.mechanism)
    taken = held if compartments is None else compartments
    whole = set(held) <= set(taken)
    if whole:
        mine = (t.audience.c.record == record) & (t.audience.c.mechanism == one.mechanism)
        connection.execute(delete(t.audience).where(mine))
    outcome = grants(connection, record, one.mechanism, taken)
    if whole:
        handovers.end(connection, record, one.mechanism)
    tombstone(connection, record, one.mechanism, revision, document, outcome, one.origin, signed)
    return outcome


def narrowed(record: str, mechanism: str, revision: int, statement: str) -> bytes:
    """What successors are told where no withdrawal was signed: the tick for them is gone.

    `statement` is the hash of the signed statement of that revision, which the entry holds beside it.
    """
    document: Json = {
        "v": 1,
        "record": record,
        "mechanism": mechanism,
        "day": clock.day(),
        "whole": True,
        "compartments": [],
        "revision": revision,
        "statement": statement,
    }
    return canonical_json({"document": document, "signature": None})


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
    connection.execute(delete(t.audience).where(mine))
    outcome = grants(connection, record, mechanism, granted(connection, record, mechanism))
    handovers.end(connection, record, mechanism)
    tombstone(connection, record, mechanism, row.revision, document, outcome)
    successors(connection, record, mechanism, row.revision, document)
    return outcome


def by_restored(database: Database, own: OwnRecord, envelopes: Mapping[str, bytes]) -> dict[str, str]:
    """The withdrawal of a whole consent by a restored receipt, which cannot sign revisions; the outcomes.

    It takes back the consent of the mechanism that restored it, no other one's, and ends with it.
    """
    if not own.restored:
        raise Conflict("not_restored", "this receipt signs revisions: withdraw by one")
    if not envelopes:
        raise Invalid("withdrawal_missing", "no withdrawal was sent")
    if set(envelopes) != {own.mechanism}:
        raise Forbidden("receipt_restored", "this receipt withdraws from the mechanism that restored it")
    for mechanism, envelope in envelopes.items():
        if not verified(own, mechanism, envelope).whole:
            raise Invalid("withdrawal_other", "a restored receipt withdraws the whole consent")
    outcomes: dict[str, str] = {}
    with database.write() as connection:
        here = select(t.records.c.id).where(t.records.c.id == own.record)
        connection.execute(here.with_for_update())  # one at a time
        for mechanism, envelope in sorted(envelopes.items()):
            if not _outcomes(connection, own.record, envelope):
                by_mechanism(connection, own.record, mechanism, envelope)
            outcomes |= _outcomes(connection, own.record, envelope)
    database.forget()
    return outcomes


def verified(own: OwnRecord, mechanism: str, envelope: bytes, kind: str = CONSENT) -> Withdrawal:
    """What an envelope says, signed by this receipt about this record, its newest revision and mechanism.

    `Invalid` otherwise: an envelope of another time or occasion would say what nobody wants now.
    """
    try:
        said = verify_withdrawal(envelope, own.sign_key)
    except CryptoError as error:
        raise Invalid("withdrawal_invalid", str(error)) from error
    if (said.record, said.mechanism) != (own.record, mechanism):
        raise Invalid("withdrawal_other", "a withdrawal of another record or mechanism")
    newest = (len(own.revisions), statement_hash(own.revisions[-1][0]))
    if (said.revision, said.statement) != newest or said.kind != kind:
        raise Invalid("withdrawal_other", "a withdrawal of another revision or occasion")
    if kind == DELETION and said.nonce is None:
        raise Invalid("withdrawal_other", "a withdrawal that asks for a deletion has a nonce")
    return said


def unlock(connection: Connection, record: str, granted_again: Sequence[AudienceEntry]) -> None:
    """Let go of grants that a hold had locked, where the person has just granted the same again."""
    keys = [(a.compartment, a.recipient) for a in granted_again]
    if keys:
        same = tuple_(t.grants.c.compartment, t.grants.c.recipient).in_(keys)
        connection.execute(delete(t.grants).where(t.grants.c.record == record, t.grants.c.locked, same))


def _outcomes(connection: Connection, record: str, document: bytes) -> dict[str, str]:
    """What a withdrawal did, by mechanism: the one that it is about, and successors of that."""
    same = (withdrawals.c.record == record) & (withdrawals.c.document == document)
    query = select(withdrawals.c.mechanism, withdrawals.c.outcome).where(same)
    return {row.mechanism: row.outcome for row in connection.execute(query)}


def granted(connection: Connection, record: str, mechanism: str) -> list[str]:
    """The compartments that a mechanism has a grant of, which is not locked."""
    theirs = (t.grants.c.record == record) & (t.grants.c.mechanism == mechanism) & ~t.grants.c.locked
    return list(connection.execute(select(t.grants.c.compartment).where(theirs)).scalars())


def _shown(connection: Connection, record: str, mechanism: str, *events: Event) -> bool:
    """Whether the mechanism's access log has one of these entries about the record."""
    found = [
        exists(table.c.leaf).where(
            table.c.record == record, table.c.mechanism == mechanism, table.c.event.in_(events)
        )
        for table in (log_entries, log_pending)
    ]
    return bool(connection.execute(select(or_(*found))).scalar_one())
