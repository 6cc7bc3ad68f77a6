"""A mechanism's people among themselves: admitting, removing, and what needs two of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import insert, select

from crypto.encoding import canonical_json, parse_canonical_json
from intake import clock
from intake.audit import log
from intake.audit.events import Event, Log
from intake.db.tables.review import assignments, member_grants, statuses
from intake.db.tables.staff import vaults, wraps
from intake.errors import Conflict, Forbidden
from intake.people import members, memberships, proposals
from intake.people.reader import Reader
from intake.upkeep import worker
from tests.sealed import Sealed
from tests.service import PURPOSE, Service, on_every_database_in_time
from tests.staff import Person, Staff

pytestmark = on_every_database_in_time


def said(service: Service, event: Event, kind: Log = Log.ACCESS) -> list[dict[str, Any]]:
    with service.installation.database.read() as connection:
        return [e.fields for e in log.read(connection, "demo", kind, 0, 1000) if e.event is event]


def known(person: Person) -> dict[str, dict[str, Any]]:
    return {one["member"]: one for one in person.get("/people").json()["members"]}


@contextmanager
def later(monkeypatch: pytest.MonkeyPatch, seconds: int) -> Iterator[None]:
    real = clock.now
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: real() + seconds)
        yield


def test_an_administrator_admits_whom_the_root_signed_and_both_logs_say_it(service: Service) -> None:
    staff = Staff(service)
    admin = staff.member("administrator")
    asked = staff.applicant("reviewer", id="anna", name="Анна")
    (waiting,) = admin.get("/people").json()["waiting"]
    assert waiting["request"].encode() == asked.request and not waiting["second"]
    answer = admin.post("/cards", {"card": asked.card.decode()})
    assert (answer.status_code, answer.json()) == (201, {"member": "anna"})
    assert known(admin)["anna"]["name"] == "Анна" and admin.get("/people").json()["waiting"] == []
    (admitted,) = said(service, Event.MEMBER_ADMITTED)
    assert (admitted["member"], admitted["subject"]) == (admin.member, "anna")
    added = said(service, Event.MEMBERSHIP_ADDED, Log.RECORDS)[-1]
    assert (added["member"], added["roles"]) == ("anna", "reviewer")
    assert added["recipient"] == asked.identity.recipient.fingerprint
    again = admin.post("/cards", {"card": asked.card.decode()})
    assert again.json()["code"] == "application_unknown"
    renewed = staff.sign(asked.request, ["reviewer"], 90)
    before = known(admin)["anna"]["expires"]
    assert admin.post("/cards", {"card": renewed.decode()}).status_code == 201
    assert known(admin)["anna"]["expires"] > before
    refused = admin.post("/invitations", {"roles": ["reviewer"], "days": 0})
    assert refused.json()["code"] == "days_invalid"


def test_an_administrator_cannot_admit_other_keys_than_those_that_were_applied_with(service: Service) -> None:
    staff = Staff(service)
    admin = staff.member("administrator")
    asked = staff.applicant("reviewer", id="anna")
    other = staff.make_keys("anna", ["reviewer"])
    forged = parse_canonical_json(asked.card)
    forged["membership"]["roles"] = ["key-holder"]
    for card, code in (
        (other.card, "card_other"),
        (canonical_json(forged), "card_invalid"),
        (b"{}", "card_invalid"),
        (staff.make_keys("bela", ["reviewer"]).card, "application_unknown"),
    ):
        assert admin.post("/cards", {"card": card.decode()}).json()["code"] == code
    assert "anna" not in known(admin)
    refused = said(service, Event.REFUSED)
    assert [one["reason"] for one in refused] == [
        "card_other",
        "card_invalid",
        "card_invalid",
        "application_unknown",
    ]


def test_nobody_takes_the_name_of_somebody_who_is_or_was_there(service: Service) -> None:
    staff = Staff(service)
    admin, anna = staff.member("administrator"), staff.member("reviewer", id="anna")
    with pytest.raises(Conflict, match="exists"):
        staff.applicant("reviewer", id="anna")
    assert admin.post("/people/anna/removal").status_code == 200
    with pytest.raises(Conflict, match="exists"):
        staff.applicant("reviewer", id="anna")
    staff.applicant("reviewer", id="bela")
    with pytest.raises(Conflict, match="exists"):
        staff.applicant("reviewer", id="bela")
    assert admin.post("/applications/bela/refusal").status_code == 204
    staff.applicant("reviewer", id="bela")
    assert anna.get("/oneself").status_code == 401


def test_founders_need_the_root_only_and_a_third_key_holder_two_members(service: Service) -> None:
    staff = Staff(service)
    admin = staff.member("administrator")
    for id in ("first", "second"):
        assert (
            admin.post("/cards", {"card": staff.applicant("key-holder", id=id).card.decode()}).status_code
            == 201
        )
    third = staff.applicant("key-holder", "reviewer", id="third").card.decode()
    custodian = staff.applicant("custodian", id="olga").card.decode()
    assert [one["second"] for one in admin.get("/people").json()["waiting"]] == [True, True]
    for card in (third, custodian):
        assert admin.post("/cards", {"card": card}).json()["code"] == "second_person"
    first, second = (staff.enter_as(id) for id in ("first", "second"))
    id = first.post("/proposals", {"kind": "add_key_holder", "member": "third"}).json()["id"]
    assert first.post(f"/proposals/{id}/decision", {"approve": True}).json()["code"] == "second_person"
    assert admin.post(f"/proposals/{id}/decision", {"approve": True}).json()["code"] == "role"
    assert admin.post("/cards", {"card": third}).json()["code"] == "second_person"  # proposed only
    assert second.post(f"/proposals/{id}/decision", {"approve": True}).json()["state"] == "approved"
    assert second.post(f"/proposals/{id}/decision", {"approve": False}).json()["code"] == "proposal_decided"
    assert admin.post("/cards", {"card": third}).status_code == 201
    assert admin.post("/cards", {"card": custodian}).json()["code"] == "second_person"
    made, decided = said(service, Event.PROPOSAL_MADE), said(service, Event.PROPOSAL_DECIDED)
    assert [one["member"] for one in made] == ["first"] and [one["member"] for one in decided] == ["second"]


def test_an_approval_is_of_the_keys_that_were_there_and_of_no_later_ones(service: Service) -> None:
    staff = Staff(service)
    admin, first, second = (staff.member(role) for role in ("administrator", "key-holder", "key-holder"))
    staff.applicant("key-holder", id="third")
    id = first.post("/proposals", {"kind": "add_key_holder", "member": "third"}).json()["id"]
    second.post(f"/proposals/{id}/decision", {"approve": True})
    admin.post("/applications/third/refusal")
    other = staff.applicant("key-holder", id="third")
    assert admin.post("/cards", {"card": other.card.decode()}).json()["code"] == "second_person"


def test_a_removed_member_is_out_at_once_and_what_was_theirs_is_gone(service: Service) -> None:
    staff = Staff(service)
    admin, anna, holder = (staff.member(role) for role in ("administrator", "reviewer", "key-holder"))
    record = Sealed(service).send().json()["record"]
    with service.owner.write() as connection:
        row = {"record": record, "mechanism": "demo", "member": anna.member}
        connection.execute(insert(assignments).values(**row, assigned_by=holder.member, day=clock.day()))
        kept = {"record": record, "mechanism": "demo", "number": 1, "status": "assigned"}
        connection.execute(insert(statuses).values(**kept, changed_by=holder.member, day=clock.day()))
        connection.execute(
            insert(member_grants).values(**row, compartment="ab" * 16, file=b"x", expires=None)
        )
        connection.execute(
            insert(vaults).values(mechanism="demo", member=anna.member, wrapper="recovery", file=b"x")
        )
    assert anna.get("/oneself").status_code == 200
    removed = holder.post(f"/people/{anna.member}/removal")
    assert removed.json() == {"new_epoch": True}
    assert anna.get("/oneself").json()["code"] == "session_over"
    with service.owner.read() as connection:
        for table in (assignments, member_grants, vaults):
            assert not connection.execute(select(table)).first()
        assert connection.execute(select(statuses.c.status)).scalar_one() == "new"
        readers = set(connection.execute(select(wraps.c.reader)).scalars())
        assert readers == {holder.member}
        assert anna.member not in members.valid(connection, "demo")
        assert anna.member not in memberships.valid(connection, "demo")
    assert known(admin)[anna.member]["removed"] == clock.day()
    assert [f["member"] for f in said(service, Event.MEMBERSHIP_REMOVED, Log.RECORDS)] == [anna.member]
    assert holder.post(f"/people/{anna.member}/removal").json()["code"] == "not_found"
    assert holder.post(f"/people/{holder.member}/removal").json()["code"] == "second_person"
    assert holder.post(f"/people/{admin.member}/removal").json() == {"new_epoch": False}


def test_a_rapporteurs_eight_weeks_end_by_themselves(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff = Staff(service)
    anna = staff.member("reviewer", id="anna", days=56)
    with later(monkeypatch, 56 * clock.DAY):
        assert staff.enter(anna).get("/oneself").status_code == 200  # the last day is a day
    with later(monkeypatch, 57 * clock.DAY):
        assert staff.enter(anna).get("/oneself").json()["code"] == "session_over"
        worker.maintain(service.installation)
        worker.maintain(service.installation)
    (ended,) = said(service, Event.MEMBERSHIP_REMOVED, Log.RECORDS)
    assert (ended["member"], ended["reason"]) == ("anna", "expired")
    with service.owner.read() as connection:
        assert not connection.execute(select(wraps.c.reader)).first()


def test_who_has_applied_and_was_answered_by_nobody_is_dropped_after_thirty_days(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff = Staff(service)
    admin = staff.member("administrator")
    staff.applicant("reviewer", id="anna")
    worker.maintain(service.installation)
    assert [one["member"] for one in admin.get("/people").json()["waiting"]] == ["anna"]
    with later(monkeypatch, 31 * clock.DAY):
        worker.maintain(service.installation)
        worker.maintain(service.installation)
    assert staff.enter(admin).get("/people").json()["waiting"] == []
    (dropped,) = said(service, Event.MEMBER_REMOVED)
    assert (dropped["subject"], dropped["applicant"], dropped["reason"]) == ("anna", 1, "expired")
    staff.applicant("reviewer", id="anna")  # the name is free again


def test_a_proposal_waits_for_three_days_and_is_decided_by_another_member(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff = Staff(service)
    first, second = staff.member("key-holder"), staff.member("key-holder")
    one, two = (Reader("demo", PURPOSE, member=p.member, roles=p.roles) for p in (first, second))
    with service.installation.database.write() as connection:
        budget = {"member": second.member, "daily": 60}
        id = proposals.make(connection, one, proposals.CHANGE_BUDGET, budget)
        with pytest.raises(Forbidden):  # about them
            proposals.decide(connection, two, id, True)
        stale = proposals.make(connection, one, proposals.EXPORT, {"records": ["ab"]})
        reviewer = Reader("demo", PURPOSE, member="r", roles=("reviewer",))
        with pytest.raises(Forbidden):
            proposals.decide(connection, reviewer, stale, True)
        assert proposals.approved(connection, "demo", proposals.EXPORT, {}) is None
        done = proposals.make(connection, one, proposals.EXPORT, {"records": ["cd"]})
        proposals.decide(connection, two, done, True)
        found = proposals.approved(connection, "demo", proposals.EXPORT, {"records": ["cd"]})
        assert found and found.decided_by == second.member
        assert proposals.approved(connection, "demo", proposals.EXPORT, {"records": ["ab"]}) is None
    with later(monkeypatch, 73 * clock.HOUR), service.installation.database.write() as connection:
        with pytest.raises(Conflict, match="in time"):
            proposals.decide(connection, two, stale, True)
        assert proposals.approved(connection, "demo", proposals.EXPORT, {"records": ["cd"]})
    with later(monkeypatch, 145 * clock.HOUR), service.installation.database.read() as connection:
        assert proposals.approved(connection, "demo", proposals.EXPORT, {"records": ["cd"]}) is None


def test_a_member_confirms_again_for_what_changes_people(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = Staff(service).member("administrator")
    with later(monkeypatch, 6 * 60):
        assert admin.get("/people").status_code == 200
        refused = admin.post("/invitations", {"roles": ["reviewer"], "days": 1})
        assert (refused.status_code, refused.json()["code"]) == (403, "assertion_needed")


def test_two_members_change_what_a_reader_may_open_in_a_day(service: Service) -> None:
    staff = Staff(service)
    anna, first, second = (staff.member(role) for role in ("reviewer", "key-holder", "custodian"))
    wanted = {"kind": "change_budget", "member": anna.member, "daily": 60}
    id = anna.post("/proposals", wanted).json()["id"]
    assert first.post("/proposals", wanted | {"member": "client:nobody"}).json()["code"] == "not_found"
    assert first.post("/proposals", wanted | {"member": "client:demo-puller"}).status_code == 201
    assert (
        first.post("/proposals", {"kind": "export", "member": anna.member}).json()["code"]
        == "proposal_unknown"
    )
    assert second.post(f"/proposals/{id}/decision", {"approve": True}).json()["state"] == "approved"
    assert known(first)[anna.member]["daily"] == 60
    assert known(first)[first.member]["daily"] == service.settings.member_daily
    (changed,) = said(service, Event.BUDGET_CHANGED)
    assert (changed["reader"], changed["daily"]) == (anna.member, 60)
    assert (changed["member"], changed["proposal"]) == (second.member, id)
    other = anna.post("/proposals", wanted).json()["id"]
    assert anna.delete(f"/proposals/{other}").status_code in (200, 204)
    decided = said(service, Event.PROPOSAL_DECIDED)  # each says what it was about, taken back or not
    assert [(one["kind"], one["subject"]) for one in decided] == [("change_budget", anna.member)] * 2
