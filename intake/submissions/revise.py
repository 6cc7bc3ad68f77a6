"""Later revisions of a record: added, corrected, granted, withdrawn. Nothing is ever overwritten.

A revision is a whole statement, signed by the receipt's key, that names the hash of the one before. What
the earlier one named stays; what changes is who is granted what. The order is that of `receive`.
"""

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import Connection, delete, select, update

from crypto import statement
from crypto.errors import CryptoError, VerifyError
from crypto.statement import AudienceEntry, ConsentEntry, Statement
from crypto.withdrawal import Withdrawal
from intake.audit import log
from intake.audit.events import Event
from intake.db.engine import Database
from intake.db.tables import submissions as t
from intake.db.tables.coming_back import deletions, drafts, withdrawals
from intake.errors import Conflict, Invalid, TooLarge
from intake.settings import MIB
from intake.store.blobs import BlobStore
from intake.submissions import checks, handovers, rows, withdraw
from intake.submissions.arrived import Outcome, Request, Revision
from intake.submissions.mailbox import OwnRecord, require_first
from intake.submissions.receive import store_once
from intake.submissions.rows import MergeDelay

MAX_REVISIONS = 500  # of a record
MAX_WITHDRAWING = 1000  # … with those that only take back: a full record does not hold anybody to a consent
MAX_STATEMENTS = 16 * MIB  # bytes of all statements together: everybody who opens the record reads them


class Reviser:
    """Accepts revisions of one's own record. Blocks."""

    def __init__(self, database: Database, store: BlobStore, delay: MergeDelay) -> None:
        self._database = database
        self._store = store
        self._delay = delay

    def accept(self, own: OwnRecord, revision: Revision, request: Request) -> Outcome:
        """Check and store the next revision of a record that the receipt has opened.

        `Conflict` if another revision was faster, or the record is about to be deleted; `Invalid` if it
        does not hold. Then nothing is stored.
        """
        require_first(own)
        before = statement.parse(own.revisions[-1][0])
        checked = self._checked(revision, before, own)
        said = {m: withdraw.verified(own, m, envelope) for m, envelope in revision.withdrawals.items()}

        def store_rows(connection: Connection, blobs: Mapping[str, str]) -> Outcome:
            return self._store_rows(connection, revision, checked, before, blobs, request, said)

        outcome = store_once(
            self._database, self._store, revision.parts, request, checked.revision, store_rows
        )
        if not outcome.fresh:
            outcome = self.repeated(own.record, request, revision.statement) or outcome
        if outcome.withdrawn:
            self._database.forget()
        return outcome

    def repeated(self, record: str, request: Request, signed: bytes) -> Outcome | None:
        """The first answer to this request, if there was one. `Invalid` if the body was another."""
        try:
            revision = statement.parse(signed).revision
        except CryptoError as error:
            raise Invalid("statement_invalid", str(error)) from error
        return self.repeated_at(record, request, revision)

    def repeated_at(self, record: str, request: Request, revision: int) -> Outcome | None:
        """The same, for a request that made this revision, or one after it."""
        with self._database.read() as connection:
            outcome = rows.repeated(connection, request, revision)
            if outcome is None:
                return None
            if outcome.record != record:
                raise Invalid("key_reused", "this idempotency key was used for another record")
            query = select(withdrawals.c.mechanism, withdrawals.c.outcome).where(
                withdrawals.c.record == record, withdrawals.c.revision == revision
            )
            found: dict[str, str] = {}
            for row in connection.execute(query.order_by(withdrawals.c.number)):
                found.setdefault(row.mechanism, row.outcome)  # later ones are somebody else's
            return replace(outcome, withdrawn=tuple(sorted(found.items())))

    def _checked(self, revision: Revision, before: Statement, own: OwnRecord) -> Statement:
        try:
            checked = statement.verify(revision.statement, revision.signature)
            if checked.revision != before.revision + 1:
                raise Conflict("revision_behind", "the record has changed meanwhile: read it again")
            _require_next(checked, before, own, len(revision.statement))
            if (
                checked.parts[: len(before.parts)] != before.parts
                or checked.compartments[: len(before.compartments)] != before.compartments
            ):
                raise Invalid("revision_drops", "a revision keeps every part and compartment, in their order")
            new = {c.id for c in checked.compartments[len(before.compartments) :]}
            checks.parts(revision.parts, checked.parts[len(before.parts) :])
            checks.grants(revision.grants, _added(checked, before), checked, new)
        except CryptoError as error:
            raise Invalid("statement_invalid", str(error)) from error
        checks.day(checked.created_day)
        return checked

    def _store_rows(
        self,
        connection: Connection,
        revision: Revision,
        checked: Statement,
        before: Statement,
        blobs: Mapping[str, str],
        request: Request,
        said: Mapping[str, Withdrawal],
    ) -> Outcome:
        record = checked.record
        _advance(connection, checked, before, revision)
        earlier = {c.mechanism: c for c in before.consent}
        changed = [c for c in checked.consent if not _narrower(c, earlier.get(c.mechanism))]
        added = _added(checked, before)
        checks.readers(connection, checked, changed, added)
        rows.signed(connection, checked, revision.statement, revision.signature)
        rows.compartments(connection, record, checked.compartments[len(before.compartments) :])
        rows.audience(connection, record, checked.consent)
        handovers.supersede(connection, record, checked.consent)
        handovers.follow(connection, record, checked.consent)
        rows.parts(connection, record, checked.parts[len(before.parts) :], revision.parts, blobs, self._delay)
        withdraw.unlock(connection, record, added)
        rows.grants(connection, record, added, revision.grants)
        rows.take_uploads(connection, revision.upload_ids)
        rows.answer(connection, request, record)
        if revision.drafts is not None:
            connection.execute(delete(drafts).where(drafts.c.lookup == revision.drafts))
        withdrawn = _withdrawn(connection, revision, checked, before, said)
        _require_grants(connection, checked)
        for name in sorted(c.mechanism for c in checked.consent):
            event = Event.RECORD_REVISED if name in earlier else Event.RECORD_ADDED
            log.append(connection, name, event, record=record, revision=checked.revision)
        for one in handovers.of(connection, record):
            told = {"revision": checked.revision, "from": one.origin}
            log.append(connection, one.mechanism, Event.RECORD_REVISED, record=record, **told)
        hashed = statement.statement_hash(revision.statement)
        return Outcome(record, hashed, True, checked.revision, tuple(withdrawn.items()))


