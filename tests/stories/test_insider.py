"""One malicious reviewer for ten months, and a stolen machine key: what they end up with, and who knows.

The clock is moved day by day. Each takes all that the service gives, as fast as it gives it. Records are rows
that copy one real submission: what is counted here is openings, not what lies in them.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import insert

from bench.population import grow, name, pattern
from crypto.log_leaf import Opening
from intake import clock
from intake.db.tables.review import assignments
from intake.http.review.door import COOKIE
from intake.people import clients, sessions
from tests.http.test_feed import Program
from tests.service import PURPOSE, Mechanism, Service, running
from tests.staff import Person, Staff

DAYS = 300  # ten months
MEMBER_DAILY, CLIENT_DAILY = 1, 2
RECORDS, ASSIGNED = 440, 400  # more is assigned than the budget lets anybody open in that time
LOST_FOR = 30  # days until somebody looks at the alarms and the machine's key is revoked
TRIES = 10  # every so many days, what was not assigned
Move = Callable[[int], None]


@pytest.fixture
def move(monkeypatch: pytest.MonkeyPatch) -> Move:
    """Sets by how many days the clock of everybody is ahead."""
    ahead = [0]
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + ahead[0])

    def to_day(day: int) -> None:
        ahead[0] = day * clock.DAY

    return to_day


@pytest.fixture
def service(tmp_path: Path, demo: Mechanism) -> Iterator[Service]:
    budgets = {"member_daily": MEMBER_DAILY, "client_daily": CLIENT_DAILY}
    with running(tmp_path, demo, **budgets) as service:
        grow(service.owner, "demo", pattern(demo, 0), 0, RECORDS)
        yield service


def entered(service: Service, member: Person) -> Callable[[str], httpx.Response]:
    """Opens records in a session of today."""
    with service.installation.database.write() as connection:
        cookie = sessions.begin(connection, member.mechanism, member.member, PURPOSE)
    headers = {"Cookie": f"{COOKIE}={cookie}"}
    return lambda record: service.http.get(f"{service.url}/review/v1/records/{record}", headers=headers)


def assign(service: Service, member: Person, records: list[str], by: Person) -> None:
    """As a key-holder did it, over the months."""
    row = {"mechanism": "demo", "member": member.member, "assigned_by": by.member, "day": clock.day()}
    with service.installation.database.write() as connection:
        connection.execute(insert(assignments), [{**row, "record": record} for record in records])


def whole_log(auditor: Person) -> list[dict[str, Any]]:
    """What the auditor reads: everything, page after page."""
    said: list[dict[str, Any]] = []
    start, size = 0, 1
    while start < size:
        page = auditor.get(f"/log?kind=access&start={start}&limit=500").json()
        size = min(size, page["size"]) if said else page["size"]
        openings = [entry["opening"] for entry in page["entries"]]
        said += [dict(Opening.parse(text.encode()).values) for text in openings if text]
        start += len(openings)
    return said


def told(entries: list[dict[str, Any]], event: str, **fields: str) -> list[dict[str, Any]]:
    return [e for e in entries if e.get("event") == event and fields.items() <= e.items()]


def test_reviewer_who_takes_all_they_can_for_ten_months_ends_with_a_budget_of_what_was_assigned(
    service: Service, move: Move
) -> None:
    staff = Staff(service)
    eve, olga = staff.member("reviewer", id="eve", days=DAYS + 9), staff.member("auditor", days=DAYS + 9)
    records = [name("record", number) for number in range(RECORDS)]
    assign(service, eve, records[:ASSIGNED], staff.member("key-holder"))
    taken: set[str] = set()
    wanted, forbidden = records[:ASSIGNED], records[ASSIGNED:]
    for day in range(DAYS):
        move(day)
        visit = entered(service, eve)
        while (answer := visit(record := wanted[-1])).status_code == 200:
            taken.add(wanted.pop())
        assert (answer.status_code, answer.json()["code"]) == (403, "budget_spent"), record
        if not day % TRIES:
            assert visit(forbidden[day // TRIES % len(forbidden)]).status_code == 404
    assert len(taken) == MEMBER_DAILY * DAYS < ASSIGNED and taken <= set(records[:ASSIGNED])

    entries = whole_log(staff.enter(olga))
    opened = told(entries, "record.opened", member="eve")
    assert {e["record"] for e in opened} == taken  # every opening is on the log, with its day
    for date in {str(e["day"]) for e in opened}:
        assert len({e["record"] for e in opened if e["day"] == date}) <= MEMBER_DAILY
    refused = told(entries, "access.refused", member="eve", reason="budget_spent")
    assert len(refused) == DAYS
    assert len(told(entries, "access.refused", member="eve", reason="not_found")) == DAYS // TRIES
    alarms = staff.enter(olga).get("/alarms").json()["alarms"]
    assert {a["reader"] for a in alarms} == {"eve"} and len(alarms) == DAYS
    first = min(a["day"] for a in alarms)
    assert first == min(str(e["day"]) for e in opened)  # the auditor could have known on the first evening
    assert len(told(entries, "alarm.raised", reader="eve")) == DAYS


def test_reviewer_whose_membership_ends_or_is_taken_has_nothing_the_day_after(
    service: Service, move: Move
) -> None:
    staff = Staff(service)
    eve = staff.member("reviewer", id="eve", days=2)
    records = [name("record", number) for number in range(9)]
    assign(service, eve, records, staff.member("key-holder"))
    for day, status in ((0, 200), (1, 200), (2, 200), (3, 401), (200, 401)):
        move(day)
        assert entered(service, eve)(records[day % 9]).status_code == status, day


def test_stolen_machine_key_takes_a_budget_each_day_until_somebody_looks_at_the_alarm(
    service: Service, move: Move
) -> None:
    staff = Staff(service)
    olga = staff.member("auditor", days=DAYS)
    records = iter([name("record", number) for number in range(RECORDS)])
    thief, taken = Program(service), set()
    for day in range(LOST_FOR):
        move(day)
        enter(thief)
        while (answer := get(thief, f"/feed/v1/records/{(record := next(records))}")).status_code == 200:
            taken.add(record)
        assert (answer.status_code, answer.json()["code"]) == (403, "budget_spent")
    assert len(taken) == CLIENT_DAILY * LOST_FOR < RECORDS

    entries = whole_log(staff.enter(olga))
    client = thief.key.client
    assert {e["record"] for e in told(entries, "record.opened", client=client)} == taken
    alarms = staff.enter(olga).get("/alarms").json()["alarms"]
    assert {a["reader"] for a in alarms} == {f"client:{client}"} and len(alarms) == LOST_FOR

    with service.installation.database.write() as connection:
        clients.revoke(connection, client)
    assert get(thief, f"/feed/v1/records/{next(iter(taken))}").status_code == 401
    assert ask_token(thief).status_code == 401


def ask_token(program: Program) -> Any:
    now = clock.now()
    assertion = program.assertion(iat=now, exp=now + 60)
    return program.ask_token(assertion, program.proof("POST", "/oauth/token", iat=now))


def enter(program: Program) -> None:
    program.token = ask_token(program).json()["access_token"]


def get(program: Program, path: str) -> Any:
    return program.get(path, program.proof("GET", path, program.token, iat=clock.now()))
