"""`intake check` and what comes after a testimony: it is silent where all holds, and names what does not."""

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, delete, insert, select, update

from crypto import restoration
from crypto.primitives import SigningKey
from crypto.restoration import NewReceipt
from crypto.withdrawal import CONSENT, Withdrawal, sign_withdrawal
from intake import clock
from intake.audit.events import Event
from intake.db.tables import audit as logs
from intake.db.tables import coming_back as c
from intake.db.tables import people
from intake.db.tables import submissions as t
from intake.submissions import standings
from intake.upkeep import worker
from intake.upkeep.check import check
from intake.upkeep.findings import Finding
from tests.casework import case, make_member, own_case, register_member, revoke_member
from tests.client.test_tombstones import ask_by_members
from tests.own import Person, allow, mover, on_the_server, publish_profile, texts
from tests.service import Service, new_receipt, on_every_database_in_time


def findings(service: Service) -> list[Finding]:
    found = service.installation
    return list(check(service.owner, found.store, found.log_keys, read_data=False))


def ask_receipt(service: Service, folder: Path, record: str) -> None:
    """Two members ask for a second receipt."""
    members = [make_member(folder / name, service.mechanism, name) for name in ("vera", "hleb")]
    for member in members:
        register_member(service, member)
    document = restoration.make_document(
        record=record,
        mechanism="demo",
        kind=restoration.RECEIPT,
        receipt=NewReceipt.of(new_receipt().keys()),
        day=clock.day(),
        nonce=secrets.token_bytes(16),
    )
    signed = [(restoration.sign_restoration(document, m.key), m.member.raw) for m in members]
    service.installation.restorations.ask(restoration.encode_envelope(document, signed), [])
    revoke_member(service, members[0])


@dataclass
class Lived:
    """Records by what became of them."""

    service: Service
    talked: str  # corrected, messages both ways, a standing, a second receipt
    locked: str  # opened, and withdrawn in part, under a hold
    destroyed: str  # withdrawn before anybody opened it
    vouched: str  # withdrawn by two members
    pending: str  # to be deleted
    held: str  # deleted, but for what a hold keeps


