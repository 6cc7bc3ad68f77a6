"""A reviewer asks for identity; another person, a custodian, decides; what was opened closes by itself."""

import pytest
from sqlalchemy import update

from intake.audit.events import Event
from intake.audit.proofs import SHOWN
from intake.db.tables.people import clients
from tests.http.test_feed import Program, entries
from tests.reviewing.people import Member, a_record, assign, member, reader, sealed
from tests.service import Service, on_every_database_in_time

ASK = {"classes": ["identity"], "reason": "contact"}


def hidden_part(opened: dict[str, object], somebody: Member, kind: str = "identity") -> str:
    statement = reader(opened, [somebody.identity]).statement
    closed = {c.id for c in statement.compartments if c.kind == kind}
    return next(e.id for e in statement.parts if e.compartment in closed)


@on_every_database_in_time
def test_a_custodian_opens_identity_to_a_reviewer_for_some_hours(
    service: Service, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = a_record(service, photo=photo).record
    holder, rita = member(service, "kira", "key-holder"), member(service, "rita", "reviewer")
    olga = member(service, "olga", "custodian")
    assign(holder, record, rita)
    part = hidden_part(rita.open(record), rita)
    assert rita.get(f"/records/{record}/parts/{part}").status_code == 404

    asked = rita.post(f"/records/{record}/identity-requests", ASK)
    assert asked.status_code == 200, asked.text
    id_ = asked.json()["id"]
    assert rita.post(f"/records/{record}/identity-requests", ASK).json()["id"] == id_
    (waiting,) = olga.get("/identity-requests").json()["requests"]
    assert (waiting["id"], waiting["record"], waiting["member"]) == (id_, record, "rita")
    assert (waiting["state"], waiting["classes"], waiting["reason"]) == ("waiting", ["identity"], "contact")

    grants = sealed(olga, olga.open(record), rita.identity.recipient, "identity")
    decision = {"approve": True, "hours": 2, "grants": grants}
    path = f"/identity-requests/{id_}/decision"
    assert rita.post(path, decision).json()["code"] == "role"
    answer = olga.post(path, decision)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["state"], answer.json()["decided_by"]) == ("approved", "olga")
    assert olga.post(path, decision).json()["code"] == "decided"
    assert olga.get(f"/records/{record}").status_code == 404  # nothing waits any more

    opened = rita.open(record)
    found = reader(opened, [rita.identity])
    assert part in {e.id for e in found.readable()} and part in {p["id"] for p in opened["parts"]}
    assert rita.get(f"/records/{record}/parts/{part}").status_code == 200
    fetched = [e for e in entries(service) if e.event is Event.PART_DOWNLOADED]
    assert [(e.fields["part"], e.fields["class"]) for e in fetched] == [(part, "identity")]
    assert "class" in SHOWN  # the person is told, too
    events = [e.event for e in entries(service)]
    assert Event.IDENTITY_ASKED in events and Event.IDENTITY_DECIDED in events
    said = next(e for e in entries(service) if e.event is Event.IDENTITY_DECIDED)
    assert (said.record, said.fields["approved"], said.fields["hours"]) == (record, 1, 2)
    assert (said.fields["classes"], said.fields["to"]) == ("identity", "rita")

    past(service, monkeypatch)
    rita.log_in()
    opened = rita.open(record)
    assert part not in {p["id"] for p in opened["parts"]}
    assert {g["compartment"] for g in opened["own"]}.isdisjoint(g["compartment"] for g in grants)
    assert rita.get(f"/records/{record}/parts/{part}").status_code == 404


