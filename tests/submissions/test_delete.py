"""Deleting everything: nothing is released meanwhile, it can be cancelled, and then nothing readable is left."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from crypto.objection import Objection, sign_objection, verify_objection
from crypto.primitives import SigningKey
from crypto.statement import parse
from crypto.withdrawal import CONSENT, DELETION, Withdrawal, sign_withdrawal, verify_withdrawal
from intake import clock
from intake.db.tables import coming_back as later
from intake.db.tables import submissions as t
from intake.errors import Conflict
from intake.upkeep.check import check
from tests.http.test_feed import Program, said
from tests.own import Person, allow, mover, on_the_server, publish_profile
from tests.service import (
    Mechanism,
    Service,
    make_mechanism,
    on_every_backend,
    on_every_database_in_time,
    prepared,
    register,
)

HOLD = {"en": "What was opened is kept, by law."}
Move = Callable[[int], None]


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Mechanism:
    return make_mechanism(tmp_path_factory.mktemp("other-keys"), "other")


@pytest.fixture
def move(monkeypatch: pytest.MonkeyPatch) -> Move:
    return mover(monkeypatch)


@pytest.fixture
def person(service: Service) -> Person:
    sender = Person(service)
    sender.send("Першы тэкст")
    return sender


def complete(service: Service) -> int:
    done: list[int] = []
    on_the_server(lambda: done.append(service.installation.deletion.complete_due()))
    return done[0]


def another(envelope: str, person: Person) -> tuple[Objection, SigningKey]:
    """The same, to be signed by somebody else."""
    return verify_objection(envelope.encode(), person.keys.signing.public), SigningKey(bytes(32))


def events(service: Service) -> list[str]:
    told = said(Program(service).enter().get("/feed/v1/events?start=0"))
    return [
        str(e["event"]) for e in told if str(e.get("event", "")).startswith(("deletion", "record", "consent"))
    ]


def rows(service: Service) -> int:
    """Of anything that could be read, or says that there was something."""
    tables = (t.records, t.parts, t.grants, t.statements, t.audience, later.deletions, later.withdrawals)
    with service.owner.read() as connection:
        return sum(connection.execute(select(func.count()).select_from(one)).scalar_one() for one in tables)


@on_every_backend
def test_after_fourteen_days_nothing_is_left(service: Service, move: Move, tmp_path: Path) -> None:
    person = Person(service)
    person.send("Першы тэкст")
    record = person.record
    asked = person.ask_deletion()
    assert asked.status_code == 202
    assert asked.json() == {"due_day": clock.day(clock.now() + 14 * clock.DAY)}
    assert person.ask_deletion().json() == asked.json()  # once, however often

    program = Program(service).enter()
    refused = program.get(f"/feed/v1/records/{record}")
    assert (refused.status_code, refused.json()["code"]) == (403, "deletion_pending")
    part = parse(person.revisions()[-1][0]).parts[0].id
    assert program.get(f"/feed/v1/records/{record}/parts/{part}").status_code == 403
    (told,) = [e for e in said(program.get("/feed/v1/events?start=0")) if e.get("event") == "deletion.asked"]
    assert verify_withdrawal(str(told["withdrawal"]).encode(), person.keys.signing.public).whole

    move(13)
    assert complete(service) == 0 and person.look()["revision"] == 1
    move(14)
    assert complete(service) == 1
    assert person.get("").status_code == 404
    assert rows(service) == 0 and list(service.installation.store.names()) == []
    assert complete(service) == 0
    move(0)
    assert events(service)[-1] == "record.erased"


@on_every_database_in_time
def test_a_deletion_that_is_cancelled_changes_nothing(service: Service, person: Person, move: Move) -> None:
    person.ask_deletion()
    revision = person.revise("Яшчэ")
    assert (revision.status_code, revision.json()["code"]) == (409, "deletion_pending")
    objections = person.objections()
    wrong: dict[str, Any]
    for wrong in (
        {"objections": {}},
        {"objections": {"other": objections["objections"]["demo"]}},
        person.objections(target="ab" * 32),
        person.objections(kind="restoration"),
        {"objections": {"demo": sign_objection(*another(objections["objections"]["demo"], person)).decode()}},
    ):
        refused = person.post("/v1/mailbox/deletion/cancel", wrong)
        assert refused.status_code == 422 and refused.json()["code"].startswith("objection_")
    path = "/v1/mailbox/deletion/cancel"
    assert person.post(path, objections).json() == {"cancelled": True}
    again = person.post(path, objections)
    assert (again.status_code, again.json()["code"]) == (409, "deletion_none")
    assert Program(service).enter().get(f"/feed/v1/records/{person.record}").status_code == 200
    assert events(service) == ["record.added", "deletion.asked", "deletion.cancelled"]
    (told,) = [e for e in said(Program(service).enter().get("/feed/v1/events?start=0")) if "objection" in e]
    assert str(told["objection"]) == objections["objections"]["demo"]
    move(20)
    assert complete(service) == 0
    move(0)
    assert person.revise("Яшчэ").status_code == 201


def test_who_asks_for_deletion_without_a_nonce_is_refused(service: Service, person: Person) -> None:
    bare = replace(person.withdrawal("demo", kind=DELETION), nonce=None)
    signed = sign_withdrawal(bare, person.keys.signing).decode()
    refused = person.post("/v1/mailbox/deletion", {"withdrawals": {"demo": signed}})
    assert (refused.status_code, refused.json()["code"]) == (422, "withdrawal_other")


@on_every_database_in_time
def test_on_its_day_a_deletion_can_no_longer_be_cancelled(
    service: Service, person: Person, move: Move
) -> None:
    person.ask_deletion()
    move(14)
    refused = person.cancel_deletion()
    assert (refused.status_code, refused.json()["code"]) == (409, "deletion_due")
    assert complete(service) == 1


@on_every_database_in_time
def test_what_a_hold_keeps_is_locked_and_all_the_rest_goes(
    service: Service, demo: Mechanism, other: Mechanism, move: Move, tmp_path: Path
) -> None:
    register(service.installation, other)
    publish_profile(service, demo, hold=HOLD)
    person = Person(service)
    person.send("Тэкст", choices=[allow(), allow("other", "identity")])
    composer = person.composer(person.choices)
    composer.section("person", {"name": "Ян"})
    person.post("/v1/mailbox/revisions", person.body(composer))
    service.pull(tmp_path / "pulled")
    service.pull(tmp_path / "other", other)
    held = {a.compartment for a in parse(person.revisions()[-1][0]).audience if a.mechanism == "demo"}
    person.ask_deletion()
    move(14)
    assert complete(service) == 1

    found = person.look()
    assert found["grants"] == [] and person.open().said == []
    told = person.get("/standings").json()
    assert told["deletion"] is None and told["standings"] == []
    outcomes = {w["mechanism"]: w["outcome"] for w in told["withdrawals"]}
    assert outcomes == {"demo": "locked", "other": "deleted"}
    with service.owner.read() as connection:
        grants = connection.execute(select(t.grants.c.mechanism, t.grants.c.locked)).all()
        parts = set(connection.execute(select(t.parts.c.compartment)).scalars())
    assert {tuple(g) for g in grants} == {("demo", True)} and parts <= held
    move(0)
    assert Program(service).enter().get(f"/feed/v1/records/{found['record']}").status_code == 404
    assert events(service)[-1] == "consent.withdrawn"
    assert complete(service) == 0
    whole = service.installation
    assert list(check(service.owner, whole.store, whole.log_keys, read_data=True)) == []


@on_every_database_in_time
def test_a_deletion_needs_a_withdrawal_for_each_mechanism(service: Service, person: Person) -> None:
    def refused(withdrawals: dict[str, str]) -> str:
        answer = person.post("/v1/mailbox/deletion", {"withdrawals": withdrawals})
        assert answer.status_code == 422
        return str(answer.json()["code"])

    def signed(withdrawal: Withdrawal) -> dict[str, str]:
        return {"demo": sign_withdrawal(withdrawal, person.keys.signing).decode()}

    assert refused({}) == "withdrawal_missing"
    assert refused({"demo": "{}"}) == "withdrawal_invalid"
    other: tuple[dict[str, Any], ...] = (
        {"whole": False},
        {"record": "ab" * 32},
        {"mechanism": "other"},
        {"revision": 2},
        {"statement": "ab" * 32},
        {"kind": CONSENT, "nonce": None},
    )
    for changes in other:
        made = replace(person.withdrawal("demo", kind=DELETION), **changes)
        assert refused(signed(made)) == "withdrawal_other"
    assert person.get("/standings").json()["deletion"] is None


@on_every_database_in_time
def test_a_deletion_names_nobody_else_and_not_what_changed_meanwhile(
    service: Service, person: Person, other: Mechanism
) -> None:
    register(service.installation, other)
    more = person.post("/v1/mailbox/deletion", person.withdrawals("demo", "other"))
    assert (more.status_code, more.json()["code"]) == (422, "withdrawal_other")
    signed = {m: e.encode() for m, e in person.withdrawals("demo")["withdrawals"].items()}
    read_before = service.installation.mailbox.open(person.keys.lookup, person.keys.auth)
    assert person.revise(choices=[allow(), allow("other")]).status_code == 201
    with pytest.raises(Conflict) as refused:
        service.installation.deletion.ask(read_before, signed)
    assert refused.value.code == "revision_behind"
    assert person.get("/standings").json()["deletion"] is None
    assert person.ask_deletion().status_code == 202


@on_every_database_in_time
def test_a_deletion_that_fails_keeps_no_other_from_being_done(
    service: Service, demo: Mechanism, move: Move, tmp_path: Path
) -> None:
    publish_profile(service, demo, hold=HOLD)
    stuck, others = Person(service), [Person(service) for _ in range(3)]
    for one in (stuck, *others):
        one.send("Тэкст")
    service.pull(tmp_path / "pulled")
    record = stuck.record
    with service.owner.write() as connection:  # nobody was told of this one
        values = {"record": record, "asked_day": clock.day(), "due_day": clock.day()}
        connection.execute(insert(later.deletions).values(**values))
    for one in others:
        assert one.ask_deletion().status_code == 202
    move(14)
    assert complete(service) == 3
    with service.owner.read() as connection:
        assert list(connection.execute(select(later.deletions.c.record)).scalars()) == [record]


@on_every_database_in_time
def test_a_draft_goes_with_the_record(service: Service, person: Person, move: Move) -> None:
    service.installation.drafts.put(person.keys, "narrative", b"not sent yet")
    stranger = Person(service)
    service.installation.drafts.put(stranger.keys, "narrative", b"of somebody else")
    service.installation.erasure.erase(person.record)
    assert service.installation.drafts.all(person.keys) == {}
    assert service.installation.drafts.all(stranger.keys) != {}


@on_every_database_in_time
def test_nothing_is_released_once_a_deletion_was_answered(service: Service, person: Person) -> None:
    record, program, answers = person.record, Program(service).enter(), []
    reading = threading.Thread(
        target=lambda: answers.append(program.get(f"/feed/v1/records/{record}").status_code)
    )
    with service.installation.database.write() as connection:
        here = select(t.records.c.id).where(t.records.c.id == record)
        connection.execute(here.with_for_update())
        reading.start()
        reading.join(1)
        values = {"record": record, "asked_day": clock.day(), "due_day": "2999-01-01"}
        connection.execute(insert(later.deletions).values(**values))
    reading.join()
    assert answers == [403]


@on_every_database_in_time
def test_media_that_others_have_stay_with_them(
    service: Service, move: Move, tmp_path: Path, photo: bytes
) -> None:
    receipt, sent = service.submit(prepared(tmp_path / "a", {"a.jpg": photo}))
    _, second = service.submit(prepared(tmp_path / "b", {"b.jpg": photo}))
    service.installation.payloads.maintain(merge_now=True)
    Person(service, receipt.keys()).ask_deletion()
    move(14)
    assert complete(service) == 1
    move(0)
    assert service.pull(tmp_path / "pulled").records == [second.record]
    (opened,) = service.open(tmp_path / "pulled", tmp_path / "opened")
    assert opened.problems == {} and opened.media == ["b.jpg"] and sent.record != second.record


def test_the_day_is_told_where_the_person_looks(service: Service, person: Person) -> None:
    person.ask_deletion()
    deletion = person.get("/standings").json()["deletion"]
    assert deletion.pop("withdrawals").keys() == {"demo"}
    assert deletion == {"asked_day": clock.day(), "due_day": clock.day(clock.now() + 14 * clock.DAY)}
