"""Deleting everything: nothing is released from the moment it is asked; 14 days later it is carried out.

Until then it can be cancelled. What a legal hold locks (see `withdraw`) is kept for nobody to read, and
the person is told beforehand; everything else of the record goes.
"""

from collections.abc import Mapping

from sqlalchemy import Connection, delete, insert, select

from crypto import statement
from crypto.errors import CryptoError
from crypto.withdrawal import verify_withdrawal
from intake import clock
from intake.audit import log
from intake.audit.events import Event
from intake.db.engine import Database
from intake.db.tables import submissions as t
from intake.db.tables.coming_back import deletions
from intake.errors import Conflict, Invalid, NotFound
from intake.submissions import withdraw
from intake.submissions.erase import Erasure
from intake.submissions.mailbox import OwnRecord

WAIT_DAYS = 14


class Deletion:
    """Asked for with the receipt, cancelled with it, carried out by maintenance. Blocks."""

    def __init__(self, database: Database, erasure: Erasure) -> None:
        self._database = database
        self._erasure = erasure

    def ask(self, own: OwnRecord, withdrawals: Mapping[str, bytes]) -> str:
        """Begin; the day on which it is done. `withdrawals`: one signed envelope for each mechanism."""
        newest = statement.parse(own.revisions[-1][0])
        named = {c.mechanism for c in newest.consent}
        for name, envelope in withdrawals.items():
            try:
                said = verify_withdrawal(envelope, own.sign_key)
            except CryptoError as error:
                raise Invalid("withdrawal_invalid", str(error)) from error
            if (said.record, said.mechanism, said.whole) != (own.record, name, True):
                raise Invalid("withdrawal_other", "a withdrawal of another record or mechanism")
        due = clock.day(clock.now() + WAIT_DAYS * clock.DAY)
        with self._database.write() as connection:
            _lock(connection, own.record)
            asked = select(deletions.c.due_day).where(deletions.c.record == own.record)
            before: str | None = connection.execute(asked).scalar_one_or_none()
            if before is not None:
                return before
            named &= set(_audience(connection, own.record))
            if not named <= set(withdrawals):
                raise Invalid("withdrawal_missing", "each mechanism gets a signed withdrawal")
            connection.execute(
                insert(deletions).values(record=own.record, asked_day=clock.day(), due_day=due)
            )
            for name in sorted(named):
                log.append(
                    connection,
                    name,
                    Event.DELETION_ASKED,
                    record=own.record,
                    due=due,
                    withdrawal=withdrawals[name].decode(),
                )
        return due

    def cancel(self, own: OwnRecord) -> None:
        """Everything is released again as before; `Conflict` if nothing was asked."""
        with self._database.write() as connection:
            _lock(connection, own.record)
            gone = connection.execute(delete(deletions).where(deletions.c.record == own.record))
            if gone.rowcount != 1:
                raise Conflict("deletion_none", "no deletion is waiting")
            for name in _audience(connection, own.record):
                log.append(connection, name, Event.DELETION_CANCELLED, record=own.record)

    def complete_due(self) -> int:
        """Carry out what is due; how many."""
        with self._database.read() as connection:
            query = select(deletions.c.record).where(deletions.c.due_day <= clock.day())
            due = list(connection.execute(query).scalars())
        for record in due:
            if self._lock_held(record):
                continue
            self._erasure.erase(record)
        return len(due)

    def _lock_held(self, record: str) -> bool:
        """Whether a hold keeps the record. Then all grants but the locked ones go, and all consents."""
        with self._database.write() as connection:
            _lock(connection, record)
            held = False
            days = select(t.records.c.received_day).where(t.records.c.id == record)
            day = connection.execute(days).scalar_one()
            for name in _audience(connection, record):
                compartments = withdraw.granted(connection, record, name)
                held |= withdraw.grants(connection, record, name, compartments, day) == "locked"
            held |= bool(
                connection.execute(
                    select(t.grants.c.record).where(t.grants.c.record == record, t.grants.c.locked)
                ).first()
            )
            if held:
                connection.execute(delete(t.grants).where(t.grants.c.record == record, ~t.grants.c.locked))
                connection.execute(delete(t.audience).where(t.audience.c.record == record))
                connection.execute(delete(deletions).where(deletions.c.record == record))
        if held:
            self._database.forget()
        return held


def forget_own_grants(database: Database, own: OwnRecord) -> int:
    """Let the receipt no longer show what was written: delete its own grants; how many there were."""
    with database.write() as connection:
        mine = (t.grants.c.record == own.record) & (t.grants.c.recipient == own.recipient)
        gone = connection.execute(delete(t.grants).where(mine, t.grants.c.mechanism.is_(None))).rowcount
    database.forget()
    return gone


def _lock(connection: Connection, record: str) -> None:
    here = select(t.records.c.id).where(t.records.c.id == record).with_for_update()
    if connection.execute(here).first() is None:
        raise NotFound("not_found", "there is no such record")


def _audience(connection: Connection, record: str) -> list[str]:
    query = select(t.audience.c.mechanism).where(t.audience.c.record == record)
    return list(connection.execute(query.order_by(t.audience.c.mechanism)).scalars())
