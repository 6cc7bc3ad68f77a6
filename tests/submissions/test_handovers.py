"""Who has a record as the successor of another: what the person allows that one decides, and nothing else."""

import re
from html import unescape

import pytest
from alembic import command
from sqlalchemy import delete, insert, select, text, update

from crypto.withdrawal import verify_withdrawal
from intake.audit.events import Event
from intake.db import migrate
from intake.db.tables import coming_back as c
from intake.db.tables import submissions as t
from intake.submissions import withdraw
from intake.upkeep import worker
from intake.upkeep.check import check
from tests.http.test_feed import Program
from tests.http.test_handover import Giver, appoint, heir, stored, told, witness_of_demo
from tests.own import Person, allow, mover, on_the_server, publish_profile
from tests.postgres import APP
from tests.service import PURPOSE, Mechanism, Service, digits, new_receipt, on_every_database_in_time
from tests.submissions.test_withdraw import restored
from tests.upkeep.test_check_coming_back import harmed

__all__ = ["heir"]
pytestmark = on_every_database_in_time
NOTHING: tuple[list[object], list[object], list[object]] = ([], [], [])


@pytest.fixture
def person(service: Service, heir: Mechanism) -> Person:
    """Allows `demo` and a successor, to whom it was handed over."""
    appoint(service, heir, hold={"en": "Kept by law."})
    found = Person(service)
    composer = found.composer([allow("demo", "identity", successor=True)])
    composer.narrative("Тэкст", "victim", "be")
    composer.section("person", {"names": "Ян"})
    body = found.body(composer) | {"receipt": found.receipt(composer.writer)}
    assert found.post("/v1/submissions", body).status_code == 201
    assert Giver(service, heir).give(found.record).status_code == 200
    return found


def findings(service: Service) -> list[str]:
    found = service.installation
    listed = check(service.owner, found.store, found.log_keys, read_data=False)
    return [f"{f.where}: {f.what}" for f in listed]


def opens(service: Service, heir: Mechanism, record: str, purpose: str = PURPOSE) -> int:
    return Program(service, heir, purpose).enter().get(f"/feed/v1/records/{record}").status_code


def outcomes(service: Service) -> dict[str, str]:
    with service.owner.read() as connection:
        return {
            row.mechanism: row.outcome
            for row in connection.execute(select(c.withdrawals).order_by(c.withdrawals.c.revision))
        }


def test_a_revision_keeps_the_successor_and_gives_it_nothing_new(
    service: Service, person: Person, heir: Mechanism
) -> None:
    record, before = person.record, stored(service)
    assert person.revise("Больш").status_code == 201
    assert stored(service) == before and opens(service, heir, record) == 200 and findings(service) == []
    event, said = told(service, "heir")[-1]
    assert (event, said["revision"], said["from"]) == (Event.RECORD_REVISED, 2, "demo")

    more = [allow("demo", "identity", "sensitive", successor=True)]
    composer = person.composer(more)
    composer.section("sensitive", {"narrative": "…"})
    assert person.post("/v1/mailbox/revisions", person.body(composer)).status_code == 201
    assert stored(service) == before and len(stored(service, "demo")[1]) == len(before[1]) + 1
    assert Giver(service, heir).give(record).json()["added"] == 1
    assert stored(service)[1] == stored(service, "demo")[1] and findings(service) == []
    event, said = told(service, "heir")[-1]
    assert (event, said["revision"], said["from"]) == (Event.RECORD_ADDED, 3, "demo")


def test_purposes_and_expiry_are_those_of_the_mechanism_that_it_came_from(
    service: Service, person: Person, heir: Mechanism
) -> None:
    record = person.record
    now = allow("demo", "identity", purposes=("archive", "reparation"), expires="2100-01-01", successor=True)
    assert person.revise(choices=[now]).status_code == 201
    (allowed,), _, _ = stored(service)
    assert (set(allowed[0]), *allowed[1:]) == ({"archive", "reparation"}, "2100-01-01", False)
    assert (opens(service, heir, record), opens(service, heir, record, "archive")) == (403, 200)
    assert findings(service) == []


