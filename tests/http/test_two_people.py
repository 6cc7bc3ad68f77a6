"""What no member does alone, and how one of them could have tried to: removing others first, or asking again."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from intake.audit.events import Event
from intake.cli import app
from intake.db.tables.review import alarms
from intake.people import leaving, proposals
from intake.people.reader import Reader
from tests.http.test_people import known, said
from tests.service import Service, on_every_database_in_time
from tests.staff import Person, Staff

pytestmark = on_every_database_in_time


def raised(service: Service) -> list[tuple[str, str]]:
    with service.installation.database.read() as connection:
        query = select(alarms.c.kind, alarms.c.reader).order_by(alarms.c.kind, alarms.c.reader)
        return [(row.kind, row.reader) for row in connection.execute(query)]


def proposed(person: Person, kind: str, about: str) -> Any:
    return person.post("/proposals", {"kind": kind, "member": about}).json()


def agreed(first: Person, second: Person, kind: str, about: str) -> Any:
    id = proposed(first, kind, about)["id"]
    return second.post(f"/proposals/{id}/decision", {"approve": True}).json()


def test_whoever_removed_the_others_still_admits_no_key_holder_alone(service: Service) -> None:
    staff = Staff(service)
    admin, first, second = (staff.member(role) for role in ("administrator", "key-holder", "key-holder"))
    assert admin.post(f"/people/{second.member}/removal").status_code == 200
    last = admin.post(f"/people/{first.member}/removal")
    assert (last.status_code, last.json()["code"]) == (403, "removal_by_two")
    third = staff.applicant("key-holder", id="third").card.decode()
    assert admin.post("/cards", {"card": third}).json()["code"] == "second_person"
    with service.installation.database.write() as connection:  # as the operator does
        leaving.remove(connection, "demo", first.member)
    assert admin.get("/people").json()["waiting"][0]["second"]
    assert admin.post("/cards", {"card": third}).json()["code"] == "second_person"


def test_an_auditor_and_the_last_custodian_go_only_when_two_agree_and_auditors_hear_of_it(
    service: Service,
) -> None:
    staff = Staff(service)
    admin, holder, other, custodian, auditor = (
        staff.member(role) for role in ("administrator", "key-holder", "key-holder", "custodian", "auditor")
    )
    assert {id for id, one in known(admin).items() if one["guard"]} == {auditor.member, custodian.member}
    for person in (admin, holder):
        for about in (auditor, custodian):
            refused = person.post(f"/people/{about.member}/removal")
            assert (refused.status_code, refused.json()["code"]) == (403, "removal_by_two")
    id = proposed(admin, "remove_member", auditor.member)["id"]
    assert raised(service) == [("guard_removal", auditor.member)]
    assert auditor.get("/alarms").json()["alarms"][0]["kind"] == "guard_removal"  # while they are there
    assert admin.post(f"/proposals/{id}/decision", {"approve": True}).json()["code"] == "second_person"
    assert proposed(custodian, "remove_member", custodian.member)["code"] == "second_person"
    decided = holder.post(f"/proposals/{id}/decision", {"approve": True}).json()
    assert (decided["state"], decided["new_epoch"]) == ("approved", False)
    assert auditor.get("/alarms").status_code == 401
    assert agreed(holder, other, "remove_member", custodian.member)["new_epoch"]
    assert custodian.get("/oneself").status_code == 401
    assert [one["subject"] for one in said(service, Event.MEMBER_REMOVED)][-2:] == [
        auditor.member,
        custodian.member,
    ]
    assert ("guard_removal", custodian.member) in raised(service)
    assert admin.post(f"/people/{other.member}/removal").status_code == 200  # not the last one


def test_an_approval_is_of_the_roles_that_were_asked_for(service: Service) -> None:
    staff = Staff(service)
    admin, first, second = (staff.member(role) for role in ("administrator", "key-holder", "key-holder"))
    asked = staff.applicant("custodian", id="olga")
    assert agreed(first, second, "add_key_holder", "olga")["state"] == "approved"
    for roles in (["key-holder"], ["custodian", "key-holder"]):
        card = staff.sign(asked.request, roles).decode()
        assert admin.post("/cards", {"card": card}).json()["code"] == "second_person"
    assert admin.post("/cards", {"card": asked.card.decode()}).status_code == 201


@pytest.mark.parametrize("gone", ["first", "second"])
def test_what_somebody_proposed_or_approved_who_is_out_since_counts_no_more(
    service: Service, gone: str
) -> None:
    staff = Staff(service)
    admin = staff.member("administrator")
    first, second, third = (staff.member("key-holder", id=id) for id in ("first", "second", "third"))
    card = staff.applicant("key-holder", id="fourth").card.decode()
    waits = proposed(first, "recover_member", "third")["id"]
    assert agreed(first, second, "add_key_holder", "fourth")["state"] == "approved"
    assert len(admin.get("/people").json()["proposals"]) == 2
    assert admin.post(f"/people/{gone}/removal").status_code == 200
    left = [one["kind"] for one in admin.get("/people").json()["proposals"]]
    assert left == ([] if gone == "first" else ["recover_member"])
    assert admin.post("/cards", {"card": card}).json()["code"] == "second_person"
    if gone == "first":
        refused = second.post(f"/proposals/{waits}/decision", {"approve": True})
        assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
    assert third.get("/people").status_code == 200


def test_a_member_has_ten_proposals_that_wait_and_no_more(service: Service) -> None:
    staff = Staff(service)
    anna, holder = staff.member("reviewer"), staff.member("key-holder")
    wanted = {"kind": "change_budget", "member": anna.member, "daily": 60}
    ids = [anna.post("/proposals", wanted).json()["id"] for _ in range(proposals.MOST_OPEN)]
    refused = anna.post("/proposals", wanted)
    assert (refused.status_code, refused.json()["code"]) == (409, "proposals_open")
    assert holder.post(f"/proposals/{ids[0]}/decision", {"approve": False}).status_code == 200
    assert anna.post("/proposals", wanted).status_code == 201
    assert holder.delete(f"/proposals/{ids[1]}").status_code == 404  # not theirs
    assert anna.delete(f"/proposals/{ids[1]}").status_code == 204
    assert ids[1] not in [one["id"] for one in anna.get("/people").json()["proposals"]]
    late = holder.post(f"/proposals/{ids[1]}/decision", {"approve": True})
    assert late.json()["code"] == anna.delete(f"/proposals/{ids[0]}").json()["code"] == "proposal_decided"
    assert anna.post("/proposals", wanted).status_code == 201
    assert holder.post("/proposals", wanted).status_code == 201


def test_others_see_how_many_records_an_export_has_and_not_which(service: Service) -> None:
    staff = Staff(service)
    anna, bela, admin, custodian = (
        staff.member(role, id=id)
        for id, role in (
            ("anna", "reviewer"),
            ("bela", "reviewer"),
            ("admin", "administrator"),
            ("olga", "custodian"),
        )
    )
    with service.installation.database.write() as connection:
        reader = Reader("demo", "archive", member="anna", roles=("reviewer",))
        proposals.make(connection, reader, proposals.EXPORT, {"records": ["ab" * 32, "cd" * 32]})
    for person in (anna, custodian):
        (one,) = person.get("/people").json()["proposals"]
        assert one["subject"] == {"records": ["ab" * 32, "cd" * 32]}
    for person in (bela, admin):
        (one,) = person.get("/people").json()["proposals"]
        assert one["subject"] == {"count": 2}


def test_the_operator_admits_alone_only_where_nobody_is_left_to_agree(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff = Staff(service)
    staff.member("administrator")
    staff.member("key-holder", id="first"), staff.member("key-holder", id="second")
    path = tmp_path / "card.json"
    path.write_bytes(staff.applicant("key-holder", id="third").card)
    monkeypatch.setattr("intake.commands.members._ready", lambda: service.installation)

    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["member", *arguments])
        return done.exit_code, done.output

    admit = ("admit", "demo", str(path))
    assert run(*admit)[0] == 1
    assert "there are two members" in " ".join(run(*admit, "--alone")[1].split())
    assert run("remove", "demo", "first")[0] == run("remove", "demo", "second")[0] == 0
    assert raised(service) == [("guard_removal", "second")]
    assert run(*admit)[0] == 1
    assert run(*admit, "--alone")[0] == 0
    assert raised(service) == [("admitted_alone", "third"), ("guard_removal", "second")]