def _require_next(checked: Statement, before: Statement, own: OwnRecord, size: int) -> None:
    """It follows from the newest one, and changes something, within what a record may have; `size` bytes.

    The ones before were verified when they came, and are not verified again: a record's id follows from its
    keys, so that the same record means the same signer.
    """
    if checked.record != before.record:
        raise VerifyError("a revision belongs to another record")
    if checked.previous != statement.statement_hash(own.revisions[-1][0]):
        raise VerifyError("a revision is missing, repeated or out of order")
    new = _added(checked, before)
    if checked.parts == before.parts and checked.compartments == before.compartments and not new:
        if set(checked.audience) == set(before.audience) and set(checked.consent) == set(before.consent):
            raise Invalid("revision_empty", "a revision changes something")
        earlier = {c.mechanism: c for c in before.consent}
        if all(_narrower(c, earlier.get(c.mechanism)) for c in checked.consent):
            _require_room(checked.revision, 0, MAX_WITHDRAWING)
            return
    _require_room(checked.revision, sum(len(data) for data, _ in own.revisions) + size, MAX_REVISIONS)


def _require_room(revision: int, size: int, most: int) -> None:
    if revision > most or size > MAX_STATEMENTS:
        raise TooLarge("record_full", "the record takes no more revisions; withdrawals go on", limit=most)


def _added(checked: Statement, before: Statement) -> list[AudienceEntry]:
    return [a for a in checked.audience if a not in set(before.audience)]