def test_withdrawing_takes_it_back_from_the_successor_who_is_told_by_the_same_signature(
    service: Service, person: Person, heir: Mechanism
) -> None:
    record = person.record
    assert opens(service, heir, record) == 200
    answer = person.revise(choices=[])
    # Its hold locks nothing: nobody had told the person of it before they agreed.
    assert answer.json()["withdrawn"] == {"demo": "deleted", "heir": "deleted"}
    assert stored(service) == NOTHING and opens(service, heir, record) == 404
    event, said = told(service, "heir")[-1]
    assert (event, said["revision"], said["from"]) == (Event.CONSENT_WITHDRAWN, 2, "demo")
    signed = verify_withdrawal(said["withdrawal"].encode(), person.keys.signing.public)
    assert (signed.mechanism, signed.whole) == ("demo", True)
    shown = person.get("/standings").json()
    assert {w["mechanism"]: w["outcome"] for w in shown["withdrawals"]} == answer.json()["withdrawn"]
    assert (shown["handed_over"], shown["standings"], findings(service)) == ([], [], [])

    assert person.revise(choices=[allow("demo", successor=True)]).status_code == 201
    assert stored(service) == NOTHING  # given again to the one, and not handed over by it
    assert Giver(service, heir).give(record).status_code == 200
    assert opens(service, heir, record) == 200 and findings(service) == []


def test_what_a_successor_never_opened_is_destroyed(service: Service, person: Person) -> None:
    assert person.revise(choices=[]).json()["withdrawn"]["heir"] == "destroyed"
    assert stored(service) == NOTHING


def test_without_the_tick_for_a_successor_it_is_taken_back_and_the_rest_goes_on(
    service: Service, person: Person, heir: Mechanism
) -> None:
    record = person.record
    answer = person.revise(choices=[allow("demo", "identity")])
    assert (answer.status_code, answer.json()["withdrawn"]) == (201, {"heir": "destroyed"})
    assert stored(service) == NOTHING and opens(service, heir, record) == 404
    assert Program(service).enter().get(f"/feed/v1/records/{record}").status_code == 200
    assert told(service, "heir")[-1][0] is Event.CONSENT_WITHDRAWN and findings(service) == []
    assert Giver(service, heir).refused(record) == (403, "successor_not_allowed")


def test_one_compartment_is_taken_back_from_both(service: Service, person: Person, heir: Mechanism) -> None:
    before = stored(service)
    answer = person.revise(choices=[allow("demo", successor=True)])
    assert answer.json()["withdrawn"] == {"demo": "deleted", "heir": "destroyed"}
    assert len(stored(service)[1]) == len(before[1]) - 1 and stored(service)[2] == ["demo"]
    assert opens(service, heir, person.record) == 200 and findings(service) == []
    withdrawn = [said for event, said in told(service, "heir") if event is Event.CONSENT_WITHDRAWN]
    assert [said["from"] for said in withdrawn] == ["demo"]
    assert person.revise("Больш").json()["withdrawn"] == {} and findings(service) == []


def test_what_the_successor_does_not_have_is_taken_back_without_telling_it(
    service: Service, heir: Mechanism
) -> None:
    appoint(service, heir, compartments=["account"])
    person = witness_of_demo(service, "identity")
    composer = person.composer(person.choices)
    composer.section("person", {"names": "Ян"})
    assert person.post("/v1/mailbox/revisions", person.body(composer)).status_code == 201
    giver, kinds = Giver(service, heir), {}
    for entry in person.open().reader.statement.compartments:
        kinds[entry.id] = entry.kind
    sent = [g for g in giver.grants(person.record) if kinds[g["compartment"]] == "account"]
    assert giver.give(person.record, sent).status_code == 200
    answer = person.revise(choices=[allow("demo", successor=True)])
    assert answer.json()["withdrawn"] == {"demo": "deleted"}
    assert stored(service)[2] == ["demo"] and findings(service) == []


def test_whom_the_person_names_then_has_what_the_statement_says(
    service: Service, person: Person, heir: Mechanism
) -> None:
    record = person.record
    both = [allow("demo", "identity", successor=True), allow("heir", purposes=("archive",))]
    assert person.revise(choices=both).status_code == 201
    allowed, held, came = stored(service)
    assert allowed == [(["archive"], None, False)] and came == []
    named = [a for a in person.open().reader.statement.audience if a.mechanism == "heir"]
    assert held == sorted(a.compartment for a in named)
    assert opens(service, heir, record, "archive") == 200 and findings(service) == []
    # Named, the person was shown what it announces.
    assert person.revise(choices=both[:1]).json()["withdrawn"] == {"heir": "locked"}
    assert opens(service, heir, record, "archive") == 404 and findings(service) == []
    assert Giver(service, heir).refused(record) == (409, "successor_withdrawn")


