"""What a person is told of every access to their record: who, as whom, what for and how often, in words."""

import re
from html import unescape

import httpx
import pytest
from sqlalchemy import update

from crypto.log_leaf import Opening
from intake.audit import log
from intake.audit.events import FETCHED_APART, LOG_OF, OF_RECORD, Event, Log
from intake.commands import watch
from intake.db.tables.staff import sessions
from intake.i18n import LANGUAGES
from tests.http.test_feed import entries
from tests.own import Person
from tests.reviewing.people import assign, member
from tests.service import Service, digits, form_fields, new_receipt, on_every_database_in_time

# What the log of accesses holds that is about no single testimony.
OF_NONE = {
    *("token.issued", "token.refused", "feed.listed", "log.cosigned", "member.applied", "member.entered"),
    *("entry.refused", "oneself.seen", "oneself.changed", "people.listed", "member.invited"),
    *("member.admitted", "member.removed", "proposal.made", "proposal.decided", "keys.listed"),
    *("keys.wrapped", "triage.listed", "assigned.listed", "cases.listed", "log.read", "alarm.raised"),
    *("alarms.listed", "alarm.seen", "budget.changed", "client.added", "client.revoked", "witness.added"),
}


def test_every_access_to_a_record_has_words_in_every_language(service: Service) -> None:
    assert {str(e) for e in Event if LOG_OF[e] is Log.ACCESS} - OF_NONE <= OF_RECORD
    assert not {*OF_RECORD, *FETCHED_APART} - set(watch._DID)
    for language in LANGUAGES:
        page = unescape(httpx.get(f"{service.url}/{language}/own", timeout=60).text)
        words = dict(re.findall(r'<p data-word="(event[^"]*)">([^<]+)</p>', page))
        for event in (*OF_RECORD, *FETCHED_APART):
            assert words[f"event:{event}"] not in (words["event"], event), (language, event)


def test_the_command_line_says_role_and_purpose_too() -> None:
    said = {"event": "triage.read", "day": "2026-11-05", "mechanism": "demo", "purpose": "archive"}
    line = watch._line(dict(said) | {"roles": "custodian reviewer"})
    assert line == (
        "2026-11-05: its short card for sorting was seen by demo (role: custodian, reviewer) for archive"
    )
    part = said | {"event": "part.downloaded"}
    for kind, words in (
        ("identity", "a part that is kept with who you are"),
        ("account", "a part"),
        ("", "a part"),
    ):
        assert watch._line(part | {"class": kind}).startswith(f"2026-11-05: {words} was fetched by demo")


def test_what_has_no_words_is_never_said_of_a_record(service: Service) -> None:
    refused = pytest.raises(ValueError, match="is nothing that is said of a record")
    with refused, service.installation.database.write() as connection:
        log.append(connection, "demo", Event.LOG_READ, record="ab" * 32)


@on_every_database_in_time
def test_a_person_sees_role_purpose_and_how_often_and_never_a_member(service: Service) -> None:
    made = new_receipt()
    assert service.send_form(form_fields(made)).status_code == 200
    record = Person(service, made.keys()).record
    kira, rita = member(service, "kira", "key-holder"), member(service, "rita", "reviewer")
    rita.inbox()
    assert assign(kira, record, rita).status_code == 200
    for _ in range(2):
        rita.open(record)
    assert rita.ask("PUT", f"/records/{record}/status", {"status": "in_review"}).status_code == 200
    assert rita.post(f"/records/{record}/assignments", {"member": "rita", "grants": []}).status_code == 403
    form = {"receipt": digits(made)}
    page = unescape(service.http.post(f"{service.url}/en/return", data=form).text)
    lines = [
        " ".join(re.sub(r"<[^>]+>", " ", line).split()).split(": ", 1)[1]
        for line in re.findall(r"<li>(.*)</li>", page.split("What was done with it")[1])
    ]
    by = "(role: {}; purpose: Fact-finding by the United Nations{})"
    assert lines[1:] == [
        f"its short card for sorting was seen {by.format('reviewer', '')}",
        f"opened {by.format('key-holder', '')}",
        f"it was decided who works with it {by.format('key-holder', '')}",
        f"opened {by.format('reviewer', '; 2 times')}",
        f"it was noted how far the work with it is {by.format('reviewer', '')}",
        f"asked for something of it, and was refused {by.format('reviewer', '')}",
    ]
    assert "kira" not in page and "rita" not in page


@on_every_database_in_time
def test_a_passkey_that_has_to_be_shown_again_is_no_access_that_was_refused(service: Service) -> None:
    made = new_receipt()
    assert service.send_form(form_fields(made)).status_code == 200
    person = Person(service, made.keys())
    record = person.record
    kira, rita = member(service, "kira", "key-holder"), member(service, "rita", "reviewer")
    with service.installation.database.write() as connection:
        connection.execute(update(sessions).values(fresh=0))
    answer = kira.post(f"/records/{record}/assignments", {"member": "rita", "grants": []})
    assert (answer.status_code, answer.json()["code"]) == (403, "assertion_needed")
    refused = [e for e in entries(service) if e.event is Event.REFUSED]
    assert [(e.record, e.fields["reason"]) for e in refused] == [(None, "assertion_needed")]
    assert rita.post(f"/records/{record}/assignments", {"member": "rita", "grants": []}).status_code == 403
    told = [
        Opening.parse(one["opening"].encode()).values for one in person.get("/accesses").json()["accesses"]
    ]
    assert [(one["event"], one.get("roles")) for one in told] == [
        ("record.added", None),
        ("access.refused", "reviewer"),
    ]