def _narrower(consent: ConsentEntry, before: ConsentEntry | None) -> bool:
    """Whether it allows nothing that was not allowed before: possible even if nothing new is taken."""
    if before is None:
        return False
    sooner = before.expires is None or (consent.expires is not None and consent.expires <= before.expires)
    return consent == before or (
        set(consent.purposes) <= set(before.purposes) and sooner and consent.successor <= before.successor
    )


def _advance(connection: Connection, checked: Statement, before: Statement, revision: Revision) -> None:
    """The record's row, locked: one revision at a time, each after the one that it names."""
    here = t.records.c.id == checked.record
    current = select(t.records.c.revision).where(here).with_for_update()
    if connection.execute(current).scalar_one_or_none() != before.revision:
        raise Conflict("revision_behind", "the record has changed meanwhile: read it again")
    if connection.execute(select(deletions.c.record).where(deletions.c.record == checked.record)).first():
        raise Conflict("deletion_pending", "the record is about to be deleted: cancel that first")
    connection.execute(update(t.records).where(here).values(revision=checked.revision))


def _withdrawn(
    connection: Connection,
    revision: Revision,
    checked: Statement,
    before: Statement,
    said: Mapping[str, Withdrawal],
) -> dict[str, str]:
    """Carry out what the new audience takes back; what became of it, by mechanism."""
    kept = {(a.mechanism, a.compartment) for a in checked.audience}
    taken: dict[str, list[str]] = {}
    for entry in before.audience:
        if (entry.mechanism, entry.compartment) not in kept:
            taken.setdefault(entry.mechanism, []).append(entry.compartment)
    if set(taken) != set(revision.withdrawals):
        raise Invalid("withdrawal_missing", "each mechanism that loses a grant gets a signed withdrawal")
    outcomes = {}
    for name in sorted(taken):
        whole = name not in {c.mechanism for c in checked.consent}
        if (said[name].whole, set(said[name].compartments)) != (whole, set(taken[name])):
            raise Invalid("withdrawal_other", "a withdrawal says something else than the statement")
        outcomes[name] = withdraw.grants(connection, checked.record, name, taken[name])
        withdraw.tombstone(
            connection, checked.record, name, checked.revision, revision.withdrawals[name], outcomes[name]
        )
    return outcomes | _from_successors(connection, revision, checked, taken)


def _from_successors(
    connection: Connection, revision: Revision, checked: Statement, taken: Mapping[str, list[str]]
) -> dict[str, str]:
    """Whoever was handed the record over loses what its origin loses, and all with the tick for it."""
    outcomes = {}
    allowed = {c.mechanism: c.successor for c in checked.consent}
    record, number = checked.record, checked.revision
    for one in handovers.of(connection, record):
        signed = revision.withdrawals.get(one.origin)
        if not allowed.get(one.origin):
            shown = None
            if one.origin in allowed or signed is None:
                hashed = statement.statement_hash(revision.statement)
                signed = withdraw.narrowed(record, one.origin, number, hashed)
                shown = (revision.statement, revision.signature)
            outcomes[one.mechanism] = withdraw.successor(
                connection, record, one, number, signed, signed=shown
            )
            continue
        held = withdraw.granted(connection, record, one.mechanism)
        lost = [compartment for compartment in taken.get(one.origin, ()) if compartment in held]
        if lost and signed is not None:
            outcomes[one.mechanism] = withdraw.successor(connection, record, one, number, signed, lost)
    return outcomes


def _require_grants(connection: Connection, checked: Statement) -> None:
    """Everybody named can open what is named: members may have withdrawn a mechanism meanwhile."""
    query = select(t.grants.c.mechanism, t.grants.c.compartment, t.grants.c.recipient)
    held = connection.execute(query.where(t.grants.c.record == checked.record, ~t.grants.c.locked))
    there = {(row.mechanism, row.compartment, row.recipient) for row in held}
    if any((a.mechanism, a.compartment, a.recipient) not in there for a in checked.audience):
        raise Invalid("grant_missing", "a grant that the statement goes on to name is gone: leave it out")
