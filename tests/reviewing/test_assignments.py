"""A key-holder gives records to reviewers, and takes them back; the work's status is the mechanism's own."""

from typing import Any

import pytest
from sqlalchemy import select

from intake.audit.events import Event
from intake.db.tables.review import assignments, member_grants, statuses
from tests.http.test_feed import entries
from tests.reviewing.people import a_record, assign, member, sealed
from tests.service import Service, on_every_database_in_time


@on_every_database_in_time
def test_assigning_twice_is_assigning_once_and_taking_back_leaves_nothing(service: Service) -> None:
    record = a_record(service).record
    holder, rita = member(service, "kira", "key-holder"), member(service, "rita", "reviewer")
    assert assign(holder, record, rita).json()["added"] == 3
    assert assign(holder, record, rita).json()["added"] == 0
    with service.installation.database.read() as connection:
        rows = connection.execute(select(assignments)).all()
        assert [(r.record, r.member, r.assigned_by) for r in rows] == [(record, "rita", "kira")]
        assert len(connection.execute(select(member_grants)).all()) == 3
        (status,) = connection.execute(select(statuses)).all()
    assert (status.status, status.changed_by) == ("assigned", "kira")
    made = [e for e in entries(service) if e.event is Event.RECORD_ASSIGNED]
    assert [(e.record, e.fields["to"]) for e in made] == [(record, "rita")] * 2
    assert rita.get(f"/records/{record}").status_code == 200

    path = f"/records/{record}/assignments/rita"
    assert rita.ask("DELETE", path).json()["code"] == "role"
    assert holder.ask("DELETE", path).status_code == 204
    assert rita.get(f"/records/{record}").status_code == 404
    assert holder.ask("DELETE", path).json()["code"] == "not_assigned"
    with service.installation.database.read() as connection:
        assert connection.execute(select(statuses.c.status)).scalar_one() == "new"  # nobody has it
        assert connection.execute(select(member_grants)).first() is None


@on_every_database_in_time
def test_what_cannot_be_assigned_is_refused_and_changes_nothing(service: Service, photo: bytes) -> None:
    record, other = a_record(service, photo=photo).record, a_record(service).record
    holder, rita = member(service, "kira", "key-holder"), member(service, "rita", "reviewer")
    member(service, "ada", "auditor")
    olga = member(service, "olga", "custodian")
    fine = sealed(holder, holder.open(record), rita.identity.recipient, "account")
    foreign = sealed(holder, holder.open(other), rita.identity.recipient, "account")
    assign(holder, record, olga)
    hidden = sealed(olga, olga.open(record), rita.identity.recipient, "identity")
    assert hidden
    cases: list[tuple[str, list[dict[str, Any]], str]] = [
        ("rita", [], "grants_differ"),
        ("rita", fine + fine, "grants_differ"),
        ("rita", foreign, "grants_differ"),
        ("rita", hidden, "grants_differ"),
        ("rita", [{**fine[0], "file": "YWdl"}], "grant_invalid"),
        ("ada", fine, "member_role"),
        ("nobody", fine, "member_role"),
    ]
    for to, grants, code in cases:
        answer = holder.post(f"/records/{record}/assignments", {"member": to, "grants": grants})
        assert (answer.status_code, answer.json()["code"]) == (422, code), (to, answer.text)
    body = {"member": "rita", "grants": fine}
    assert holder.post(f"/records/{'ab' * 32}/assignments", body).status_code == 404
    assert rita.post(f"/records/{record}/assignments", body).json()["code"] == "role"
    assert rita.get(f"/records/{record}").status_code == 404


@pytest.mark.parametrize("status", ["in_review", "waiting", "closed", "assigned", "new"])
def test_whoever_works_on_a_record_says_how_far_it_is(service: Service, status: str) -> None:
    record = a_record(service).record
    holder, rita = member(service, "kira", "key-holder"), member(service, "rita", "reviewer")
    path = f"/records/{record}/status"
    assert rita.ask("PUT", path, {"status": status}).status_code == 404
    assign(holder, record, rita)
    assert rita.ask("PUT", path, {"status": status}).json() == {"status": status}
    assert rita.inbox()[0]["status"] == status
    assert rita.ask("PUT", path, {"status": "solved"}).json()["code"] == "status_unknown"
    entry = [e for e in entries(service) if e.event is Event.STATUS_SET][-1]
    assert (entry.record, entry.fields["status"]) == (record, status)
