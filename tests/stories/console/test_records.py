"""Records in real browsers: found by their cards, assigned, opened, identity asked for and approved by another."""

import hashlib
import json
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from playwright.sync_api import Browser, Route, expect
from sqlalchemy import insert

from crypto.compartments import Compartment
from crypto.membership import opens
from intake.audit.events import Event
from intake.client import mechanism_keys
from intake.db.tables.staff import wraps
from intake.people import memberships
from intake.record.names import record_name
from tests.console import Console, admit, console, invite
from tests.http.test_feed import entries
from tests.own import Person, add_medium, allow, publish_profile
from tests.reviewing.people import a_record, member, sealed
from tests.service import Service
from tests.staff import Staff

INJURY = {"regions": ["left_arm", "chest"], "description": "Сінякі."}
SAID = {
    "acts": [{"violations": ["beating"], "date": "2020-08-11", "description": "Білі."}],
    "events": [{"date": "2020-08-10", "description": "Затрымалі."}],
    "injuries": [INJURY],
}


def told(service: Service, photo: bytes, person: Person | None = None, **set_: Any) -> str:
    """A testimony with answers, a photo in the account and one that only identity opens; its record."""
    person = person or Person(service)
    set_ = {"identity": "closed", "contact": "safe_channel"} | set_
    composer = person.composer([allow("demo", "triage", "identity", **set_)])
    composer.narrative("Мяне затрымалі на плошчы.", "victim", "be")
    composer.triage("victim", "be", 2, SAID)
    for section, answers in SAID.items():
        composer.section(section, answers)
    media = add_medium(service, composer, "account", photo)
    media |= add_medium(service, composer, "identity", photo + b"\0")
    receipt = {"receipt": person.receipt(composer.writer)}
    answer = person.post("/v1/submissions", person.body(composer, media) | receipt)
    assert answer.status_code == 201, answer.text
    return person.record


def give_keys(service: Service, member: str) -> None:
    """As a key-holder's browser does: the epoch keys that the roles open, sealed to the member."""
    staff = Staff(service)
    held = {one.recipient.text: one for one in mechanism_keys.identities(service.mechanism.keys)}
    with service.installation.database.write() as connection:
        membership = memberships.valid(connection, "demo")[member]
        for key in staff.bundle.keys:
            if key.kind not in opens(membership.roles):
                continue
            file = Compartment("", "", held[key.recipient.text]).grant(
                membership.recipient, file_key=secrets.token_bytes(16), nonce=secrets.token_bytes(16)
            )
            row = {"mechanism": "demo", "epoch": key.epoch, "class": key.kind, "kind": "member"}
            connection.execute(insert(wraps).values(**row, reader=member, file=file))


@contextmanager
def entered(chromium: Browser, service: Service, member: str, *roles: str) -> Iterator[Console]:
    """Somebody with a browser of their own, logged in with open keys."""
    with console(chromium, service) as found:
        found.enrol(invite(service, *roles), member)
        admit(service, member)
        give_keys(service, member)
        found.login().inside()
        yield found
        assert found.mistakes == []


