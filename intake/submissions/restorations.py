"""Lost receipts: two members of a mechanism ask for a second one, and whoever has the first can object.

    waiting ──14 days──▶ done        the new receipt opens what its mechanism may open, beside the old one
       │                  │
       └────objection─────┴▶ refused  its grants are gone, and so is the receipt

The two signatures are the credential: nothing else is asked of who sends them. A new receipt is granted
only what the asking mechanism can open itself, so it learns nothing by it, and ends with that one's consent
(`withdraw`). A withdrawal that two members ask for concerns their own mechanism alone, takes effect at
once, and is known by its document ever after: nobody carries it out again when the person consents anew.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Connection, Row, delete, insert, select, union_all, update
from sqlalchemy.exc import IntegrityError

from crypto.compartments import check_grant_form
from crypto.errors import CryptoError
from crypto.objection import RESTORATION
from crypto.restoration import NewReceipt, Restoration, parse_envelope, verify_restoration
from intake import clock, logs
from intake.audit import log
from intake.audit.events import Event
from intake.db.engine import Database
from intake.db.tables import coming_back as c
from intake.db.tables import submissions as t
from intake.errors import Conflict, Forbidden, Invalid, NotFound
from intake.people import mechanisms, members
from intake.submissions import objections, withdraw
from intake.submissions.mailbox import OwnRecord, require_first
from intake.submissions.messages import require_open
from intake.submissions.secrets import Pepper

DAYS = 14  # in which the first receipt's holder can object
_SIGNED_WITHIN = 30  # days: two members may be in two places, but nothing old is dug out
WAITING, REFUSED, DONE = "waiting", "refused", "done"
_OF_RECEIPTS = c.restorations.c.lookup.is_not(None)  # the others are withdrawals, kept to be recognised


@dataclass(frozen=True, slots=True, repr=False)
class NewGrant:
    """A compartment's identity for the new receipt: compartment, its fingerprint, age file."""

    compartment: str
    recipient: str
    file: bytes


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of asking: the restoration's id with its state and day, or a withdrawal's outcome."""

    id: str
    state: str
    due_day: str | None
    outcome: str | None


@dataclass(frozen=True, slots=True, repr=False)
class Seen:
    """A restoration as the record's other receipts see it; `document` is the signed envelope."""

    id: str
    mechanism: str
    document: bytes
    asked_day: str
    due_day: str
    state: str