def test_a_withdrawal_without_a_statement_reaches_the_successor(
    service: Service, person: Person, heir: Mechanism
) -> None:
    second = restored(service, person)
    answer = second.post("/v1/mailbox/withdrawals", second.withdrawals("demo"))
    assert answer.json() == {"withdrawn": {"demo": "deleted", "heir": "destroyed"}}
    assert stored(service) == NOTHING and opens(service, heir, person.record) == 404
    event, said = told(service, "heir")[-1]
    assert (event, said["revision"], said["from"]) == (Event.CONSENT_WITHDRAWN, 1, "demo")


def test_a_withdrawal_from_the_successor_alone_leaves_the_other_as_it_was(
    service: Service, person: Person, heir: Mechanism
) -> None:
    before = stored(service, "demo")
    second = restored(service, person, "heir")  # by the successor, which knows the person
    answer = second.post("/v1/mailbox/withdrawals", second.withdrawals("heir"))
    assert answer.json() == {"withdrawn": {"heir": "destroyed"}}
    assert stored(service) == NOTHING and stored(service, "demo") == before
    event, said = told(service, "heir")[-1]
    assert event is Event.CONSENT_WITHDRAWN and "from" not in said
    assert Giver(service, heir).refused(person.record) == (409, "successor_withdrawn")