def test_a_record_is_assigned_opened_and_its_identity_approved_by_another_person(
    service: Service, chromium: Browser, photo: bytes
) -> None:
    publish_profile(service, service.mechanism, conditions=["ask_first", "not_to_states"])
    record = told(service, photo, conditions=("ask_first", "not_to_states"), states=("BY",))
    name = record_name(record)
    with ExitStack() as stack:
        kira = stack.enter_context(entered(chromium, service, "kira", "key-holder"))
        rita = stack.enter_context(entered(chromium, service, "rita", "reviewer"))
        olga = stack.enter_context(entered(chromium, service, "olga", "custodian"))

        kira.view("Inbox")
        expect(kira.page.locator("td.wide")).to_contain_text(
            "August 2020 · Beating · Affected person · Belarusian"
        )
        expect(kira.page.locator("td.wide")).to_contain_text("eating")
        kira.page.get_by_label("Written as").select_option("victim")
        kira.page.get_by_label("Month").select_option("2020-08")
        kira.page.get_by_label(f"Choose {name}").check()
        kira.page.get_by_label("To whom").select_option("rita")
        kira.inspect("inbox")
        kira.page.get_by_role("button", name="Assign 1").click()
        expect(kira.page.locator("tbody tr").first).to_contain_text("rita")

        rita.view("Inbox").page.get_by_role("button", name=name).click()
        expect(rita.page.locator(".note").first).to_contain_text("opened and checked in this browser")
        expect(rita.page.locator("p.text").first).to_have_text("Мяне затрымалі на плошчы.")
        expect(rita.page.locator("dl.facts")).to_contain_text("August 2020 · Beating")
        for words in (
            "It stays closed until I am asked",
            "Ask me before each use",
            "certain states: Belarus",
        ):
            expect(rita.page.locator("dl.facts")).to_contain_text(words)
        expect(rita.page.locator("dl.facts")).to_contain_text("parts (identity)")
        expect(rita.page.locator("section.messages")).to_contain_text("by the safe way that they describe")
        expect(rita.page.locator("ol.timeline li")).to_have_count(2)
        expect(rita.page.locator("ol.timeline li").last).to_contain_text("What was done: Beating")
        about = rita.page.locator("#work-about option")
        expect(about.filter(has_text="In their own words: Мяне затрымалі на плошчы.")).to_have_count(1)
        expect(about.filter(has_text="What was done: Білі.")).to_have_count(1)
        expect(rita.page.locator("rect.hurt")).to_have_count(2)
        assert rita.page.locator("canvas[data-drawn]").count() == 0  # not before somebody comes near to it
        rita.page.locator("canvas.preview").scroll_into_view_if_needed()
        expect(rita.page.locator("canvas[data-drawn]")).to_have_count(1)
        assert rita.page.locator(".media img").count() == 0
        rita.inspect("record")
        _jump(rita)
        rita.page.get_by_label("Status").select_option("in_review")
        rita.page.get_by_role("button", name="Set the status").click()
        expect(rita.page.get_by_text("The status is now: in review")).to_be_visible()
        rita.page.get_by_role("button", name="Show the original").click()
        expect(rita.page.locator(".media img")).to_be_visible()
        assert rita.page.locator(".media img").evaluate("image => image.naturalWidth") > 100
        rita.page.locator(".media .picture").click()
        size = rita.page.locator(".media img").evaluate("image => [image.width, image.naturalWidth]")
        assert size[0] == size[1]
        digest = hashlib.sha256(photo).hexdigest()
        expect(rita.page.locator(".media figcaption")).to_contain_text(digest[:4] + " " + digest[4:8])
        expect(rita.page.locator(".media figcaption")).to_contain_text("What the file says of itself")
        rita.page.get_by_label("Reason").select_option("contact")
        rita.page.get_by_label("identity").check()
        rita.page.get_by_label("Why, in your own words").fill("Суд — у панядзелак.\nТрэба папярэдзіць.")
        rita.inspect("record-ask")
        rita.page.get_by_role("button", name="Ask", exact=True).click()
        expect(rita.page.get_by_text("A custodian will decide")).to_be_visible()
        expect(rita.page.get_by_label("Why, in your own words")).to_have_value("")

        _words_that_do_not_hold(olga)
        olga.view("Inbox")
        olga.view("Approvals")
        expect(olga.page.locator("article")).to_contain_text("to reach the person")
        expect(olga.page.locator("article .said")).to_have_text("Суд — у панядзелак.\nТрэба папярэдзіць.")
        expect(olga.page.locator("article")).to_contain_text("rita. Checked in this browser")
        _looks_before_deciding(olga, name)
        expect(olga.page.get_by_role("button", name="Approve")).to_have_count(0)  # before she has asked
        expect(olga.page.get_by_role("button", name="See what the person set")).to_have_count(0)
        olga.page.get_by_label("I know them from a member who sees them").check()
        olga.inspect("approvals")
        olga.page.get_by_role("button", name="Approve").click()
        expect(olga.page.get_by_text("Your decision is stored")).to_be_visible()
        expect(olga.page.locator("article")).to_contain_text("approved (olga)")

        rita.page.get_by_role("button", name="Back to the list").click()
        expect(rita.page.get_by_role("button", name=name)).to_be_focused()
        rita.page.get_by_role("button", name=name).click()
        expect(rita.page.locator("h2#record")).to_be_focused()
        rita.page.locator("canvas.preview").first.scroll_into_view_if_needed()
        expect(rita.page.locator("canvas[data-drawn]")).to_have_count(2)
        assert name not in rita.page.url and record not in rita.page.url and name not in rita.page.title()
        expect(rita.page.locator("dl.facts").first).to_contain_text(record[:16])
        expect(rita.page.locator("dl.facts").first).to_contain_text("identity: until ")
        expect(rita.page.get_by_text("Open to you until")).to_contain_text("identity. Approved by olga.")
        _export(rita, kira, name)
    events = {entry.event for entry in entries(service)}
    assert {Event.RECORD_ASSIGNED, Event.IDENTITY_ASKED, Event.IDENTITY_DECIDED, Event.TRIAGE_READ} <= events


