"""Workspaces: who makes one, who is given its key, and who never learns that there is one."""

import os
from pathlib import Path
from typing import Any

import pytest

from crypto.age_keys import Identity
from crypto.compartments import open_grant
from crypto.encoding import b64u_decode, b64u_encode
from crypto.membership import parse_card
from intake import clock
from intake.audit.events import Event
from intake.client import mechanism_keys
from intake.people import members
from tests.http.test_feed import entries
from tests.reviewing.desks import assign, desk
from tests.service import Service, make_mechanism, on_every_database_in_time, prepared, register
from tests.staff import Person, Staff

pytestmark = on_every_database_in_time


@pytest.fixture
def record(service: Service, tmp_path: Path) -> str:
    _, sent = service.submit(prepared(tmp_path / "testimony", {"a.jpg": b"\xff\xd8\xff photo"}))
    return str(sent.record)


@pytest.fixture
def staff(service: Service) -> Staff:
    return Staff(service)


@pytest.fixture
def anna(service: Service, staff: Staff, record: str) -> Person:
    one = staff.member("reviewer", id="anna")
    assign(service, record, one)
    return one


def test_a_reviewer_begins_a_workspace_and_a_colleague_opens_its_key(
    service: Service, staff: Staff, record: str, anna: Person
) -> None:
    bela, kim = staff.member("custodian", id="bela"), staff.member("key-holder", id="kim")
    staff.member("administrator", id="adam")
    assign(service, record, bela)
    before = anna.get(f"/records/{record}/workspace").json()
    assert before["workspace"] is None
    cards = {c["member"]: c["card"].encode() for c in before["cards"]}
    assert set(cards) == {"anna", "bela", "kim"}  # who sees the record; not the administrator
    root = staff.root.public
    assert parse_card(cards["bela"], root)[1].recipient == bela.keys.identity.recipient

    made = desk(staff, anna, record).begin(bela)
    shown = bela.get(f"/records/{record}/workspace").json()["workspace"]
    assert shown["record"] == record and shown["readers"] == ["anna", "bela", "epoch:1"]
    grants = {grant["reader"]: b64u_decode(grant["file"]) for grant in shown["grants"]}
    assert set(grants) == {"bela", "epoch:1"}  # never another member's
    opened = open_grant(grants["bela"], [bela.keys.identity], made.made.identity.recipient.text)
    assert opened.text == made.made.identity.text
    mechanisms_own = mechanism_keys.identities(service.mechanism.keys)
    assert open_grant(grants["epoch:1"], mechanisms_own, opened.recipient.text).text == opened.text
    assert [w["id"] for w in bela.get("/workspaces").json()["workspaces"]] == [made.id]
    assert kim.get("/workspaces").json()["workspaces"] == []


def test_every_step_is_an_entry_on_the_record(
    service: Service, staff: Staff, record: str, anna: Person
) -> None:
    made = desk(staff, anna, record).begin()
    anna.get(f"/records/{record}/workspace")
    last = entries(service)[-2:]
    assert [(e.event, e.record) for e in last] == [(Event.WORK_WRITTEN, record), (Event.WORK_LISTED, record)]
    assert last[0].fields["member"] == "anna" and last[0].fields["roles"] == "reviewer"
    assert (last[0].fields["workspace"], last[0].fields["to"]) == (made.id, "anna epoch:1")


def test_a_record_has_one_workspace_and_sending_it_again_changes_nothing(
    service: Service, staff: Staff, record: str, anna: Person
) -> None:
    made = desk(staff, anna, record).begin()
    again = anna.post("/workspaces", made.body())
    assert again.status_code == 200 and again.json()["workspace"] == made.id
    other = anna.post("/workspaces", desk(staff, anna, record).body())
    assert (other.status_code, other.json()["code"]) == (409, "workspace_exists")


def test_who_does_not_see_the_record_is_told_that_there_is_none(
    service: Service, staff: Staff, record: str, anna: Person, tmp_path: Path
) -> None:
    other = make_mechanism(tmp_path / "other", "other")
    register(service.installation, other)
    made = desk(staff, anna, record).begin()
    outside = Staff(service, other).member("key-holder", id="olga")
    unassigned, late = staff.member("reviewer", id="bela"), staff.member("reviewer", id="dasha")
    assign(service, record, late)
    with service.installation.database.write() as connection:  # expelled: certificate and session stay
        members.revoke(connection, "demo", "dasha")
    for one in (outside, unassigned):
        for method, path in (
            ("GET", f"/records/{record}/workspace"),
            ("GET", f"/workspaces/{made.id}/work"),
            ("GET", f"/workspaces/{made.id}/files/{'ab' * 16}"),
            ("GET", f"/workspaces/{'ab' * 16}/work"),
            ("DELETE", f"/workspaces/{made.id}/grants/anna"),
        ):
            answer = one.client.request(method, f"/review/v1{path}")
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), (one.member, path)
        assert one.post("/workspaces", desk(staff, one, record).body()).status_code == 404
        assert desk(staff, one, record).of(one).send(made.of(one).entry()).status_code == 404
        assert one.post(f"/workspaces/{made.id}/grants", {"grants": []}).status_code == 404
    refused = made.of(late).send(made.of(late).entry())
    assert (refused.status_code, refused.json()["code"]) == (403, "author_differs")


