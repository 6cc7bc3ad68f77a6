"""Taking consent back: the mechanism is told, what it never opened is destroyed, and what is left is closed."""

import hashlib
import json
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from crypto.receipt import Receipt
from crypto.withdrawal import DELETION, sign_withdrawal, verify_withdrawal
from intake import clock
from intake.client.api import ApiError
from intake.db.tables.coming_back import receipts, withdrawals
from intake.db.tables.submissions import audience, grants
from tests.casework import client, withdraw_consent
from tests.http.test_feed import Program, said
from tests.own import Person, allow, mover, publish_profile
from tests.service import (
    Mechanism,
    Service,
    make_mechanism,
    new_receipt,
    on_every_backend,
    on_every_database_in_time,
    register,
)

HOLD = {"en": "What was opened is kept, by law."}


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Mechanism:
    return make_mechanism(tmp_path_factory.mktemp("other-keys"), "other")


@pytest.fixture
def person(service: Service) -> Person:
    sender = Person(service)
    sender.send("Першы тэкст", choices=[allow("demo", "identity")])
    return sender


def stored(service: Service, mechanism: str | None = "demo") -> dict[str, bool]:
    """Compartment → whether it is locked, of a mechanism's grants in the database."""
    here = grants.c.mechanism == mechanism if mechanism else grants.c.mechanism.is_(None)
    with service.owner.read() as connection:
        rows = connection.execute(select(grants).where(here))
        return {row.compartment: row.locked for row in rows}


def files_of(service: Service, mechanism: str = "demo") -> list[bytes]:
    with service.owner.read() as connection:
        query = select(grants.c.file).where(grants.c.mechanism == mechanism)
        return [bytes(file) for file in connection.execute(query).scalars()]


@on_every_backend
def test_a_withdrawal_is_seen_at_the_next_pull_and_signed(service: Service, tmp_path: Path) -> None:
    person = Person(service)
    person.send()
    record = person.record
    service.pull(tmp_path / "pulled")
    assert (tmp_path / "pulled" / "records" / record).is_dir()
    answer = person.revise(choices=[])
    assert answer.json()["withdrawn"] == {"demo": "deleted"}

    program = Program(service).enter()
    assert program.get(f"/feed/v1/records/{record}").status_code == 404
    (tombstone,) = [
        e for e in said(program.get("/feed/v1/events?start=0")) if e.get("event") == "consent.withdrawn"
    ]
    signer = json.loads(person.look()["statements"][0]["statement"])["keys"]["sign"]
    assert signer and tombstone["record"] == record and tombstone["revision"] == 2
    withdrawal = verify_withdrawal(str(tombstone["withdrawal"]).encode(), person.keys.signing.public)
    assert (withdrawal.record, withdrawal.mechanism, withdrawal.whole) == (record, "demo", True)
    assert stored(service) == {}


@on_every_database_in_time
def test_withdrawn_grants_are_gone_from_every_file(service: Service, person: Person) -> None:
    held = files_of(service)
    assert held

    def found() -> list[bool]:
        everything = [path.read_bytes() for path in service.everything_on_disk()]
        return [any(file[200:260] in data for data in everything) for file in held]

    if service.settings.database.startswith("sqlite"):
        assert all(found())
    assert person.revise(choices=[]).json()["withdrawn"] == {"demo": "destroyed"}
    assert files_of(service) == [] and not any(found())


@on_every_database_in_time
def test_one_compartment_is_taken_back_and_the_rest_goes_on(
    service: Service, person: Person, tmp_path: Path
) -> None:
    record = person.record
    composer = person.composer([allow("demo", "identity")])
    section = composer.section("person", {"names": "Ян"}).entry.id
    assert person.post("/v1/mailbox/revisions", person.body(composer)).status_code == 201
    program = Program(service).enter()
    before = program.get(f"/feed/v1/records/{record}").json()
    taken = person.revise(choices=[allow()])
    assert taken.json()["withdrawn"] == {"demo": "deleted"}
    after = program.get(f"/feed/v1/records/{record}").json()
    assert section in {p["id"] for p in before["parts"]}
    assert after["parts"] and section not in {p["id"] for p in after["parts"]}
    assert program.get(f"/feed/v1/records/{record}/parts/{section}").status_code == 404
    (envelope,) = [
        e["withdrawal"]
        for e in said(program.get("/feed/v1/events?start=0"))
        if e.get("event") == "consent.withdrawn"
    ]
    assert not verify_withdrawal(str(envelope).encode(), person.keys.signing.public).whole