def test_a_deletion_is_told_to_the_successor_and_takes_everything(
    service: Service, person: Person, heir: Mechanism, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, move = person.record, mover(monkeypatch)
    before = stored(service)
    assert person.ask_deletion().status_code == 202
    event, said = told(service, "heir")[-1]
    assert (event, said["from"]) == (Event.DELETION_ASKED, "demo") and opens(service, heir, record) == 403
    assert person.cancel_deletion().status_code == 200
    assert told(service, "heir")[-1][0] is Event.DELETION_CANCELLED
    assert stored(service) == before and opens(service, heir, record) == 200 and findings(service) == []
    person.ask_deletion()
    move(15)
    on_the_server(lambda: worker.maintain(service.installation))
    move(0)
    assert stored(service) == NOTHING and told(service, "heir") == [] and findings(service) == []


def test_a_deletion_under_a_hold_of_the_first_keeps_nothing_for_the_successor(
    service: Service, heir: Mechanism, monkeypatch: pytest.MonkeyPatch
) -> None:
    move = mover(monkeypatch)
    appoint(service, heir)
    publish_profile(service, service.mechanism, 2, continued_by="heir", hold={"en": "Kept by law."})
    with service.owner.write() as connection:  # both versions of a day would have to announce it
        connection.execute(text("DELETE FROM profiles WHERE mechanism = 'demo' AND version = 1"))
    person = witness_of_demo(service)
    record = person.record
    assert Giver(service, heir).give(record).status_code == 200 and opens(service, heir, record) == 200
    person.ask_deletion()
    move(15)
    on_the_server(lambda: worker.maintain(service.installation))
    move(0)
    assert outcomes(service) == {"demo": "locked", "heir": "deleted"}
    assert stored(service) == NOTHING and opens(service, heir, record) == 404
    assert [said for event, said in told(service, "heir") if event is Event.CONSENT_WITHDRAWN]
    assert [f for f in findings(service) if f.startswith("record")] == []


def test_the_person_is_told_who_has_it_and_through_whom(
    service: Service, person: Person, heir: Mechanism
) -> None:
    shown = person.get("/standings").json()
    ((mechanism, origin),) = [(one["mechanism"], one["origin"]) for one in shown["handed_over"]]
    assert (mechanism, origin) == ("heir", "demo") and shown["handed_over"][0]["day"]
    assert [(s["mechanism"], s["origin"], s["read"]) for s in shown["standings"]] == [
        ("demo", None, True),
        ("heir", "demo", False),
    ]
    opens(service, heir, person.record)
    assert [s["read"] for s in person.get("/standings").json()["standings"]] == [True, True]


def test_check_names_a_handing_over_that_the_person_does_not_allow(
    service: Service, person: Person, heir: Mechanism
) -> None:
    assert findings(service) == []
    theirs = t.grants.c.mechanism == "heir"
    for table, change, what in (
        (c.handovers, delete(c.handovers), "the consents that are acted on are not those"),
        (c.handovers, update(c.handovers).values(origin="heir"), "not, or no longer, what the person allows"),
        (
            t.audience,
            update(t.audience).where(t.audience.c.mechanism == "heir").values(purposes=["archive"]),
            "the consents that are acted on are not those",
        ),
        (
            t.audience,
            delete(t.audience).where(t.audience.c.mechanism == "heir"),
            "the consents that are acted on are not those",
        ),
        (
            t.grants,
            update(t.grants)
            .where(theirs, t.grants.c.compartment == stored(service)[1][0])
            .values(recipient="cd" * 32),
            "to heir is there, and is not signed any more",
        ),
    ):
        with harmed(service, table, change):
            found = findings(service)
        assert any(what in line for line in found), (what, found)
    assert findings(service) == []
    person.revise(choices=[])
    withdrawn = update(c.withdrawals).where(c.withdrawals.c.mechanism == "heir")
    with harmed(
        service, c.withdrawals, withdrawn.values(document=withdraw.narrowed("ab" * 32, "demo", 2, ""))
    ):
        assert any("is not signed by anybody who may withdraw" in line for line in findings(service))
    with service.owner.write() as connection:
        row = {"record": person_record(service), "mechanism": "heir", "origin": "demo", "day": "2026-11-23"}
        connection.execute(insert(c.handovers).values(row))
    assert any("no longer, what the person allows" in line for line in findings(service))


def person_record(service: Service) -> str:
    with service.owner.read() as connection:
        return str(connection.execute(select(t.records.c.id)).scalar_one())


def test_a_downgrade_takes_back_what_nothing_would_explain(service: Service, person: Person) -> None:
    command.downgrade(migrate.config(service.owner), "0006")
    with service.owner.read() as connection:
        for table in (t.grants, t.audience):
            left = set(connection.execute(select(table.c.mechanism)).scalars()) - {None}
            assert left == {"demo"}
    sqlite = service.owner.engine.dialect.name == "sqlite"
    migrate.upgrade(service.owner, None if sqlite else APP)
    assert findings(service) == []


@pytest.mark.parametrize(
    ("language", "expected", "lines"),
    [
        (
            "en",
            "continues the work of Mechanism demo and has received this, as you allowed.",
            (
                "Mechanism demo: it was handed over to Mechanism heir, which continues this work",
                "Mechanism heir: received from Mechanism demo, whose work it continues",
            ),
        ),
        (
            "be",
            "працягвае працу арганізацыі «Механізм demo»",
            (
                "Механізм demo: перададзена арганізацыі «Механізм heir», якая працягвае гэтую працу",
                "Механізм heir: атрымана ад арганізацыі «Механізм demo», чыю працу яна працягвае",
            ),
        ),
        (
            "ru",
            "продолжает работу организации «Mechanism demo»",
            (
                "Mechanism demo: передано организации «Mechanism heir», которая продолжает эту работу",
                "Mechanism heir: получено от организации «Mechanism demo», чью работу она продолжает",
            ),
        ),
    ],
)
def test_the_page_says_who_continues_whose_work_and_how_to_take_it_back(
    service: Service, heir: Mechanism, language: str, expected: str, lines: tuple[str, str]
) -> None:
    appoint(service, heir)
    receipt = new_receipt()
    person = Person(service, receipt.keys())
    person.send("Тэкст", choices=[allow("demo", successor=True)])
    assert Giver(service, heir).give(person.record).status_code == 200

    def page(**fields: str) -> str:
        sent = {"receipt": digits(receipt), "confirm": "yes"} | fields
        answer = service.http.post(f"{service.url}/{language}/return", data=sent)
        assert answer.status_code == 200, answer.text
        return unescape(answer.text)

    shown = page()
    card = shown[shown.index(expected) :]
    assert 'value="withdraw:demo"' in card and 'value="withdraw:heir"' not in shown
    assert all(line in shown for line in lines), shown
    asked = page(at="withdraw:demo")
    (seen,) = re.findall('name="seen" value="([^"]*)"', asked)
    page(at="withdraw:demo", go="withdraw", seen=seen)
    assert stored(service) == NOTHING and expected not in page()