def _export(rita: Console, kira: Console, name: str) -> None:
    """Whoever wants to be asked before each use is asked about on each of the ways, and by whoever approves."""
    asked = "They were asked about this export, and agreed."
    rita.page.get_by_text("Propose an export (1)").click()
    rita.page.locator("#chosen-reason").select_option("keeping")
    expect(rita.page.get_by_text(f"asked before each use: No. 1 ({name})")).to_be_visible()
    expect(rita.page.get_by_role("button", name="Propose")).to_have_count(0)
    rita.page.get_by_label(asked).check()
    expect(rita.page.get_by_role("button", name="Propose")).to_be_visible()
    rita.page.get_by_role("button", name="Back to the list").click()
    rita.page.get_by_label(f"Choose {name}").check()
    rita.page.get_by_text("Propose an export (1)").click()
    rita.page.locator("#chosen-reason").select_option("keeping")
    rita.page.get_by_role("button", name="See what the person set").click()
    expect(rita.page.locator("ul.called")).to_contain_text("Ask me before each use")
    expect(rita.page.get_by_role("button", name="Propose")).to_have_count(0)
    rita.page.get_by_label(asked).check()
    rita.page.get_by_role("button", name="Propose").click()
    sure = rita.page.get_by_role("group", name=f"No. 1 ({name})")
    expect(sure).to_contain_text("readable there for good: identity (records: 1)")
    rita.page.get_by_role("button", name="Propose", exact=True).click()
    expect(rita.page.get_by_text("Another member has to approve")).to_be_visible()
    kira.view("Approvals")
    expect(kira.page.get_by_text("identity (records: 1); allowed until")).to_be_visible()
    kira.page.get_by_role("button", name="See what the person set").click()
    expect(kira.page.locator("ul.called")).to_contain_text("certain states: Belarus")
    kira.inspect("export-approving")
    expect(kira.page.get_by_role("button", name="Approve")).to_have_count(0)
    kira.page.get_by_label(asked).check()
    expect(kira.page.get_by_role("button", name="Approve")).to_be_visible()


def _looks_before_deciding(member: Console, name: str) -> None:
    """A custodian opens the record of a request: nothing is asked for that is refused, which the person would see."""
    page = member.page
    refused: list[str] = []
    page.on("response", lambda answer: refused.append(answer.url) if answer.status >= 400 else None)
    page.get_by_role("button", name=name).click()
    expect(page.get_by_text("You see this record to decide")).to_be_visible()
    member.inspect("record-to-decide")
    page.wait_for_load_state("networkidle")
    assert page.locator("section.work, section.messages, section.same-media, [role=alert]").count() == 0
    assert refused == []
    page.get_by_role("button", name="Back to the list").click()


def _words_that_do_not_hold(custodian: Console) -> None:
    """A server that shows the same words under another reason is not believed."""
    page = custodian.page

    def changed(route: Route) -> None:
        listed = route.fetch().json()
        listed["requests"][0]["reason"] = "protection"
        route.fulfill(status=200, content_type="application/json", body=json.dumps(listed))

    page.route("**/review/v1/identity-requests", changed)
    custodian.view("Approvals")
    expect(page.locator("article")).to_contain_text("somebody is in danger")
    expect(page.locator("article [role=alert]")).to_contain_text("do not hold")
    expect(page.locator("article .said")).to_have_count(0)
    page.unroute("**/review/v1/identity-requests")


def _jump(member: Console) -> None:
    """The contents lead to a section by the focus, without the address; on a phone they are one line."""
    page = member.page
    contents = page.get_by_role("navigation", name="On this page")
    size = page.viewport_size
    page.set_viewport_size({"width": 390, "height": 844})
    closed = contents.bounding_box()
    assert closed is not None and closed["height"] < 50
    contents.locator("summary").press("Enter")
    for name in ("Card, and what the person set", "Timeline", "Work", "Ask to open more", "Deadlines"):
        expect(contents.get_by_role("button", name=name, exact=True)).to_have_count(1)
    member.inspect("record-contents")
    opened = contents.locator("ul").bounding_box()
    assert opened is not None and opened["height"] < 844 / 2  # it leaves the record to be seen
    page.keyboard.press("Escape")
    expect(contents.get_by_role("button")).to_have_count(0)
    expect(contents.locator("summary")).to_be_focused()
    contents.locator("summary").click()
    expect(contents.get_by_role("button", name="Messages")).to_be_visible()
    page.mouse.click(200, 700)  # beside it
    expect(contents.get_by_role("button")).to_have_count(0)
    contents.locator("summary").click()
    expect(contents.get_by_role("button", name="Messages")).to_be_visible()
    page.mouse.wheel(0, 300)
    expect(contents.get_by_role("button")).to_have_count(0)
    contents.locator("summary").press("Enter")
    contents.get_by_role("button", name="Messages").press("Enter")
    heading = page.locator("h3#messages")
    expect(heading).to_be_focused()
    expect(contents.get_by_role("button")).to_have_count(0)  # closed again
    at, line = heading.bounding_box(), contents.bounding_box()
    assert at is not None and line is not None and at["y"] >= line["y"] + line["height"] >= 0
    assert "#" not in page.url
    if size:
        page.set_viewport_size(size)