class Restorations:
    """Takes, shows, refuses and completes them. Blocks."""

    def __init__(self, database: Database, pepper: Pepper) -> None:
        self._database = database
        self._pepper = pepper

    def ask(self, envelope: bytes, grants: Sequence[NewGrant]) -> Asked:
        """Take what two members signed. `Invalid`, `Forbidden`, `Conflict` or `NotFound` says why not.

        Sent again, it gives the state that it has by now.
        """
        try:
            with self._database.write() as connection:
                asked = _verified(connection, envelope)
                if asked.receipt is not None:
                    return self._wait(connection, asked, asked.receipt, grants)
                done = _withdraw(connection, asked, grants)
        except IntegrityError as error:
            raise Conflict("restoration_exists", "this was just asked for") from error
        self._database.forget()  # grants that went with the consent
        return done

    def object(self, own: OwnRecord, restoration: str, objection: bytes) -> None:
        """Refuse one, at the wish of whoever has the first receipt; one that is done ends by it.

        `objection` is signed by that receipt: the mechanism's members read in the log whose word it is.
        """
        require_first(own)
        with self._database.write() as connection:
            _lock(connection, own.record)
            here = (c.restorations.c.record == own.record) & (c.restorations.c.id == restoration)
            row = connection.execute(select(c.restorations).where(here & _OF_RECEIPTS)).one_or_none()
            if row is None:
                raise NotFound("not_found", "there is no such restoration")
            objections.require(own, row.mechanism, objection, RESTORATION, row.id)
            if row.state != REFUSED:
                _refuse(connection, row, objection=objection.decode())
        self._database.forget()

    def complete_due(self) -> int:
        """Make receipts of those whose time is over; how many. Called by maintenance.

        One that fails is noted, and tried again in the next round: the others do not wait for it.
        """
        due = select(c.restorations.c.record, c.restorations.c.id).where(
            c.restorations.c.state == WAITING, c.restorations.c.due_day <= clock.day()
        )
        with self._database.read() as connection:
            rows = connection.execute(due.order_by(c.restorations.c.id)).all()
        states: list[str | None] = []
        for row in rows:
            try:
                states.append(self._complete(row.record, row.id))
            except Exception as error:
                logs.event("restoration_failed", logging.ERROR, error=error)
        if REFUSED in states:
            self._database.forget()
        return states.count(DONE)

    def _complete(self, record: str, restoration: str) -> str | None:
        """The state it has now; None if it was not due any more."""
        with self._database.write() as connection:
            with suppress(NotFound):  # erased meanwhile: then the row is gone, too
                _lock(connection, record)
            query = select(c.restorations).where(
                c.restorations.c.id == restoration, c.restorations.c.state == WAITING
            )
            row = connection.execute(query).one_or_none()
            if row is None:
                return None
            try:
                require_open(connection, row.record, row.mechanism)
                _require_unknown(connection, row.lookup)
            except Conflict:
                _refuse(connection, row)
                return REFUSED
            connection.execute(
                insert(c.receipts).values(
                    lookup=row.lookup,
                    record=row.record,
                    mechanism=row.mechanism,
                    auth=row.auth,
                    sign_key=row.sign_key,
                    recipient=row.recipient,
                    day=clock.day(),
                )
            )
            _set(connection, row, DONE, Event.RESTORATION_DONE)
            return DONE

    def _wait(
        self, connection: Connection, asked: Restoration, receipt: NewReceipt, grants: Sequence[NewGrant]
    ) -> Asked:
        before = select(c.restorations).where(c.restorations.c.id == asked.id)
        row = connection.execute(before).one_or_none()
        if row is not None:
            return Asked(row.id, row.state, row.due_day, None)
        lookup = self._pepper.lookup(receipt.lookup)
        require_open(connection, asked.record, asked.mechanism)
        waiting = select(c.restorations.c.id).where(c.restorations.c.state == WAITING)
        theirs = (c.restorations.c.record == asked.record) & (c.restorations.c.mechanism == asked.mechanism)
        if connection.execute(waiting.where(theirs)).first() is not None:
            raise Conflict("restoration_waits", "another receipt of yours is waiting for this record already")
        _require_unknown(connection, lookup)
        if connection.execute(waiting.where(c.restorations.c.lookup == lookup)).first() is not None:
            raise Conflict("receipt_used", "the new receipt is asked for already: make another one")
        _check_grants(connection, asked, receipt, grants)
        today = clock.now()
        due = clock.day(today + DAYS * clock.DAY)
        connection.execute(
            insert(c.restorations).values(
                id=asked.id,
                record=asked.record,
                mechanism=asked.mechanism,
                document=asked.raw,
                lookup=lookup,
                auth=receipt.auth_sha256,
                sign_key=receipt.sign_key.hex(),
                recipient=receipt.recipient.fingerprint,
                asked_day=clock.day(today),
                due_day=due,
                state=WAITING,
            )
        )
        if grants:
            connection.execute(
                insert(t.grants),
                [
                    {
                        "record": asked.record,
                        "compartment": grant.compartment,
                        "recipient": grant.recipient,
                        "mechanism": None,
                        "file": grant.file,
                    }
                    for grant in grants
                ],
            )
        log.append(
            connection,
            asked.mechanism,
            Event.RESTORATION_ASKED,
            record=asked.record,
            restoration=asked.id,
            due=due,
            members=[member.id for member in asked.members],
        )
        return Asked(asked.id, WAITING, due, None)


def of(connection: Connection, record: str) -> list[Seen]:
    """All that would give a record a second receipt, oldest first."""
    query = select(c.restorations).where(c.restorations.c.record == record, _OF_RECEIPTS)
    return [
        Seen(row.id, row.mechanism, bytes(row.document), row.asked_day, row.due_day, row.state)
        for row in connection.execute(query.order_by(c.restorations.c.asked_day, c.restorations.c.id))
    ]


def _verified(connection: Connection, envelope: bytes) -> Restoration:
    """Signed by two members of the mechanism that it names, both valid today; the record's row is locked.

    A record that this mechanism never had is as unknown as one that is not there.
    """
    today = clock.now()
    try:
        mechanism = parse_envelope(envelope).mechanism
        root = mechanisms.get(connection, mechanism).root
        asked = verify_restoration(envelope, root, clock.day(today))
    except CryptoError as error:
        raise Invalid("restoration_invalid", f"the restoration does not hold: {error}") from error
    known = members.valid(connection, mechanism)
    if any(member.id not in known or known[member.id].raw != member.raw for member in asked.members):
        raise Forbidden("member_unknown", "a member is unknown here, revoked, or no longer valid")
    oldest = clock.day(today - _SIGNED_WITHIN * clock.DAY)
    if not oldest <= asked.day <= clock.day(today + clock.DAY):
        raise Invalid("day", f"the restoration is of another day than the last {_SIGNED_WITHIN}")
    _lock(connection, asked.record)
    now, before = (
        select(table.c.record).where(table.c.record == asked.record, table.c.mechanism == asked.mechanism)
        for table in (t.audience, c.withdrawals)
    )
    if connection.execute(union_all(now, before).limit(1)).first() is None:
        raise _unknown()
    return asked


