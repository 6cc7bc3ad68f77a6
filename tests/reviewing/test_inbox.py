"""A member lists the inbox: what may be seen today, each card once in the log, and no more queries for more."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from crypto import sealing
from crypto.age_keys import Identity
from crypto.commitments import Fields
from crypto.encoding import Json, b64u_decode
from intake.audit.events import Event
from intake.client import mechanism_keys
from intake.db.tables.submissions import grants
from intake.people.roles import Action
from intake.reviewing.inbox import Wanted
from intake.sharing.access import Visit
from tests.http.test_feed import entries
from tests.own import allow, publish_profile
from tests.reviewing.people import CARD, a_record, assign, member
from tests.service import PURPOSE, Service, on_every_backend, on_every_database


def cards(service: Service, row: dict[str, Any]) -> list[dict[str, Json]]:
    """A record's triage cards, opened with the mechanism's triage key."""
    epoch = mechanism_keys.identities(service.mechanism.keys)
    keys: dict[str, Identity] = {}
    for grant in row["triage"]["grants"]:
        text = sealing.open_file(b64u_decode(grant["file"]), epoch).decode().strip()
        keys[grant["compartment"]] = Identity.parse(text)
    return [
        Fields.parse(sealing.open_file(b64u_decode(part["file"]), [keys[part["compartment"]]])).values
        for part in row["triage"]["parts"]
    ]


@on_every_backend
def test_a_reviewer_sees_cards_and_clear_fields_of_what_was_granted(service: Service, photo: bytes) -> None:
    first, second = a_record(service, photo=photo), a_record(service, allow("demo"))
    reviewer = member(service, "rita", "reviewer")
    before = len(entries(service))
    rows = reviewer.inbox()
    assert {row["record"] for row in rows} == {first.record, second.record}
    assert [row["number"] for row in rows] == [1, 2]
    one = next(row for row in rows if row["record"] == first.record)
    other = next(row for row in rows if row["record"] == second.record)
    assert (one["media"], other["media"], other["triage"]) == ({"medium": 1}, {}, None)
    assert (one["status"], one["assigned"], one["purposes"]) == ("new", [], [PURPOSE])
    assert len(one["triage"]["grants"]) == 1
    (card,) = cards(service, one)
    assert (card["month"], card["violations"]) == ("2020-08", ["beating"])

    added = entries(service)[before:]
    assert [e.event for e in added] == [Event.TRIAGE_READ, Event.TRIAGE_LISTED]
    assert added[0].record == first.record and added[0].fields["member"] == "rita"
    assert added[1].fields["records"] == 2 and added[1].record is None
    reviewer.inbox()
    assert [e.event for e in entries(service)[before + 2 :]] == [Event.TRIAGE_LISTED]
    member(service, "olga", "custodian").inbox()
    assert [e.event for e in entries(service)[before + 3 :]] == [Event.TRIAGE_READ, Event.TRIAGE_LISTED]


@on_every_database
def test_a_record_that_may_not_be_read_today_is_not_listed(service: Service) -> None:
    kept, withdrawn, waits = a_record(service), a_record(service), a_record(service)
    other = a_record(service, allow("demo", "triage", purposes=("archive",)))
    reviewer = member(service, "rita", "reviewer")
    assert len(reviewer.inbox()) == 3
    withdrawn.revise(choices=[])
    assert waits.ask_deletion().status_code == 202
    assert [row["record"] for row in reviewer.inbox()] == [kept.record]
    reviewer.purpose = "archive"
    assert [(row["record"], row["number"]) for row in reviewer.log_in().inbox()] == [(other.record, 4)]


@on_every_database
def test_another_card_of_a_revised_record_is_an_entry_again_and_another_text_is_not(
    service: Service,
) -> None:
    person = a_record(service)
    reviewer = member(service, "rita", "reviewer")
    (row,) = reviewer.inbox()
    assert person.revise("Яшчэ тэкст").status_code == 201
    assert len(reviewer.inbox()[0]["triage"]["parts"]) == 1
    assert [e.event for e in entries(service)].count(Event.TRIAGE_READ) == 1
    composer = person.composer(person.choices)
    composer.triage("witness", "be", 0, CARD, row["triage"]["parts"][0]["id"])
    assert person.post("/v1/mailbox/revisions", person.body(composer)).status_code == 201
    for _ in range(2):
        assert len(reviewer.inbox()[0]["triage"]["parts"]) == 2
    read = [e for e in entries(service) if e.event is Event.TRIAGE_READ]
    assert [e.record for e in read] == [person.record] * 2


@on_every_database
def test_whose_card_a_member_was_given_is_not_told_that_nothing_was_seen(service: Service) -> None:
    """Not even under a hold: it keeps what was opened, and nothing was."""
    publish_profile(service, service.mechanism, hold={"en": "The law", "be": "Закон", "ru": "Закон"})
    unseen = a_record(service)
    assert unseen.revise(choices=[]).json()["withdrawn"] == {"demo": "destroyed"}
    seen = a_record(service)
    assert [row["record"] for row in member(service, "rita", "reviewer").inbox()] == [seen.record]
    assert seen.revise(choices=[]).json()["withdrawn"] == {"demo": "deleted"}
    with service.installation.database.read() as connection:
        theirs = select(grants.c.locked).where(grants.c.mechanism == "demo")
        assert connection.execute(theirs).all() == []


@on_every_database
def test_citation_numbers_have_no_gap_and_are_never_given_twice(service: Service) -> None:
    holder = member(service, "kira", "key-holder")
    for _ in range(2):
        a_record(service)
    assert [row["number"] for row in holder.inbox()] == [1, 2]
    last = holder.inbox()[1]["record"]
    service.installation.erasure.erase(last)
    a_record(service)
    assert [row["number"] for row in holder.inbox()] == [1, 3]


def test_pages_go_on_from_a_cursor_and_can_be_narrowed(service: Service) -> None:
    for _ in range(3):
        a_record(service)
    holder, rita = member(service, "kira", "key-holder"), member(service, "rita", "reviewer")
    first = holder.get("/records?limit=2").json()
    rest = holder.get(f"/records?limit=2&cursor={first['next']}").json()
    assert [row["number"] for row in first["records"] + rest["records"]] == [1, 2, 3]
    assert rest["next"] is None
    mine = first["records"][1]["record"]
    assert assign(holder, mine, rita).status_code == 200
    assert [row["record"] for row in rita.inbox("?assigned=rita")] == [mine]
    assert [row["record"] for row in rita.inbox("?status=assigned&status=closed")] == [mine]
    assert [row["number"] for row in rita.inbox("?assigned=nobody")] == [1, 3]
    assert rita.get("/records?limit=501").status_code == 422


def test_cards_that_weigh_too_much_end_a_page_earlier_or_stay_away(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever sends testimonies to fill the memory: a card has 16 KiB here, and each limit is reached once."""
    for _ in range(3):
        a_record(service)
    reviewer = member(service, "rita", "reviewer")
    monkeypatch.setattr("intake.reviewing.inbox._OF_A_PAGE", 40 * 1024)
    first = reviewer.get("/records").json()
    assert ([row["number"] for row in first["records"]], first["next"]) == ([1, 2], 2)
    rest = reviewer.get("/records?cursor=2").json()
    assert ([row["number"] for row in rest["records"]], rest["next"]) == ([3], None)
    assert entries(service)[-1].fields["records"] == 1
    monkeypatch.setattr("intake.reviewing.inbox._OF_A_RECORD", 1024)
    assert [row["triage"] for row in reviewer.inbox()] == [None] * 3
    monkeypatch.undo()
    monkeypatch.setattr("intake.reviewing.inbox.MAX_TRIAGE", 1024)  # what was stored before there was a limit
    assert [row["triage"] for row in reviewer.inbox()] == [None] * 3


