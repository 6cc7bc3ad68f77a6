"""A person with a receipt and a draft comes back where a testimony is looked at, and goes on writing."""

import json
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from intake.http.messages import message
from tests import sealed_writing as writing
from tests.own_sealed_pages import on, to_return, trouble
from tests.sealing_pages import PHONE, WAIT, encodings, inspect
from tests.service import FILES, Service, digits, new_receipt
from tests.wire import Wire

BEGUN = "Пачатак: needle-4410."
WHOLE = "Пачатак і канец: needle-4411."


def open_receipt(page: Page, url: str, receipt: str, language: str = "be") -> None:
    to_return(page, url, language)
    page.locator("#receipt").fill(receipt)
    page.locator("form[data-open] button").click()


def test_a_person_who_saved_something_goes_on_with_it_from_the_return_page(
    service: Service, page: Page, chromium: Browser, tmp_path: Path
) -> None:
    refused: list[str] = []
    with Wire(service.url) as wire:
        receipt = writing.begin(page, wire.url)
        writing.save(page, "save")
        writing.overview(page)
        writing.tell(page, BEGUN)
        writing.go(page, "files")
        writing.add(page, "received", [FILES / "phone.jpg"])
        expect(page.locator("ul.files li")).to_have_count(1, timeout=WAIT)
        page.close()

        context = chromium.new_context(viewport=PHONE)
        later = context.new_page()
        later.set_default_timeout(WAIT)
        later.on("console", lambda said: refused.append(said.text))
        open_receipt(later, wire.url, " ".join(receipt.words("en") or ()))
        writing.overview(later)
        inspect(later, "draft-from-return")
        assert later.locator("[data-kept=server]").first.is_visible()
        writing.go(later, "narrative")
        assert later.locator("#narrative").input_value() == BEGUN
        later.locator("#narrative").fill(WHOLE)
        writing.save(later, "save")
        writing.overview(later)
        writing.go(later, "consent")
        writing.allow(later)
        writing.save(later, "next")
        expect(later.locator("button[name=go][value=send]")).to_be_visible(timeout=WAIT)
        writing.sent(later)
        sent = bytes(wire.sent)
        assert later.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
        open_receipt(later, wire.url, digits(receipt))
        on(later, "add")
        assert WHOLE in later.locator("main").inner_text()
        context.close()
    assert not [text for text in refused if "Content Security Policy" in text or "Trusted" in text]
    for secret in (BEGUN, WHOLE, "phone.jpg", digits(receipt)):
        assert not [form for form in encodings(secret) if form in sent], secret
    (record,) = service.pull(tmp_path / "pulled").records
    (opened,) = service.open(tmp_path / "pulled", tmp_path / "opened")
    assert opened.problems == {} and len(opened.media) == 1
    told = (tmp_path / "opened" / record / "testimony.json").read_text("utf-8")
    assert WHOLE in json.dumps(json.loads(told), ensure_ascii=False)


def test_a_person_whose_draft_was_deleted_is_told_that_nothing_was_sent(service: Service, page: Page) -> None:
    receipt = writing.begin(page, service.url)
    writing.save(page, "save")
    writing.overview(page)
    writing.tell(page, BEGUN)
    writing.go(page, "delete")
    writing.save(page, "delete")
    expect(page.locator("button[name=go]")).to_have_count(0, timeout=WAIT)
    open_receipt(page, service.url, digits(receipt))
    assert trouble(page) == message("receipt_unknown", "be")


def test_a_person_whose_draft_does_not_open_is_warned(service: Service, page: Page) -> None:
    made = new_receipt()
    service.installation.drafts.put(made.keys(), "narrative", b"{}")
    page.route(
        "**/v1/drafts",
        lambda route: route.fulfill(json={"entries": {"ab" * 32: "YWdlLWVuY3J5cHRpb24ub3JnL3Yx"}}),
    )
    open_receipt(page, service.url, digits(made), "en")
    assert trouble(page).startswith("Something that was saved with this receipt cannot be opened.")
