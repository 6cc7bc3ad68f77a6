"""An auditor's browser: the log in words, checked; forged answers are told; after logging out nothing is left."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Route, expect
from sqlalchemy import delete, insert

from crypto.encoding import b64u_decode, b64u_encode
from intake import clock
from intake.audit import log
from intake.audit.events import Event, Log
from intake.client import saved
from intake.db.tables.review import alarms
from intake.record.names import record_name
from tests.console import PHONE, SCREENSHOTS, Console, admit, console, invite
from tests.sealed import Sealed
from tests.service import Service

TITLES = {"be": ("Журнал", "Трывогі"), "ru": ("Журнал", "Тревоги"), "en": ("Log", "Alarms")}


def auditor(browser: Console) -> Console:
    """Somebody enrols as an auditor, is admitted and logs in."""
    browser.enrol(invite(browser.service, "auditor"), "olga")
    admit(browser.service, "olga")
    return browser.login("none").inside()


def months(service: Service) -> str:
    """What stands on the log after a while: usual reading, and somebody who read much; a record of it."""
    record = str(Sealed(service).send().json()["record"])
    with service.installation.database.write() as connection:
        said = {"roles": "reviewer", "purpose": "un_fact_finding"}
        for member in ("anna", "bela", "cyra"):
            log.append(connection, "demo", Event.RECORD_OPENED, record=record, member=member, **said)
        for _ in range(9):
            log.append(connection, "demo", Event.TRIAGE_LISTED, member="eve", **said)
        row = {"mechanism": "demo", "kind": "budget_spent", "reader": "eve", "day": clock.day()}
        connection.execute(insert(alarms).values(id="a1" * 16, **row))
        log.append(connection, "demo", Event.ALARM_RAISED, alarm="budget_spent", reader="eve")
    for kind in Log:
        service.installation.publisher.publish("demo", kind, now=True)
    return record


def test_auditor_reads_the_log_finds_entries_and_sees_an_alarm(service: Service, chromium: Browser) -> None:
    record = months(service)
    with console(chromium, service) as olga:
        page = auditor(olga).page
        expect(page.get_by_role("navigation").get_by_role("button").nth(1)).to_have_text("Alarms (1)")
        expect(page.locator("p.note")).to_contain_text("1 alarm that nobody has looked at")
        expect(page.locator(".checked")).to_contain_text("Checked in this browser")
        assert page.locator("[role=alert]").count() == 0
        rows = page.locator("tbody tr")
        expect(rows).to_have_count(3)
        olga.inspect("log")
        page.get_by_label("Member or program").select_option("anna")
        expect(page.locator("ol.entries > li")).to_have_count(1)
        expect(page.locator("ol.entries > li")).to_contain_text("Opened a testimony")
        page.get_by_role("button", name=record[:8]).click()
        expect(page.locator("ol.entries > li")).to_have_count(3)
        sought = page.get_by_label("Record: name, number or id")
        sought.fill(record_name(record))
        expect(page.locator("ol.entries > li")).to_have_count(3)
        sought.fill("contrite-unwritten")
        expect(page.locator("section.log")).to_contain_text("No entry is like this")
        page.get_by_label("What happened to testimonies").check()
        expect(page.locator("ol.entries")).to_contain_text("A testimony arrived")
        expect(page.locator(".checked")).to_be_visible()
        page.get_by_text("Keep a copy of what was read").click()
        with page.expect_download() as kept:
            page.get_by_role("button", name="Save as a file").click()
        whole = saved.check(Path(kept.value.path()).read_bytes(), [])
        assert whole.wrong == [] and len(whole.leaves) >= whole.size > 0
        olga.view("Alarms (1)")
        expect(page.locator("ol.entries").first).to_contain_text("eve")
        expect(page.locator(".hint")).to_contain_text("Compared with all of the log")
        page.get_by_text("What the log says of it").click()
        expect(page.locator("ul.entries")).to_contain_text("An alarm was raised")
        assert page.locator("[role=alert]").count() == 0
        olga.inspect("alarms")
        with service.installation.database.write() as connection:
            forged = {"mechanism": "demo", "kind": "budget_spent", "reader": "nina", "day": clock.day()}
            connection.execute(insert(alarms).values(id="b2" * 16, **forged))
        olga.view("Alarms (1)")
        forgery, raised = (page.locator("ol.entries > li", has_text=name) for name in ("nina", "eve"))
        expect(forgery).to_contain_text("The log does not know of this alarm")
        raised.get_by_role("button", name="I have looked at it").click()
        expect(raised).to_contain_text("Looked at by olga")
        expect(forgery).to_contain_text("The log does not know of this alarm")
        expect(raised).not_to_contain_text("The log does not know")
        forgery.get_by_role("button", name="I have looked at it").click()
        page.get_by_text("What the log says of it").click()
        page.get_by_role("button", name="Show these days in the log").click()
        expect(page.locator("ol.entries")).to_contain_text("An alarm was raised")
        for language, titles in TITLES.items():
            page.locator("#page-language").select_option(language)
            for title in titles:
                olga.view(title)
                expect(page.locator("h2")).to_have_text(title)
                olga.inspect(f"{title}-{language}")
                shoot(olga, f"{title}-{language}")
        with service.installation.database.write() as connection:
            connection.execute(delete(alarms))
        for view in ("Alarms", "Log"):
            olga.view(view)
            expect(page.locator(".problem").first).to_contain_text("The log knows of an alarm")
        assert olga.mistakes == [] and record not in page.url


def shoot(olga: Console, name: str) -> None:
    """How it looks on a phone, to be looked at."""
    if SCREENSHOTS:
        size = olga.page.viewport_size
        olga.page.set_viewport_size(PHONE)
        olga.page.screenshot(path=f"{SCREENSHOTS}/console-phone-{name}.png", full_page=True)
        if size:
            olga.page.set_viewport_size(size)


def _another_reader(page: dict[str, Any]) -> None:
    entry = next(e for e in page["entries"] if e["opening"] and '"anna"' in e["opening"])
    entry["opening"] = entry["opening"].replace('"anna"', '"bela"')


def _left_out(page: dict[str, Any]) -> None:
    del page["entries"][3]


def _left_out_and_numbered_anew(page: dict[str, Any]) -> None:
    del page["entries"][3]
    for place, entry in enumerate(page["entries"]):
        entry["index"] = page["start"] + place


def _another_leaf(page: dict[str, Any]) -> None:
    leaf = bytearray(b64u_decode(page["entries"][0]["leaf"], 65))
    leaf[5] ^= 1  # of the tag: the opening still fits
    page["entries"][0]["leaf"] = b64u_encode(bytes(leaf))


def _hidden(page: dict[str, Any]) -> None:
    entry = next(e for e in page["entries"] if e["opening"] and '"record.opened"' in e["opening"])
    entry["opening"] = None  # as if a testimony had been erased


def _unsigned(page: dict[str, Any]) -> None:
    lines = page["checkpoint"].split("\n")
    page["checkpoint"] = "\n".join(line for line in lines if not line.startswith("—"))


def _another_root(page: dict[str, Any]) -> None:
    lines = page["checkpoint"].split("\n")
    lines[2] = "A" * 43 + "="
    page["checkpoint"] = "\n".join(lines)


def _another_log(page: dict[str, Any]) -> None:
    page["origin"] = page["origin"].replace("/demo/", "/other/")


_ROUTE = "**/review/v1/log*kind=access*"
# What a server can change, and what the auditor is told.
_FORGED = {
    _another_reader: "Entries that do not say what the log has: 1",
    _left_out: "Entries that are not there: 1, the first is number 3",
    _left_out_and_numbered_anew: "Entries that are not there: 1",
    _another_leaf: "not those that the log signed",
    _hidden: "Entries that say nothing although no testimony was erased: 1",
    _unsigned: "signature does not hold",
    _another_root: "signature does not hold",
    _another_log: "signature does not hold",
}


def test_auditor_is_told_of_everything_that_a_server_could_change_in_the_log(
    service: Service, chromium: Browser
) -> None:
    months(service)
    with console(chromium, service) as olga:
        page = auditor(olga).page
        expect(page.locator(".checked")).to_be_visible()
        for forge, told in _FORGED.items():
            _answer_with(olga, forge)
            page.get_by_role("button", name="Read the newest again").click()
            expect(page.locator("[role=alert].problem"), forge.__name__).to_contain_text(told)
            assert page.locator(".checked").count() == 0, forge.__name__
            expect(page.locator(".hint").first).to_contain_text("This log is not whole")
            if forge in (_another_reader, _hidden):
                page.get_by_label("Member or program").select_option("cyra")
                expect(page.locator("ol.entries > li.problem")).to_have_count(1)
                page.get_by_label("Member or program").select_option("")
            if forge is _left_out:
                olga.inspect("log-broken")
                with page.expect_download() as kept:
                    page.get_by_role("button", name="Save as a file").click()
                found = saved.check(Path(kept.value.path()).read_bytes(), []).wrong
                assert "entries are missing: 1, the first is number 3" in found
            page.unroute(_ROUTE)
            page.get_by_role("button", name="Read the newest again").click()
            expect(page.locator(".checked")).to_be_visible()


def _answer_with(browser: Console, forge: Callable[[dict[str, Any]], None]) -> None:
    def change(route: Route) -> None:
        page = json.loads(route.fetch().body())
        forge(page)
        route.fulfill(status=200, content_type="application/json", body=json.dumps(page))

    browser.page.route(_ROUTE, change)


@pytest.mark.parametrize("way", ["back", "reload"])
def test_whoever_sits_down_after_a_logout_sees_nothing_of_what_was_open(
    service: Service, chromium: Browser, way: str
) -> None:
    record = months(service)
    with console(chromium, service) as olga:
        page = auditor(olga).page
        expect(page.get_by_role("button", name=record[:8]).first).to_be_visible()
        page.evaluate("history.pushState(null, '', '/review')")
        with page.expect_event("load"):  # the page begins anew
            page.get_by_role("button", name="Log out").click()
        expect(page.locator("#login")).to_be_visible()
        page.go_back() if way == "back" else page.reload()
        expect(page.locator("#login")).to_be_visible()
        assert record[:8] not in page.content() and "olga" not in page.locator("main").inner_text()
        page.goto("about:blank")
        page.go_back()
        expect(page.locator("#login")).to_be_visible()
        assert page.context.cookies() == []
        stored = "[localStorage.length, sessionStorage.length]"
        assert page.evaluate(stored) == [0, 0]
        assert page.evaluate("indexedDB.databases()") == [] and page.evaluate("caches.keys()") == []


def test_another_sites_page_cannot_show_the_console_in_a_frame(service: Service, chromium: Browser) -> None:
    with console(chromium, service) as olga:
        page = auditor(olga).page
        other = service.url.replace("localhost", "127.0.0.1")
        page.goto(f"{other}/en/")
        address = f"{service.settings.review_url}/review"
        page.route(
            "**/trap", lambda route: route.fulfill(content_type="text/html", body=f"<iframe src={address}>")
        )
        page.goto(f"{other}/trap")
        frame = page.frames[1]
        assert frame.locator("#console").count() == 0 and "olga" not in frame.content()