def test_an_unchanged_page_is_not_sent_again_and_still_an_entry(service: Service) -> None:
    a_record(service)
    reviewer = member(service, "rita", "reviewer")
    tag = reviewer.get("/records").headers["etag"]
    before = len(entries(service))
    again = reviewer.get("/records", **{"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert [e.event for e in entries(service)[before:]] == [Event.TRIAGE_LISTED]
    a_record(service)
    assert reviewer.get("/records", **{"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize("roles", [("auditor",), ("administrator",)])
def test_an_auditor_or_administrator_sees_no_content(service: Service, roles: tuple[str, ...]) -> None:
    record = a_record(service).record
    somebody = member(service, "ada", *roles)
    for path in ("/records", f"/records/{record}", f"/records/{record}/parts/{'ab' * 16}"):
        answer = somebody.get(path)
        assert (answer.status_code, answer.json()["code"]) == (403, "role"), path


@contextmanager
def counted(service: Service) -> Iterator[list[str]]:
    """SQL statements of this view of the installation."""
    said: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    engine = service.installation.database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", note)


@on_every_database
def test_a_page_of_many_takes_as_many_statements_as_a_page_of_one(service: Service, tmp_path: Path) -> None:
    reviewer = member(service, "rita", "reviewer")
    inbox = service.installation.inbox

    def statements() -> int:
        with counted(service) as said:
            found = inbox.page(Visit(reviewer.cookie, Action.LIST_TRIAGE), Wanted())
        assert all(row.card is not None for row in found.rows)
        return len(said)

    a_record(service)
    statements()  # the very first also makes the counter of citation numbers
    a_record(service)
    one = statements(), statements()
    for _ in range(12):
        a_record(service)
    assert (statements(), statements()) == one and one[0] < 60