def test_what_is_intimate_is_not_even_fetched_before_a_click(
    service: Service, chromium: Browser, photo: bytes
) -> None:
    record = a_record(service, photo=photo, kind="sensitive").record
    kira, olga = member(service, "kira", "key-holder"), member(service, "olga", "custodian")
    with entered(chromium, service, "rita", "reviewer") as rita:
        with service.installation.database.read() as connection:
            recipient = memberships.valid(connection, "demo")["rita"].recipient
        grants = sealed(kira, kira.open(record), recipient, "triage", "account")
        body = {"member": "rita", "grants": grants}
        assert kira.post(f"/records/{record}/assignments", body).status_code == 200
        rita.page.get_by_role("button", name="Refresh the list").click()
        rita.page.get_by_role("button", name=record_name(record)).click()
        rita.page.get_by_label("Reason").select_option("protection")
        rita.page.get_by_label("intimate").check()
        rita.page.get_by_role("button", name="Ask", exact=True).click()
        expect(rita.page.get_by_text("A custodian will decide")).to_be_visible()
        (asked,) = olga.get("/identity-requests").json()["requests"]
        grants = sealed(olga, olga.open(record), recipient, "sensitive")
        yes = {"approve": True, "hours": 1, "grants": grants}
        assert olga.post(f"/identity-requests/{asked['id']}/decision", yes).status_code == 200

        fetched: list[str] = []
        rita.page.on("request", lambda request: fetched.append(request.url))
        rita.page.get_by_role("button", name="Back to the list").click()
        rita.page.get_by_role("button", name=record_name(record)).click()
        expect(rita.page.locator(".media .note")).to_contain_text("Intimate")
        assert rita.page.locator(".media canvas, .media img").count() == 0
        before = [url for url in fetched if "/parts/" in url]
        rita.page.get_by_role("button", name="Show the original").click()
        expect(rita.page.locator(".media img")).to_be_visible()
        after = [url for url in fetched if "/parts/" in url]
        assert len(after) == len(before) + 1 and after[-1] not in before


def test_a_thousand_records_are_listed_and_a_screenful_is_drawn(service: Service, chromium: Browser) -> None:
    rows: list[dict[str, Any]] = [
        {
            "record": f"{number:064x}",
            "number": number,
            "received_day": "2026-11-01",
            "revision": 1,
            "media": {"medium": 5},
            "purposes": [],
            "expires": None,
            "status": "new",
            "assigned": [],
            "standing": None,
            "unanswered": 0,
            "deadline": None,
            "triage": None,
        }
        for number in range(1, 1001)
    ]

    def pages(route: Route) -> None:
        first = "cursor=0" in route.request.url
        page = {"records": rows[:500] if first else rows[500:], "next": 500 if first else None}
        route.fulfill(status=200, content_type="application/json", body=json.dumps(page))

    with entered(chromium, service, "rita", "reviewer") as rita:
        rita.page.route("**/review/v1/records?*", pages)
        rita.view("Inbox").page.get_by_role("button", name="Refresh the list").click()
        expect(rita.page.get_by_role("status")).to_have_text("1000 of 1000 records")
        assert rita.page.locator("tbody tr").count() < 60
        expect(rita.page.locator("tbody tr").nth(0)).to_contain_text("1000")
        took = rita.page.evaluate(
            """async () => {
                const list = document.querySelector('.list');
                const started = performance.now();
                for (let i = 1; i <= 20; i++) {
                    list.scrollTop = (list.scrollHeight * i) / 20;
                    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
                }
                return performance.now() - started;
            }"""
        )
        assert took < 10_000  # twenty screens, on a machine that others use, too
        expect(rita.page.locator("tbody tr").last).to_contain_text("2026-11-01")
        expect(rita.page.get_by_text(record_name(rows[0]["record"]), exact=True)).to_be_visible()
