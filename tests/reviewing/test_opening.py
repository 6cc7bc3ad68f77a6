"""A member opens records: what was assigned, as many a day as the budget allows, and always on the log."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from intake.audit.events import Event
from intake.db.tables.review import alarms, openings
from intake.people import budgets
from tests.http.test_feed import Program, entries
from tests.own import mover, on_the_server
from tests.reviewing.people import Member, a_record, assign, member, reader
from tests.service import Service, on_every_backend, on_every_database_in_time


@on_every_backend
def test_a_reviewer_opens_what_was_assigned_and_everything_they_open_is_an_entry(service: Service) -> None:
    record, other = a_record(service).record, a_record(service).record
    holder, rita = member(service, "kira", "key-holder"), member(service, "rita", "reviewer")
    for path in (f"/records/{record}", f"/records/{'ab' * 32}", f"/records/{record.upper()}", "/records/x"):
        assert (rita.get(path).status_code, rita.get(path).json()["code"]) == (404, "not_found"), path
    assert assign(holder, record, rita).json() == {"member": "rita", "added": 3}

    before = len(entries(service))
    opened = rita.open(record)
    found = reader(opened, [rita.identity])
    assert found.statement.record == record and opened["assigned"] == ["rita"]
    assert (opened["number"], opened["status"]) == (next_number(holder, record), "assigned")
    narrative = next(e for e in found.readable() if e.kind == "narrative")
    assert narrative.id in {p["id"] for p in opened["parts"]}
    file = rita.get(f"/records/{record}/parts/{narrative.id}")
    assert found.structured(narrative.id, file.content).values["text"] == "Мяне затрымалі."
    rest = rita.get(f"/records/{record}/parts/{narrative.id}", Range="bytes=10-")
    assert (rest.status_code, rest.content) == (206, file.content[10:])
    added = [e for e in entries(service)[before:] if e.event is not Event.TRIAGE_LISTED]
    assert [e.event for e in added if e.event is not Event.TRIAGE_READ] == [
        Event.RECORD_OPENED,
        Event.PART_DOWNLOADED,
    ]
    assert all(e.fields["member"] == "rita" and e.fields["roles"] == "reviewer" for e in added[:1])
    assert rita.get(f"/records/{other}").status_code == 404
    assert {g["compartment"] for g in opened["grants"]} == {
        c.id for c in found.statement.compartments if c.kind == "triage"
    }


def next_number(holder: Member, record: str) -> int:
    return next(int(row["number"]) for row in holder.inbox() if row["record"] == record)


@on_every_database_in_time
def test_nobody_gets_identity_without_an_approval_whatever_their_role(service: Service, photo: bytes) -> None:
    record = a_record(service, photo=photo).record
    holder = member(service, "kira", "key-holder", "reviewer")
    both = member(service, "olga", "custodian", "reviewer")
    assert both.get(f"/records/{record}").status_code == 404  # nothing was asked, nothing assigned
    assert assign(holder, record, both).status_code == 200
    for somebody in (holder, both):
        opened = somebody.open(record)
        statement = reader(opened, [somebody.identity]).statement
        hidden = {c.id for c in statement.compartments if c.kind in ("identity", "sensitive")}
        parts = {e.id for e in statement.parts if e.compartment in hidden}
        assert parts and not parts & {p["id"] for p in opened["parts"]}
        assert not hidden & {g["compartment"] for g in opened["own"]}
        for part in parts:
            assert somebody.get(f"/records/{record}/parts/{part}").status_code == 404
    released = {g["compartment"] for g in holder.open(record)["grants"]}
    assert not hidden & released
    assert hidden <= {g["compartment"] for g in both.open(record)["grants"]}  # to seal them to others


@on_every_database_in_time
def test_what_is_taken_back_is_open_to_nobody(service: Service) -> None:
    person = a_record(service)
    record = person.record
    holder, rita = member(service, "kira", "key-holder"), member(service, "rita", "reviewer")
    assign(holder, record, rita)
    opened = rita.open(record)
    part = opened["parts"][0]["id"]
    assert person.ask_deletion().status_code == 202
    for somebody in (rita, holder):
        answer = somebody.get(f"/records/{record}")
        assert (answer.status_code, answer.json()["code"]) == (403, "deletion_pending")
        assert somebody.get(f"/records/{record}/parts/{part}").status_code == 403
    assert person.cancel_deletion().status_code == 200
    assert rita.get(f"/records/{record}/parts/{part}").status_code == 200
    other_purpose = Member(service, "rita", rita.identity, "archive").log_in()
    assert other_purpose.get(f"/records/{record}").json()["code"] == "consent_purpose"
    person.revise(choices=[])
    for somebody in (rita, holder):
        assert somebody.get(f"/records/{record}").status_code == 404
        assert somebody.get(f"/records/{record}/parts/{part}").status_code == 404


@on_every_database_in_time
def test_a_days_budget_ends_reading_and_is_an_alarm_once(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    move = mover(monkeypatch)
    holder = member(service, "kira", "key-holder")
    records = [a_record(service).record for _ in range(3)]
    with service.installation.database.write() as connection:
        budgets.change(connection, "demo", "kira", 2)
    opened = [holder.open(record) for record in records[:2]]
    again = holder.open(records[0])  # free
    assert [each["budget"]["opened"] for each in (*opened, again)] == [1, 2, 2]
    assert again["budget"]["daily"] == 2
    part = opened[0]["parts"][0]["id"]
    assert holder.get(f"/records/{records[0]}/parts/{part}").status_code == 200
    before = len(entries(service))
    for _ in range(2):
        answer = holder.get(f"/records/{records[2]}")
        assert (answer.status_code, answer.json()["code"]) == (403, "budget_spent")
    added = entries(service)[before:]
    assert [e.event for e in added] == [Event.REFUSED, Event.ALARM_RAISED, Event.REFUSED]
    assert (added[1].fields["alarm"], added[1].fields["reader"]) == ("budget_spent", "kira")
    assert (added[0].fields["reason"], added[0].record) == ("budget_spent", records[2])
    with service.installation.database.read() as connection:
        rows = connection.execute(select(alarms)).all()
    assert [(row.mechanism, row.kind, row.reader, row.seen_by) for row in rows] == [
        ("demo", "budget_spent", "kira", None)
    ]
    assert len(holder.inbox()) == 3  # lists are apart
    assert member(service, "kora", "key-holder").get(f"/records/{records[2]}").status_code == 200
    move(1)
    on_the_server(holder.log_in)
    assert holder.get(f"/records/{records[2]}").status_code == 200
    with service.installation.database.write() as connection:
        budgets.expire(connection)
        left = list(connection.execute(select(openings.c.record)).scalars())
    assert set(left) <= set(records)


def test_a_program_has_a_budget_too(service: Service) -> None:
    records = [a_record(service).record for _ in range(2)]
    program = Program(service).enter()
    with service.installation.database.write() as connection:
        budgets.change(connection, "demo", "client:demo-puller", 1)
    assert program.get(f"/feed/v1/records/{records[0]}").status_code == 200
    before = len(entries(service))
    refused = program.get(f"/feed/v1/records/{records[1]}")
    assert (refused.status_code, refused.json()["code"]) == (403, "budget_spent")
    assert [e.event for e in entries(service)[before:]] == [Event.REFUSED, Event.ALARM_RAISED]


@on_every_database_in_time
def test_of_many_openings_at_once_no_more_succeed_than_the_budget_allows(service: Service) -> None:
    holder = member(service, "kira", "key-holder")
    records = [a_record(service).record for _ in range(6)]
    with service.installation.database.write() as connection:
        budgets.change(connection, "demo", "kira", 3)
    with ThreadPoolExecutor(len(records) + 2) as threads:
        lists = [threads.submit(holder.get, "/records") for _ in range(2)]
        answers = list(threads.map(lambda record: holder.get(f"/records/{record}"), records))
        assert [one.result().status_code for one in lists] == [200, 200]
    assert sorted(answer.status_code for answer in answers) == [200] * 3 + [403] * 3
    assert sorted(row["number"] for row in holder.inbox()) == [1, 2, 3, 4, 5, 6]