def past(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three hours later, for the server's hours only: sessions go on."""
    from intake import clock

    real = clock.hour_number
    monkeypatch.setattr(clock, "hour_number", lambda seconds=None: real(seconds) + 3)


@on_every_database_in_time
def test_nobody_decides_for_themselves_and_only_what_was_asked_is_given(
    service: Service, photo: bytes
) -> None:
    record = a_record(service, photo=photo).record
    holder = member(service, "kira", "key-holder")
    both, olga = member(service, "bela", "custodian", "reviewer"), member(service, "olga", "custodian")
    assign(holder, record, both)
    ask = f"/records/{record}/identity-requests"
    for body, code in (
        ({"classes": ["account"], "reason": "contact"}, "class_unknown"),
        ({"classes": ["identity"], "reason": "curiosity"}, "reason_unknown"),
        ({"classes": ["sensitive"], "reason": "contact"}, "class_absent"),
        ({**ASK, "client": "stranger"}, "client_unknown"),
    ):
        assert both.post(ask, body).json()["code"] == code
    assert holder.post(ask, ASK).json()["code"] == "not_assigned"
    assert olga.post(ask, ASK).json()["code"] == "role"
    id_ = both.post(ask, ASK).json()["id"]
    path = f"/identity-requests/{id_}/decision"
    opened = olga.open(record)
    grants = sealed(olga, opened, both.identity.recipient, "identity")
    yes = {"approve": True, "hours": 72, "grants": grants}
    assert both.post(path, yes).json()["code"] == "own_request"
    assert olga.post(path, {**yes, "grants": []}).json()["code"] == "grants_differ"
    triage = sealed(olga, opened, both.identity.recipient, "triage")
    assert olga.post(path, {**yes, "grants": grants + triage}).json()["code"] == "grants_differ"
    assert olga.post(path, {**yes, "hours": 73}).status_code == 422
    assert olga.post(f"/identity-requests/{'ab' * 16}/decision", yes).status_code == 404
    refused = olga.post(path, {"approve": False})
    assert (refused.json()["state"], refused.json()["expires"]) == ("refused", None)
    assert hidden_part(both.open(record), both) not in {p["id"] for p in both.open(record)["parts"]}


def test_a_decision_needs_an_assertion_of_the_last_minutes(
    service: Service, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = a_record(service, photo=photo).record
    holder, rita = member(service, "kira", "key-holder"), member(service, "rita", "reviewer")
    assign(holder, record, rita)
    id_ = rita.post(f"/records/{record}/identity-requests", ASK).json()["id"]
    olga = member(service, "olga", "custodian")
    from intake import clock

    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + 6 * 60)
    answer = olga.post(f"/identity-requests/{id_}/decision", {"approve": False})
    assert (answer.status_code, answer.json()["code"]) == (403, "assertion_needed")


@on_every_database_in_time
def test_a_program_gets_account_and_triage_and_identity_only_where_it_was_opened(
    service: Service, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, other = a_record(service, photo=photo).record, a_record(service, photo=photo).record
    with service.installation.database.write() as connection:
        connection.execute(update(clients).values(classes=["triage", "account"]))
    holder, rita = member(service, "kira", "key-holder"), member(service, "rita", "reviewer")
    olga = member(service, "olga", "custodian")
    assign(holder, record, rita)
    part = hidden_part(rita.open(record), rita)
    program = Program(service).enter()

    def shown(of: str) -> set[str]:
        return {p["id"] for p in program.get(f"/feed/v1/records/{of}").json()["parts"]}

    assert part not in shown(record) and len(shown(record)) == 3
    assert program.get(f"/feed/v1/records/{record}/parts/{part}").status_code == 404
    id_ = rita.post(f"/records/{record}/identity-requests", {**ASK, "client": "demo-puller"}).json()["id"]
    path = f"/identity-requests/{id_}/decision"
    answer = olga.post(path, {"approve": True, "hours": 2})
    assert (answer.status_code, answer.json()["member"]) == (200, "client:demo-puller")
    assert part in shown(record)
    assert program.get(f"/feed/v1/records/{record}/parts/{part}").status_code == 200
    assert len(shown(other)) == 3
    past(service, monkeypatch)
    assert part not in shown(record)
    assert program.get(f"/feed/v1/records/{record}/parts/{part}").status_code == 404