def test_roles_without_content_are_refused(service: Service, staff: Staff, record: str) -> None:
    for role in ("administrator", "auditor"):
        one = staff.member(role)
        assign(service, record, one)
        answer = one.get(f"/records/{record}/workspace")
        assert (answer.status_code, answer.json()["code"]) == (403, "role")
        assert one.post("/workspaces", desk(staff, one, record).body()).status_code == 403


def test_a_workspace_that_does_not_hold_is_refused(
    service: Service, staff: Staff, record: str, anna: Person
) -> None:
    bela = staff.member("reviewer", id="bela")
    assign(service, record, bela)
    made = desk(staff, anna, record)
    good = made.body()
    theirs = desk(staff, bela, record).body() | {"grants": good["grants"]}
    bad = {
        "author_differs": theirs,
        "workspace_invalid": desk(staff, anna, "ab" * 32).body() | {"record": record},
        "grants_differ": good | {"grants": made.grants()},  # not to its author
        "grant_reader": good | {"grants": made.grants(anna, staff.member("reviewer", id="eva"))},
        "grant_invalid": good | {"grants": [g | {"file": b64u_encode(b"x")} for g in good["grants"]]},
    }
    for code, body in bad.items():
        assert anna.post("/workspaces", body).json()["code"] == code
    without_epoch = [grant for grant in good["grants"] if grant["reader"] == "anna"]
    assert anna.post("/workspaces", good | {"grants": without_epoch}).json()["code"] == "grants_differ"
    garbage: Any
    for garbage in ({}, [], {"record": record}, good | {"more": 1}, good | {"envelope": "{}"}):
        assert anna.post("/workspaces", garbage).status_code == 422
    assert anna.get(f"/records/{record}/workspace").json()["workspace"] is None


def test_a_grant_is_given_by_who_has_one_and_never_over_another(
    service: Service, staff: Staff, record: str, anna: Person
) -> None:
    bela, kim = staff.member("reviewer", id="bela"), staff.member("key-holder", id="kim")
    assign(service, record, bela)
    made = desk(staff, anna, record).begin()
    path = f"/workspaces/{made.id}/grants"
    for_bela = {"reader": "bela", "file": made.grant(bela.keys.identity.recipient)}
    refused = bela.post(path, {"grants": [for_bela]})
    assert (refused.status_code, refused.json()["code"]) == (403, "workspace_closed")
    assert kim.post(path, {"grants": [for_bela]}).status_code == 200  # by the mechanism's own key
    assert anna.post(path, {"grants": [for_bela]}).status_code == 200  # the same again
    over = {"reader": "bela", "file": made.grant(Identity(os.urandom(32)).recipient)}
    assert anna.post(path, {"grants": [over]}).json()["code"] == "grant_exists"
    assert anna.delete(f"{path}/bela").json()["code"] == "role"
    assert bela.delete(f"{path}/bela").status_code == 200
    assert anna.post(path, {"grants": [over]}).status_code == 200
    assert kim.delete(f"{path}/bela").status_code == 200
    assert bela.get("/workspaces").json()["workspaces"] == []
    logged = [e for e in entries(service) if e.event is Event.WORK_WRITTEN][-3:]
    assert [(e.fields.get("to"), e.fields.get("from_member")) for e in logged] == [
        (None, "bela"),
        ("bela", None),
        (None, "bela"),
    ]
    assert all(e.fields["workspace"] == made.id and e.record == record for e in logged)


def test_what_a_stranger_asks_names_nothing_of_another_mechanism_in_its_log(
    service: Service, staff: Staff, record: str, anna: Person, tmp_path: Path
) -> None:
    other = make_mechanism(tmp_path / "other", "other")
    register(service.installation, other)
    olga = Staff(service, other).member("custodian", "key-holder", id="olga")
    made, before = desk(staff, anna, record).begin(), len(entries(service, "other"))
    due = {"id": "ab" * 16, "due": clock.day(), "kind": "hearing", "member": "anna"}
    assert anna.post(f"/workspaces/{made.id}/deadlines", due).status_code == 200
    assert olga.get(f"/workspaces/{made.id}/work").status_code == 404
    assert olga.post(f"/deadlines/{'ab' * 16}/done").status_code == 404
    assert olga.get("/exports/all-of-it").status_code == 404
    assert olga.post("/identity-requests/by-her/decision", {"approve": False}).status_code == 404
    assert olga.delete(f"/records/{'ab' * 32}/assignments/somebody-who-said-this").status_code == 404
    logged = entries(service, "other")[before:]
    assert {e.event for e in logged} == {Event.REFUSED} and len(logged) == 5
    assert not any(e.record for e in logged)
    assert "all-of-it" not in str(logged) and "by-her" not in str(logged)
    assert "who-said-this" not in str(logged)


def test_what_the_person_takes_back_takes_the_workspace_out_of_sight(
    service: Service, staff: Staff, record: str, anna: Person
) -> None:
    made = desk(staff, anna, record).begin()
    for_another_purpose = staff.member("reviewer", id="bela", purpose="archive")
    assign(service, record, for_another_purpose)
    refused = for_another_purpose.get(f"/records/{record}/workspace")
    assert (refused.status_code, refused.json()["code"]) == (403, "consent_purpose")
    assert for_another_purpose.get("/workspaces").json()["workspaces"] == []
    assert anna.get(f"/workspaces/{made.id}/work").status_code == 200