def _lock(connection: Connection, record: str) -> None:
    """The record's row before all others of it, as everywhere."""
    here = select(t.records.c.id).where(t.records.c.id == record).with_for_update()
    if connection.execute(here).first() is None:
        raise _unknown()


def _unknown() -> NotFound:
    return NotFound("not_found", "there is no such record")


def _withdraw(connection: Connection, asked: Restoration, grants: Sequence[NewGrant]) -> Asked:
    if grants:
        raise Invalid("grants_differ", "a withdrawal grants nothing")
    known = select(c.restorations.c.document).where(c.restorations.c.id == asked.id)
    first = connection.execute(known).scalar_one_or_none()
    outcome: str | None
    if first is None:
        outcome = withdraw.by_mechanism(connection, asked.record, asked.mechanism, asked.raw)
        connection.execute(
            insert(c.restorations).values(
                id=asked.id,
                record=asked.record,
                mechanism=asked.mechanism,
                document=asked.raw,
                asked_day=clock.day(),
                due_day=clock.day(),
                state=DONE,
            )
        )
    else:  # whoever sends it, and in whatever envelope
        same = (c.withdrawals.c.record == asked.record) & (c.withdrawals.c.mechanism == asked.mechanism)
        said = select(c.withdrawals.c.outcome).where(same, c.withdrawals.c.document == bytes(first))
        outcome = connection.execute(said.order_by(c.withdrawals.c.number)).scalars().first()
    return Asked(asked.id, DONE, None, outcome)


def _check_grants(
    connection: Connection, asked: Restoration, receipt: NewReceipt, grants: Sequence[NewGrant]
) -> None:
    """For the new receipt alone, and of compartments that the mechanism can open itself, each once."""
    recipient = receipt.recipient.fingerprint
    known = (t.grants.c.record == asked.record) & (t.grants.c.recipient == recipient)
    if connection.execute(select(t.grants.c.compartment).where(known)).first() is not None:
        raise Conflict("receipt_used", "the new receipt's key is in use for this record already")
    own = select(t.grants.c.compartment).where(
        t.grants.c.record == asked.record, t.grants.c.mechanism == asked.mechanism, ~t.grants.c.locked
    )
    allowed = set(connection.execute(own).scalars())
    sent = [grant.compartment for grant in grants]
    if len(set(sent)) != len(sent) or not set(sent) <= allowed:
        raise Invalid("grants_differ", "a grant is of a compartment that the mechanism cannot open, or twice")
    for grant in grants:
        if grant.recipient != recipient:
            raise Invalid("grants_differ", "a grant is for another key than the new receipt's")
        try:
            check_grant_form(grant.file)
        except CryptoError as error:
            raise Invalid("grant_invalid", str(error)) from error


def _require_unknown(connection: Connection, lookup: str) -> None:
    """`Conflict` if the new receipt is known: a receipt is of one record."""
    for column in (t.records.c.lookup, c.receipts.c.lookup):
        if connection.execute(select(column).where(column == lookup)).first() is not None:
            raise Conflict("receipt_used", "the new receipt is in use already: make another one")


def _refuse(connection: Connection, row: Row[tuple[object, ...]], **told: str) -> None:
    """`told` is what the mechanism's log says of it: nothing where its consent has ended."""
    connection.execute(
        delete(t.grants).where(
            t.grants.c.record == row.record,
            t.grants.c.recipient == row.recipient,
            t.grants.c.mechanism.is_(None),
        )
    )
    if row.state == DONE:
        connection.execute(
            delete(c.receipts).where(c.receipts.c.record == row.record, c.receipts.c.lookup == row.lookup)
        )
    _set(connection, row, REFUSED, Event.RESTORATION_REFUSED, **told)


def _set(connection: Connection, row: Row[tuple[object, ...]], state: str, event: Event, **told: str) -> None:
    connection.execute(update(c.restorations).where(c.restorations.c.id == row.id).values(state=state))
    log.append(connection, row.mechanism, event, record=row.record, restoration=row.id, **told)