@on_every_database_in_time
def test_a_purpose_is_taken_back(service: Service, person: Person) -> None:
    record = person.record
    person.revise(choices=[allow("demo", "identity", purposes=("archive",))])
    refused = Program(service).enter().get(f"/feed/v1/records/{record}")
    assert (refused.status_code, refused.json()["code"]) == (403, "consent_purpose")
    assert Program(service, purpose="archive").enter().get(f"/feed/v1/records/{record}").status_code == 200


@on_every_database_in_time
def test_under_an_announced_hold_what_was_opened_is_locked_and_nothing_else_is(
    service: Service, other: Mechanism, demo: Mechanism, tmp_path: Path
) -> None:
    register(service.installation, other)
    for mechanism in (demo, other):
        publish_profile(service, mechanism, hold=HOLD)
    person = Person(service)
    person.send("Тэкст", choices=[allow(), allow("other")])
    service.pull(tmp_path / "pulled")
    assert person.revise(choices=[]).json()["withdrawn"] == {"demo": "locked", "other": "destroyed"}
    assert stored(service, "other") == {} and set(stored(service).values()) == {True}
    assert Program(service).enter().get(f"/feed/v1/records/{person.record}").status_code == 404

    again = person.revise("Другі тэкст", choices=[allow()])  # the person changes their mind
    assert again.status_code == 201, again.text
    assert service.pull(tmp_path / "again").records == [person.record]
    (opened,) = service.open(tmp_path / "again", tmp_path / "opened")
    assert opened.problems == {} and opened.sealed_elsewhere == 1  # what was agreed with the other
    assert not any(stored(service).values())


