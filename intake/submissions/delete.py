"""Deleting everything: nothing is released from the moment it is asked; 14 days later it is carried out.

Until then it can be cancelled. What a legal hold locks (see `withdraw`) is kept for nobody to read, and
the person is told beforehand; everything else of the record goes: parts, messages and all other grants.
What is left are the signed statements, what is locked, and each mechanism's withdrawal with its outcome.
"""

import logging
from collections.abc import Mapping

from sqlalchemy import Connection, delete, insert, select

from crypto.objection import target_of
from crypto.withdrawal import DELETION
from intake import clock, logs
from intake.audit import log
from intake.audit.events import Event
from intake.db.engine import Database
from intake.db.tables import coming_back as later
from intake.db.tables import submissions as t
from intake.db.tables.coming_back import deletions
from intake.errors import Conflict, Invalid, NotFound
from intake.submissions import handovers, standings, withdraw
from intake.submissions.erase import Erasure
from intake.submissions.mailbox import OwnRecord, require_first
from intake.submissions.objections import require

WAIT_DAYS = 14


class Deletion:
    """Asked for with the receipt, cancelled with it, carried out by maintenance. Blocks."""

    def __init__(self, database: Database, erasure: Erasure) -> None:
        self._database = database
        self._erasure = erasure

    def ask(self, own: OwnRecord, withdrawals: Mapping[str, bytes]) -> str:
        """Begin; the day on which it is done. `withdrawals`: one signed envelope for each mechanism.

        For each that has consent now, exactly. `Conflict` if the record has changed since `own` was read:
        somebody named meanwhile would not be told.
        """
        require_first(own)
        due = clock.day(clock.now() + WAIT_DAYS * clock.DAY)
        with self._database.write() as connection:
            _lock(connection, own.record)
            asked = select(deletions.c.due_day).where(deletions.c.record == own.record)
            before: str | None = connection.execute(asked).scalar_one_or_none()
            if before is not None:
                return before
            _require_current(connection, own)
            named = standings.named(connection, own.record)
            if not named <= set(withdrawals):
                raise Invalid("withdrawal_missing", "each mechanism gets a signed withdrawal")
            if not set(withdrawals) <= named:
                raise Invalid("withdrawal_other", "a withdrawal from a mechanism that has no consent")
            for name in sorted(named):
                if not withdraw.verified(own, name, withdrawals[name], DELETION).whole:
                    raise Invalid("withdrawal_other", "a deletion withdraws whole consents")
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
            for one in handovers.of(connection, own.record):
                told = {"due": due, "withdrawal": withdrawals[one.origin].decode(), "from": one.origin}
                log.append(connection, one.mechanism, Event.DELETION_ASKED, record=own.record, **told)
        return due

    def cancel(self, own: OwnRecord, objections: Mapping[str, bytes]) -> None:
        """Everything is released again as before; `Conflict` if nothing waits, or the day has come.

        `objections`: one signed envelope for each mechanism that was told of a withdrawal
        (`standings.deletion`). The log shows it, so that nobody takes the person's asking back for them.
        """
        require_first(own)
        with self._database.write() as connection:
            _lock(connection, own.record)
            here = deletions.c.record == own.record
            due: str | None = connection.execute(select(deletions.c.due_day).where(here)).scalar_one_or_none()
            if due is None:
                raise Conflict("deletion_none", "no deletion is waiting")
            if due <= clock.day():  # maintenance may be at it
                raise Conflict("deletion_due", "the deletion is being carried out")
            asked = standings.asked(connection, own.record)
            if set(objections) != set(asked):
                raise Invalid("objection_other", "one for each mechanism that has consent, and no other")
            for name, envelope in asked.items():
                require(own, name, objections[name], DELETION, target_of(envelope))
            said = {name: objections[name].decode() for name in asked}
            connection.execute(delete(deletions).where(here))
            for name in sorted(asked):
                told = {"objection": said[name]}
                log.append(connection, name, Event.DELETION_CANCELLED, record=own.record, **told)
            for one in handovers.of(connection, own.record):
                told = {"objection": said[one.origin], "from": one.origin}
                log.append(connection, one.mechanism, Event.DELETION_CANCELLED, record=own.record, **told)

    def complete_due(self) -> int:
        """Carry out what is due; how many. Nobody can cancel one whose day has come.

        One that fails is noted, and tried again in the next round: the others do not wait for it.
        """
        with self._database.read() as connection:
            query = select(deletions.c.record).where(deletions.c.due_day <= clock.day())
            due = list(connection.execute(query).scalars())
        done = 0
        for record in due:
            try:
                if not self._lock_held(record):
                    self._erasure.erase(record)
            except NotFound:
                pass  # another process was faster
            except Exception as error:
                logs.event("deletion_failed", logging.ERROR, error=error)
                continue
            done += 1
        return done

    def _lock_held(self, record: str) -> bool:
        """Whether a hold keeps something of the record: then all the rest of it goes, but not the record."""
        with self._database.write() as connection:
            _lock(connection, record)
            due = (deletions.c.record == record) & (deletions.c.due_day <= clock.day())
            if connection.execute(select(deletions.c.record).where(due)).first():
                names = _audience(connection, record)
                # Without consent, what a mechanism's members had restored ends with its grants.
                held_by = {name: withdraw.granted(connection, record, name) for name in names}
                connection.execute(delete(t.audience).where(t.audience.c.record == record))
                outcomes = {n: withdraw.grants(connection, record, n, held_by[n]) for n in names}
                locked = select(t.grants.c.compartment).where(t.grants.c.record == record, t.grants.c.locked)
                held = set(connection.execute(locked).scalars())
                blobs = self._reduce(connection, record, held, outcomes) if held else []
            else:
                return True  # done meanwhile, or not due any more
        if held:
            self._erasure.forget(blobs)
        return bool(held)

    def _reduce(
        self, connection: Connection, record: str, held: set[str], outcomes: Mapping[str, str]
    ) -> list[str]:
        """Keep what is locked; the blobs that nobody refers to any more."""
        revision = connection.execute(
            select(t.records.c.revision).where(t.records.c.id == record)
        ).scalar_one()
        came = {one.mechanism: one.origin for one in handovers.of(connection, record)}
        for name, outcome in outcomes.items():
            document = standings.asking(connection, record, name)
            withdraw.tombstone(connection, record, name, revision, document, outcome, came.get(name))
        self._erasure.drafts(connection, record)
        gone = (later.messages, later.standings, later.handovers, deletions, t.audience)
        for table in gone:
            connection.execute(delete(table).where(table.c.record == record))
        connection.execute(delete(t.grants).where(t.grants.c.record == record, ~t.grants.c.locked))
        other = (t.parts.c.record == record) & (
            t.parts.c.compartment.not_in(held) | (t.parts.c.kind == "message")
        )
        blobs = set(connection.execute(select(t.parts.c.blob).where(other)).scalars())
        connection.execute(delete(t.parts).where(other))
        return self._erasure.lonely(connection, blobs)


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


def _require_current(connection: Connection, own: OwnRecord) -> None:
    """What the receipt's holder has read is what holds: no other revision was stored meanwhile."""
    current = select(t.records.c.revision).where(t.records.c.id == own.record)
    if connection.execute(current).scalar_one() != len(own.revisions):
        raise Conflict("revision_behind", "the record has changed meanwhile: read it again")


def _audience(connection: Connection, record: str) -> list[str]:
    query = select(t.audience.c.mechanism).where(t.audience.c.record == record)
    return list(connection.execute(query.order_by(t.audience.c.mechanism)).scalars())
