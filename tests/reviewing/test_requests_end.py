"""Requests for identity end: with their time, with the assignment, and with the membership of who asked."""

from typing import Any

import pytest

from intake import clock
from intake.db.tables.people import clients
from intake.people import leaving
from intake.upkeep import worker
from tests.reviewing.people import Member, a_record, assign, member, sealed
from tests.reviewing.test_approvals import ASK
from tests.service import Service, on_every_database_in_time

pytestmark = on_every_database_in_time


def asked(service: Service, photo: bytes) -> tuple[str, Member, Member, Member, str]:
    """Rita, to whom Kira assigned the record, asks; Olga may decide."""
    record = a_record(service, photo=photo).record
    kira, rita = member(service, "kira", "key-holder"), member(service, "rita", "reviewer")
    olga = member(service, "olga", "custodian")
    assign(kira, record, rita)
    id_ = rita.post(f"/records/{record}/identity-requests", ASK).json()["id"]
    return record, kira, rita, olga, id_


def waiting(somebody: Member) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = somebody.get("/identity-requests").json()["requests"]
    return found


def hours_later(monkeypatch: pytest.MonkeyPatch, hours: int) -> None:
    real = clock.hour_number
    monkeypatch.setattr(clock, "hour_number", lambda seconds=None: real(seconds) + hours)


def test_a_request_that_nobody_decides_ends_after_three_days(
    service: Service, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, kira, rita, olga, id_ = asked(service, photo)
    assign(kira, record, member(service, "otto", "custodian"))
    otto = member(service, "otto2", "custodian", "key-holder")
    assert olga.get(f"/records/{record}").status_code == 200
    hours_later(monkeypatch, 72)
    for one in (olga, rita):
        assert waiting(one) == []
    assert olga.get(f"/records/{record}").status_code == 404
    path = f"/identity-requests/{id_}/decision"
    assert olga.post(path, {"approve": False}).status_code == 404
    late = otto.post(path, {"approve": False})
    assert (late.status_code, late.json()["code"]) == (409, "proposal_over")
    assert rita.post(f"/records/{record}/identity-requests", ASK).json()["id"] != id_
    worker.maintain(service.installation)
    assert otto.post(path, {"approve": False}).status_code == 404
    assert len(waiting(olga)) == 1


def test_taking_a_record_back_cancels_what_was_asked_about_it(service: Service, photo: bytes) -> None:
    record, kira, rita, olga, id_ = asked(service, photo)
    grants = sealed(olga, olga.open(record), rita.identity.recipient, "identity")
    assert kira.ask("DELETE", f"/records/{record}/assignments/rita").status_code == 204
    assert waiting(olga) == [] and olga.get(f"/records/{record}").status_code == 404
    yes = {"approve": True, "hours": 2, "grants": grants}
    assert olga.post(f"/identity-requests/{id_}/decision", yes).status_code == 404


def test_whoever_is_removed_leaves_no_request_behind(service: Service, photo: bytes) -> None:
    record, _, rita, olga, _ = asked(service, photo)
    body = {**ASK, "client": "demo-puller"}
    assert rita.post(f"/records/{record}/identity-requests", body).status_code == 200
    assert len(waiting(olga)) == 2
    with service.installation.database.write() as connection:
        leaving.remove(connection, "demo", "rita")
    assert waiting(olga) == [] and olga.get(f"/records/{record}").status_code == 404


def test_a_program_that_was_revoked_meanwhile_is_opened_nothing(service: Service, photo: bytes) -> None:
    record, _, rita, olga, _ = asked(service, photo)
    body = {**ASK, "client": "demo-puller"}
    id_ = rita.post(f"/records/{record}/identity-requests", body).json()["id"]
    with service.owner.write() as connection:
        connection.execute(clients.update().values(revoked=True))
    answer = olga.post(f"/identity-requests/{id_}/decision", {"approve": True, "hours": 2})
    assert answer.json()["code"] == "client_unknown"
    assert olga.post(f"/identity-requests/{id_}/decision", {"approve": False}).status_code == 200


def test_a_custodian_is_told_what_waits_and_what_they_decided_themselves(
    service: Service, photo: bytes
) -> None:
    record, _, rita, olga, id_ = asked(service, photo)
    otto = member(service, "otto", "custodian")
    assert olga.post(f"/identity-requests/{id_}/decision", {"approve": False}).status_code == 200
    assert [r["state"] for r in waiting(olga)] == [r["state"] for r in waiting(rita)] == ["refused"]
    assert waiting(otto) == []
    rita.post(f"/records/{record}/identity-requests", ASK)
    assert [r["state"] for r in waiting(olga)] == ["waiting", "refused"]
    assert [r["state"] for r in waiting(otto)] == ["waiting"]
