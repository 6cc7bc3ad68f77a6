"""Reviewers at work in real browsers: a case, its notes, a derivative, a deadline, notes on a record."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from crypto.encoding import b64u_decode, b64u_encode
from intake import clock
from intake.record.names import record_name
from tests.console import Console, admit, console, invite
from tests.reviewing.desks import assign
from tests.service import Service, prepared
from tests.staff import Staff

NOTE = "Супадае з іншым сведчаннем: тая самая камера"


def enter(service: Service, one: Console, member: str, *roles: str) -> Console:
    one.enrol(invite(service, *roles), member, member.title())
    admit(service, member)
    return one.login().inside()


def write(page: Page, kind: str, text: str) -> None:
    page.locator("#work-kind").select_option(kind)
    page.locator("#work-text").fill(text)


def save(page: Page) -> None:
    page.get_by_role("button", name="Seal and save").click()


def said(page: Page) -> Any:
    return page.locator(".entries .said")


def test_a_case_is_shared_and_everything_written_in_it_is_read_by_the_other(
    service: Service, chromium: Browser, tmp_path: Path
) -> None:
    record = service.submit(prepared(tmp_path / "t", {}))[1].record
    photo = tmp_path / "blurred.txt"
    photo.write_bytes(b"what can be shown of it " * 1000)
    sent: list[bytes] = []
    with console(chromium, service) as anna, console(chromium, service) as bela:
        anna.page.on("request", lambda request: sent.append(request.post_data_buffer or b""))
        enter(service, bela, "bela", "reviewer")
        enter(service, anna, "anna", "reviewer")
        assign(service, record, "anna", "bela")

        anna.view("Cases")
        anna.page.locator("#case-title").fill("Жодзіна, жнівень 2020")
        anna.page.locator("input[name=case-bela]").check()
        anna.page.get_by_role("button", name="Begin a case").click()
        anna.page.get_by_role("button", name="Жодзіна, жнівень 2020").click()
        anna.page.locator("#case-record").fill(record_name(record))
        anna.page.get_by_role("button", name="Put a record in").click()
        expect(anna.page.get_by_text("records of this case that you see: 1", exact=False)).to_be_visible()
        write(anna.page, "note", NOTE)
        save(anna.page)
        expect(said(anna.page)).to_have_text(["Жодзіна, жнівень 2020", NOTE])
        write(anna.page, "tags", "Паводле артыкула 7")
        anna.page.get_by_label("Torture").check()
        anna.page.get_by_label("It may speak for an accused person").check()
        save(anna.page)
        expect(anna.page.locator(".entries li")).to_have_count(3)
        write(anna.page, "derivative", "Твары прыхаваныя")
        anna.page.locator("#work-about").select_option(label="Entry 2")
        anna.page.locator("#work-derivative").select_option("redaction")
        anna.page.locator("#work-files").set_input_files(photo)
        save(anna.page)
        expect(anna.page.locator(".entries li")).to_have_count(4)
        anna.page.locator("#due-kind").select_option("hearing")
        anna.page.locator("#due-day").fill(clock.day())
        anna.page.locator("#due-whose").select_option("bela")
        anna.page.get_by_role("button", name="Set", exact=True).click()
        expect(anna.page.get_by_text("A hearing", exact=False)).to_have_count(2)
        anna.inspect("case")
        anna.page.get_by_role("button", name="Notes on this record").click()
        panel = anna.page.locator("section.work")
        panel.locator("#work-text").fill("Пра сам запіс")
        panel.get_by_role("button", name="Seal and save").click()
        expect(panel.locator(".said")).to_have_text(["Пра сам запіс"])
        anna.inspect("record-work")

        bela.view("Due")
        expect(bela.page.get_by_text("A hearing", exact=False)).to_be_visible()
        bela.inspect("due")
        bela.page.get_by_role("button", name="Mark as done").click()
        expect(bela.page.get_by_text("Nothing is due")).to_be_visible()
        bela.view("Cases")
        bela.inspect("cases")
        bela.page.get_by_role("button", name="Жодзіна, жнівень 2020").click()
        expect(said(bela.page)).to_have_text(
            ["Жодзіна, жнівень 2020", NOTE, "Паводле артыкула 7", "Твары прыхаваныя"]
        )
        expect(bela.page.locator(".entries")).to_contain_text("Torture")
        bela.page.get_by_role("button", name="blurred.txt").click()
        with bela.page.expect_download() as download:
            bela.page.get_by_role("link", name="Save blurred.txt").click()
        assert download.value.path().read_bytes() == photo.read_bytes()
        bela.page.get_by_role("button", name="Notes on this record").click()
        expect(bela.page.locator("section.work .said")).to_have_text(["Пра сам запіс"])
        assert anna.mistakes == bela.mistakes == []
    words = [w.encode() for w in (NOTE, "Жодзіна", "Torture", "torture", "Твары", "what can be shown")]
    assert not [w for body in sent for w in words if w in body]
    for path in service.everything_on_disk():
        assert NOTE.encode() not in path.read_bytes(), path


def test_a_key_holder_gives_one_member_the_key_of_a_case_and_takes_it_back(
    service: Service, chromium: Browser
) -> None:
    with console(chromium, service) as anna, console(chromium, service) as bela:
        enter(service, bela, "bela", "reviewer")
        Staff(service).member("auditor", id="olga")
        Staff(service).member("reviewer", id="vera")
        enter(service, anna, "anna", "key-holder")
        anna.view("Cases")
        expect(anna.page.locator("input[name=case-vera]")).to_be_visible()
        assert anna.page.locator("input[name=case-olga]").count() == 0  # auditors read no content
        anna.page.locator("#case-title").fill("Справа")
        anna.page.get_by_role("button", name="Begin a case").click()
        anna.page.get_by_role("button", name="Справа").click()
        readers = anna.page.locator("details.readers")
        readers.locator("summary").click()
        expect(readers.locator("li")).to_have_count(1)
        readers.locator("input[name=reader-bela]").check()
        for _ in range(2):  # asked once more
            readers.get_by_role("button", name="Give them the key").click()
        expect(readers.locator("li")).to_have_count(2)
        anna.inspect("case-readers")
        bela.view("Cases").page.get_by_role("button", name="Справа").click()
        for _ in range(2):
            readers.locator("li", has_text="bela").get_by_role("button", name="Take the key back").click()
        expect(readers.locator("li")).to_have_count(1)
        bela.view("Cases")
        expect(bela.page.get_by_text("You are in no case yet")).to_be_visible()
        assert anna.mistakes == bela.mistakes == []


def test_an_entry_that_was_bent_is_not_shown_and_counted(
    service: Service, chromium: Browser, tmp_path: Path
) -> None:
    with console(chromium, service) as anna:
        enter(service, anna, "anna", "reviewer")
        anna.view("Cases")
        anna.page.locator("#case-title").fill("Справа")
        anna.page.get_by_role("button", name="Begin a case").click()
        anna.page.get_by_role("button", name="Справа").click()
        for text in ("першая", "другая"):
            write(anna.page, "note", text)
            save(anna.page)
            expect(said(anna.page).last).to_have_text(text)

        def bend(route: Any) -> None:
            answer = route.fetch()
            body = answer.json()
            for entry in body["entries"][1:2]:
                raw = bytearray(b64u_decode(entry["payload"]))
                raw[40] ^= 1
                entry["payload"] = b64u_encode(bytes(raw))
            route.fulfill(response=answer, json=body)

        anna.page.route("**/work?after=*", bend)
        anna.page.get_by_role("button", name="All cases").click()
        anna.page.get_by_role("button", name="Справа").click()
        expect(said(anna.page)).to_have_text(["Справа", "другая"])
        expect(anna.page.get_by_text("are not shown: 1")).to_be_visible()
        assert anna.mistakes == []