@pytest.fixture
def lived(service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lived:
    """An installation in which everything that can come after a testimony has come."""
    move = mover(monkeypatch)
    publish_profile(service, service.mechanism, contact=True, hold={"en": "Kept by law."})
    receipt = new_receipt()
    people_ = [Person(service, receipt.keys()), *(Person(service) for _ in range(5))]
    for person in people_:
        composer = person.composer([allow("demo", "identity")])
        texts(["Тэкст"], composer)
        composer.section("person", {"name": "Імя"})
        body = person.body(composer) | {"receipt": person.receipt(composer.writer)}
        assert person.post("/v1/submissions", body).status_code == 201
    talked, locked, destroyed, vouched, pending, held = people_
    records = [person.record for person in people_]
    destroyed.revise(choices=[])
    pulled = tmp_path / "pulled"
    service.pull(pulled)
    ask_by_members(service, tmp_path, vouched.record)
    locked.revise("Больш", choices=[allow()])
    talked.revise("Працяг")
    service.pull(pulled)
    with own_case(service, receipt) as own, case(service, pulled / "records" / records[0]) as theirs:
        own.send("demo", "Пытанне", "be")
        member = make_member(tmp_path / "m", service.mechanism, "maria")
        register_member(service, member)
        theirs.reply(member, "Адказ", "be")
    with service.installation.database.write() as connection:
        standings.say(connection, records[0], "demo", standings.IN_CASE)
    ask_receipt(service, tmp_path, records[0])
    held.ask_deletion()
    move(15)
    on_the_server(lambda: worker.maintain(service.installation))
    on_the_server(lambda: service.installation.restorations.complete_due())
    move(0)
    pending.ask_deletion()
    with service.owner.write() as connection:
        row = {"lookup": "ab" * 32, "name": "events", "file": b"age", "expires": clock.hour_number() + 100}
        connection.execute(insert(c.drafts).values(**row))
    return Lived(service, *records)


@on_every_database_in_time
def test_where_everything_that_can_come_has_come_there_are_no_findings(lived: Lived) -> None:
    assert findings(lived.service) == []
    with lived.service.owner.read() as connection:
        outcomes = set(connection.execute(select(c.withdrawals.c.outcome)).scalars())
        locked = set(connection.execute(select(t.grants.c.record).where(t.grants.c.locked)).scalars())
        left = connection.execute(select(t.parts.c.id).where(t.parts.c.record == lived.held)).all()
    assert outcomes == {"destroyed", "locked"} and {lived.locked, lived.held} <= locked and left


Damage = tuple[Table, Any, str, str]  # the table, what happens to it, where that is found, and what is said


def damages(lived: Lived) -> Iterator[Damage]:
    """What a careless hand, a restored backup or an intruder might leave."""
    talked, gone = lived.talked, c.withdrawals.c.record == lived.destroyed
    forged = Withdrawal(
        lived.destroyed, "demo", clock.day(), True, (), revision=1, statement="ab" * 32, kind=CONSENT
    )
    for table, change, where, what in (
        (c.withdrawals, delete(c.withdrawals).where(gone), lived.destroyed, "no withdrawal is kept"),
        (
            c.withdrawals,
            update(c.withdrawals).where(gone).values(document=sign_withdrawal(forged, SigningKey(bytes(32)))),
            lived.destroyed,
            "is not signed by anybody who may withdraw",
        ),
        (
            c.withdrawals,
            update(c.withdrawals).where(gone).values(outcome="forgotten"),
            lived.destroyed,
            "an outcome or an answer that does not exist",
        ),
        (
            c.withdrawals,
            delete(c.withdrawals).where(c.withdrawals.c.record == lived.vouched),
            lived.vouched,
            "the consents that are acted on are not those that are signed",
        ),
        (
            t.audience,
            insert(t.audience).values(
                record=lived.vouched, mechanism="demo", purposes=["archive"], successor=False
            ),
            lived.vouched,
            "consent was withdrawn from demo, and is acted on",
        ),
        (
            t.grants,
            update(t.grants).where(t.grants.c.record == lived.locked).values(locked=False),
            lived.locked,
            "is there, and is not signed any more",
        ),
        (
            t.grants,
            update(t.grants)
            .where(t.grants.c.record == lived.pending, t.grants.c.mechanism.is_(None))
            .values(recipient="cd" * 32),
            lived.pending,
            "a receipt that nobody has",
        ),
        (
            t.grants,
            update(t.grants)
            .where(t.grants.c.record == talked, t.grants.c.mechanism.is_(None))
            .values(locked=True),
            talked,
            "no withdrawal says so",
        ),
        (
            logs.log_entries,
            update(logs.log_entries)
            .where(logs.log_entries.c.record == talked, logs.log_entries.c.event == Event.RECORD_REVISED)
            .values(event=Event.RECORD_ERASED),
            talked,
            "revision 2 is missing in the log of demo",
        ),
        (c.messages, delete(c.messages), talked, "its parts are not those that are signed"),
        (
            c.messages,
            update(c.messages).where(c.messages.c.sender == "submitter").values(sender="mechanism"),
            talked,
            "is listed as somebody else's",
        ),
        (c.messages, update(c.messages).values(document=b"{}"), talked, "does not hold"),
        (c.messages, update(c.messages).values(number=c.messages.c.number + 1), talked, "without a gap"),
        (c.standings, update(c.standings).values(standing="lost"), talked, "does not exist (lost)"),
        (c.receipts, delete(c.receipts), talked, "its receipt is missing"),
        (c.receipts, update(c.receipts).values(auth="00" * 32), talked, "another one than members asked for"),
        (c.restorations, delete(c.restorations), talked, "no two members asked for"),
        (c.restorations, update(c.restorations).values(document=b"{}"), talked, "does not hold"),
        (
            c.deletions,
            update(c.deletions).values(due_day="2020-08-09"),
            lived.pending,
            "its deletion was due on 2020-08-09",
        ),
    ):
        yield table, change, f"record {where}", what
    yield (
        people.profiles,
        update(people.profiles).values(data=b"{}"),
        "mechanism demo",
        "version 1 of its profile does not hold",
    )
    profile = update(people.profiles).values(version=9)
    yield people.profiles, profile, "mechanism demo", "is another one than its row says"
    maria = people.members.c.id == "maria"
    for change, what in (
        (update(people.members).where(maria).values(certificate=b"{}"), "does not hold"),
        (update(people.members).where(maria).values(revoked=True), "is revoked, and its log says otherwise"),
        (
            update(people.members).where(people.members.c.id == "vera").values(revoked=False),
            "is not revoked, and its log says otherwise",
        ),
    ):
        yield people.members, change, "mechanism demo", what
    member = logs.log_entries.c.event == Event.MEMBER_ADDED
    added = update(logs.log_entries).where(member).values(event=Event.MEMBER_REVOKED)
    yield logs.log_entries, added, "mechanism demo", "is missing in its log"
    for hours, what in ((-50, "older than eight days"), (500, "for longer than eight days")):
        aged = update(c.drafts).values(expires=clock.hour_number() + hours)
        yield c.drafts, aged, "drafts", what


@contextmanager
def harmed(service: Service, table: Table, change: Any) -> Iterator[None]:
    """The table so changed, and afterwards as it was."""
    with service.owner.write() as connection:
        before = [dict(row._mapping) for row in connection.execute(select(table))]
        connection.execute(change)
    try:
        yield
    finally:
        with service.owner.write() as connection:
            connection.execute(delete(table))
            connection.execute(insert(table), before)


@on_every_database_in_time
def test_what_is_wrong_in_what_came_later_is_named_with_its_mend(lived: Lived) -> None:
    for table, change, where, what in damages(lived):
        with harmed(lived.service, table, change):
            found = findings(lived.service)
        assert any(f.where == where and what in f.what and f.mend for f in found), (what, found)
    assert findings(lived.service) == []


def test_rows_about_a_record_that_is_gone_are_named(lived: Lived) -> None:
    service = lived.service
    with sqlite3.connect(service.settings.data_dir / "intake.db") as connection:  # foreign keys are off
        connection.execute(
            "INSERT INTO standings SELECT zeroblob(32), mechanism, standing, day FROM standings"
        )
    assert [(f.where, f.what) for f in findings(service)] == [
        (f"record {'00' * 32}", "there are rows of standings about it, and it is not there")
    ]