@on_every_database_in_time
def test_a_hold_that_was_announced_later_binds_nobody(
    service: Service, person: Person, demo: Mechanism, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.pull(tmp_path / "pulled")
    mover(monkeypatch)(1)
    publish_profile(service, demo, hold=HOLD)
    assert person.revise(choices=[]).json()["withdrawn"] == {"demo": "deleted"}


def restored(service: Service, person: Person, mechanism: str = "demo") -> Person:
    """A second receipt of the same record, as it is after 14 days without an objection."""
    receipt: Receipt = new_receipt()
    keys, record = receipt.keys(), person.record
    pepper = service.installation.receiver._pepper
    with service.installation.database.write() as connection:
        connection.execute(
            receipts.insert().values(
                lookup=pepper.lookup(keys.lookup),
                record=record,
                mechanism=mechanism,
                auth=_sha256(keys.auth),
                sign_key=keys.signing.public.hex(),
                recipient=keys.identity.recipient.fingerprint,
                day=clock.day(),
            )
        )
    return Person(service, keys)


def _sha256(data: bytes) -> str:

    return hashlib.sha256(data).hexdigest()


@on_every_database_in_time
def test_a_restored_receipt_withdraws_without_a_statement(
    service: Service, person: Person, tmp_path: Path
) -> None:
    second = restored(service, person)
    assert second.look()["restored"] is True
    record = person.record
    refused = person.post("/v1/mailbox/withdrawals", person.withdrawals("demo"))
    assert (refused.status_code, refused.json()["code"]) == (409, "not_restored")
    forged = person.withdrawals("demo")  # signed by the first receipt
    assert second.post("/v1/mailbox/withdrawals", forged).json()["code"] == "withdrawal_invalid"
    for wrong in (
        second.withdrawal("demo", record="ab" * 32),
        second.withdrawal("other"),
        second.withdrawal("demo", whole=False),
        second.withdrawal("demo", revision=2),
        second.withdrawal("demo", statement="ab" * 32),
        second.withdrawal("demo", kind=DELETION),
    ):
        sent = {"withdrawals": {"demo": sign_withdrawal(wrong, second.keys.signing).decode()}}
        assert second.post("/v1/mailbox/withdrawals", sent).json()["code"] == "withdrawal_other"
    assert second.post("/v1/mailbox/withdrawals", {"withdrawals": {}}).status_code == 422

    body = second.withdrawals("demo")
    assert second.post("/v1/mailbox/withdrawals", body).json() == {"withdrawn": {"demo": "destroyed"}}
    again = second.post("/v1/mailbox/withdrawals", body)  # it ended with the consent that it was a window of
    assert (again.status_code, again.json()["code"]) == (404, "receipt_unknown")
    assert stored(service) == {}
    assert Program(service).enter().get(f"/feed/v1/records/{record}").status_code == 404
    assert service.pull(tmp_path / "p").records == []


@on_every_database_in_time
def test_after_a_withdrawal_without_a_statement_the_next_one_has_to_leave_it_out(
    service: Service, person: Person, other: Mechanism, tmp_path: Path
) -> None:
    register(service.installation, other)
    person.revise(choices=[allow("demo", "identity"), allow("other")])
    second = restored(service, person)
    second.post("/v1/mailbox/withdrawals", second.withdrawals("demo"))
    both = person.revise("Другі тэкст")
    assert (both.status_code, both.json()["code"]) == (422, "grant_missing")
    left = person.revise("Другі тэкст", choices=[allow("other")])
    assert left.status_code == 201, left.text
    assert person.revise(choices=[allow(), allow("other")]).status_code == 201
    assert service.pull(tmp_path / "p").records == [person.record]


@on_every_database_in_time
def test_a_second_withdrawal_at_the_same_revision_leaves_the_first_and_its_answer_there(
    service: Service, person: Person
) -> None:
    composer = person.composer([allow("demo", "identity")])
    composer.section("person", {"names": "Ян"})
    person.post("/v1/mailbox/revisions", person.body(composer))
    assert person.revise(choices=[allow()]).json()["withdrawn"] == {"demo": "destroyed"}
    second = restored(service, person)
    assert second.post("/v1/mailbox/withdrawals", second.withdrawals("demo")).status_code == 200
    record = person.record
    with service.owner.read() as connection:
        first, wider = connection.execute(select(withdrawals).order_by(withdrawals.c.number)).all()
    assert [(row.mechanism, row.number, row.revision) for row in (first, wider)] == [
        ("demo", 1, 3),
        ("demo", 2, 3),
    ]
    assert not verify_withdrawal(bytes(first.document), person.keys.signing.public).whole
    assert verify_withdrawal(bytes(wider.document), second.keys.signing.public).whole

    def answers() -> list[tuple[str | None, str | None]]:
        listed = person.get("/standings").json()["withdrawals"]
        return [(one["answer"], one["answered_day"]) for one in listed]

    with client(service) as feed:
        feed.answer(record, 3, "retained")  # about both
        assert answers() == [("retained", clock.day())] * 2
        feed.answer(record, 3, "deleted")
        assert answers() == [("retained", clock.day()), ("deleted", clock.day())]
        with pytest.raises(ApiError, match="answer_final"):
            feed.answer(record, 3, "court")


@on_every_database_in_time
def test_an_answer_stays_when_members_withdraw_the_rest_at_the_same_revision(
    service: Service, person: Person, tmp_path: Path
) -> None:
    composer = person.composer([allow("demo", "identity")])
    composer.section("person", {"names": "Ян"})
    person.post("/v1/mailbox/revisions", person.body(composer))
    service.pull(tmp_path / "pulled")
    assert person.revise(choices=[allow()]).json()["withdrawn"] == {"demo": "deleted"}
    with client(service) as feed:
        feed.answer(person.record, 3, "court")
    withdraw_consent(service, person.record)
    listed = person.get("/standings").json()["withdrawals"]
    assert [(one["revision"], one["answer"]) for one in listed] == [(3, "court"), (3, None)]


@on_every_database_in_time
def test_a_restored_receipt_opens_what_its_mechanism_still_may_and_nothing_that_was_taken_back(
    service: Service, person: Person
) -> None:
    composer = person.composer([allow("demo", "identity")])
    section = composer.section("person", {"names": "Ян"}).entry.id
    assert person.post("/v1/mailbox/revisions", person.body(composer)).status_code == 201
    text = next(e.id for e in person.open().reader.readable() if e.kind == "narrative")
    second = restored(service, person)
    assert second.get(f"/parts/{section}").status_code == second.get(f"/parts/{text}").status_code == 200
    assert person.revise(choices=[allow()]).json()["withdrawn"] == {"demo": "destroyed"}
    assert second.get(f"/parts/{section}").status_code == 404
    assert second.get(f"/parts/{text}").status_code == person.get(f"/parts/{section}").status_code == 200
    assert person.ask_deletion().status_code == 202
    assert second.get(f"/parts/{text}").status_code == 404 and person.get(f"/parts/{text}").status_code == 200
    assert person.cancel_deletion().status_code == 200
    assert second.get(f"/parts/{text}").status_code == 200
    with service.owner.write() as connection:
        connection.execute(update(audience).values(expires="2020-08-09"))
    assert second.get(f"/parts/{text}").status_code == 404 and second.look()["grants"] == []


@on_every_database_in_time
def test_a_restored_receipt_withdraws_from_its_mechanism_and_from_no_other(
    service: Service, person: Person, other: Mechanism
) -> None:
    register(service.installation, other)
    person.revise(choices=[allow("demo", "identity"), allow("other")])
    second = restored(service, person)
    for names in (("other",), ("demo", "other")):
        refused = second.post("/v1/mailbox/withdrawals", second.withdrawals(*names))
        assert (refused.status_code, refused.json()["code"]) == (403, "receipt_restored")
    assert stored(service) and stored(service, "other")


@on_every_database_in_time
def test_restored_receipts_and_their_grants_end_with_the_consent_of_their_mechanism(
    service: Service, person: Person, other: Mechanism
) -> None:
    register(service.installation, other)
    person.revise(choices=[allow("demo", "identity"), allow("other")])
    second, third = restored(service, person), restored(service, person, "other")
    for one in (second, third):
        give_grants(service, person, one)
        assert len(one.look()["grants"]) == 1
    assert person.revise(choices=[allow("other")]).json()["withdrawn"] == {"demo": "destroyed"}
    assert second.get("").json()["code"] == "receipt_unknown"
    assert len(third.look()["grants"]) == 1
    fingerprint = second.keys.identity.recipient.fingerprint
    with service.owner.read() as connection:
        left = select(receipts.c.mechanism)
        assert list(connection.execute(left).scalars()) == ["other"]
        held = select(grants.c.compartment).where(grants.c.recipient == fingerprint)
        assert connection.execute(held).all() == []
    person.revise(choices=[allow(), allow("other")])  # consents anew: the old window stays closed
    assert second.get("").status_code == 404


def give_grants(service: Service, person: Person, second: Person) -> None:
    """A row that says that the second receipt was granted what its mechanism has."""
    with service.owner.write() as connection:
        name = connection.execute(
            select(receipts.c.mechanism).where(receipts.c.sign_key == second.keys.signing.public.hex())
        ).scalar_one()
        row = connection.execute(select(grants).where(grants.c.mechanism == name)).first()
        assert row is not None
        values = {"mechanism": None, "recipient": second.keys.identity.recipient.fingerprint}
        connection.execute(insert(grants).values(**(dict(row._mapping) | values)))
