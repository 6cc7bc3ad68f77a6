"""Deadlines: what is due to whom, as long as they see what it is about."""

import secrets
from pathlib import Path
from typing import Any

from sqlalchemy import delete, update

from intake import clock
from intake.audit.events import Event
from intake.db.tables.review import assignments
from intake.db.tables.submissions import audience
from intake.people.reader import Reader
from intake.reviewing import deadlines
from tests.casework import later
from tests.http.test_feed import entries
from tests.reviewing.desks import assign, desk
from tests.service import PURPOSE, Service, on_every_database_in_time, prepared
from tests.staff import Staff

pytestmark = on_every_database_in_time


def body(member: str, days: int = 3, kind: str = "reply_due") -> dict[str, Any]:
    return {
        "id": secrets.token_hex(16),
        "due": clock.day(later(days)),
        "kind": kind,
        "member": member,
    }


def test_a_member_is_reminded_of_what_is_theirs_until_it_is_done(service: Service, tmp_path: Path) -> None:
    record = service.submit(prepared(tmp_path / "t", {}))[1].record
    staff = Staff(service)
    anna, bela = staff.member("reviewer", id="anna"), staff.member("reviewer", id="bela")
    assign(service, record, anna, bela)
    made = desk(staff, anna, record).begin()
    path = f"/workspaces/{made.id}/deadlines"
    hearing, reply = body("bela", 9, "hearing"), body("bela", 3)
    for wanted in (hearing, reply, body("anna"), reply):
        assert anna.post(path, wanted).status_code == 200
    assert len(anna.get(path).json()["deadlines"]) == 3
    due = bela.get("/due").json()["due"]
    assert [(d["kind"], d["record"]) for d in due] == [("reply_due", record), ("hearing", record)]
    with service.installation.database.read() as connection:
        assert deadlines.next_of(connection, "demo", [record])[record].due == reply["due"]
    assert bela.post(f"/deadlines/{reply['id']}/done").status_code == 200
    assert [d["kind"] for d in bela.get("/due").json()["due"]] == ["hearing"]
    assert entries(service)[-1].event is Event.WORK_LISTED
    with service.installation.database.write() as connection:  # no longer assigned: out of sight
        connection.execute(delete(assignments).where(assignments.c.member == "bela"))
    assert bela.get("/due").json()["due"] == []
    assert bela.post(f"/deadlines/{hearing['id']}/done").status_code == 404
    assert bela.get(path).status_code == 404


def test_a_deadline_that_makes_no_sense_is_refused(service: Service, tmp_path: Path) -> None:
    record = service.submit(prepared(tmp_path / "t", {}))[1].record
    staff = Staff(service)
    anna = staff.member("reviewer", id="anna")
    staff.member("reviewer", id="bela")
    assign(service, record, anna)
    made = desk(staff, anna, record).begin()
    good, path = body("anna"), f"/workspaces/{made.id}/deadlines"
    assert anna.post(path, good).status_code == 200
    for code, wanted in {
        "deadline_kind": body("anna", kind="birthday"),
        "deadline_member": body("bela"),
        "deadline_day": body("anna", -1),
        "deadline_exists": good | {"kind": "hearing"},
    }.items():
        assert anna.post(path, wanted).json()["code"] == code
    assert anna.post(path, good | {"id": secrets.token_hex(16), "due": "2027-02-30"}).status_code == 422
    assert anna.post("/deadlines/rubbish/done").status_code == 404


def test_a_consent_that_runs_out_is_due_by_itself(service: Service, tmp_path: Path) -> None:
    record = service.submit(prepared(tmp_path / "t", {}))[1].record
    staff = Staff(service)
    anna = staff.member("reviewer", id="anna")
    assign(service, record, anna)
    for days, wanted in ((40, []), (20, ["consent_expires"]), (-1, [])):
        with service.owner.write() as connection:
            connection.execute(update(audience).values(expires=clock.day(later(days))))
        assert [d["kind"] for d in anna.get("/due").json()["due"]] == wanted
        reader = Reader("demo", PURPOSE, member="anna", roles=("reviewer",))
        with service.installation.database.read() as connection:
            assert [d.kind for d in deadlines.due(connection, reader)] == wanted
