"""A person with a browser and no JavaScript comes back: reads, withdraws, writes, deletes, in three languages."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from crypto.receipt import Receipt
from tests.casework import case, registered_member
from tests.own import Person, publish_profile
from tests.service import (
    PURPOSE,
    Mechanism,
    Service,
    digits,
    form_fields,
    make_mechanism,
    new_receipt,
    register,
)
from tests.soak import in_every_language
from tests.stories.test_form_in_browser import PHONE, inspect
from tests.tools import browser

STORY = "Мяне затрымалі.\nДругі радок."
MANDATE = {"en": "Examines.", "be": "Даследуе і дакументуе.", "ru": "Исследует и документирует."}
HOLD = {
    "en": "By law it keeps what it has opened.",
    "be": "Паводле закона захоўвае тое, што адкрыта.",
    "ru": "По закону хранит то, что открыто.",
}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Mechanism:
    return make_mechanism(tmp_path_factory.mktemp("other-keys"), "other")


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(java_script_enabled=False, viewport=PHONE)
    yield context.new_page()
    context.close()


@pytest.fixture
def receipt(service: Service, demo: Mechanism, other: Mechanism, tmp_path: Path, photo: bytes) -> Receipt:
    """Of a testimony with a photo, corrected once, read by the mechanism, which has a question."""
    register(service.installation, other)
    publish_profile(service, demo, mandate=MANDATE, hold=HOLD, contact=True, conditions=["ask_first"])
    publish_profile(service, other, mandate=MANDATE, note=HOLD, contact=True)
    made = new_receipt()
    answer = service.send_form(form_fields(made, ("self", "здымак.jpg", photo), narrative=STORY))
    assert answer.status_code == 200
    person = Person(service, made.keys())
    choices = [choice for choice, _ in person.open().choices().values()]
    composer = person.composer(choices)
    first = person.open().current("narrative")[0].entry.id
    composer.narrative("Мяне затрымалі 9 жніўня.", "victim", "be", revises=first)
    composer.section("events", [{"place": "Мінск", "date": "2020-08-09~"}])
    assert person.post("/v1/mailbox/revisions", person.body(composer)).status_code == 201
    member = registered_member(service, tmp_path)
    (record,) = service.pull(tmp_path / "pulled").records
    with case(service, tmp_path / "pulled" / "records" / record) as theirs:
        theirs.reply(member, "Калі вас вызвалілі?", "be")
    return made


def come_back(page: Page, service: Service, language: str, receipt: Receipt) -> None:
    page.goto(f"{service.url}/{language}/return")
    page.locator("input[name=receipt]").fill(digits(receipt))
    page.locator(f"form[action='/{language}/return'] button").click()
    if page.locator("button[name=confirm]").count():
        inspect(page, f"{language}-back-0-confirm")
        page.locator("button[name=confirm]").click()


def go(page: Page, at: str, name: str) -> None:
    """Press the button that leads to this page, and look at it."""
    page.locator(f"form:has(input[name=at][value='{at}']) button").first.click()
    inspect(page, name)


def overview(page: Page) -> None:
    page.locator("form:not(:has(input[name=at])) button.plain").last.click()


@in_every_language("ru")
def test_person_comes_back_writes_changes_withdraws_and_deletes(
    service: Service, page: Page, receipt: Receipt, other: Mechanism, tmp_path: Path, language: str
) -> None:
    come_back(page, service, language, receipt)
    inspect(page, f"{language}-back-1-overview")
    text = page.locator("main").inner_text()
    assert "9 жніўня" in text and "здымак.jpg" in text and "Мінск" in text
    page.locator("details", has_text="Другі радок.").first.locator("summary").click()
    assert "Другі радок." in page.locator("main").inner_text()
    assert page.url.endswith(f"/{language}/return") and page.title() in ("Page", "Старонка", "Страница")

    go(page, "messages", f"{language}-back-2-messages")
    assert "Калі вас вызвалілі?" in page.locator("main").inner_text()
    page.locator("textarea[name=text]").fill("Праз тры дні.")
    page.locator("button[name=go][value=send]").click()
    inspect(page, f"{language}-back-3-sent")
    assert "Праз тры дні." in page.locator("main").inner_text()
    overview(page)

    go(page, "consent", f"{language}-back-4-consent")
    go(page, "choose:other", f"{language}-back-5-choose")
    page.locator("input[name=mechanism]").check()
    page.locator(f"input[name='purpose:other'][value={PURPOSE}]").check()
    page.locator("button[name=go][value=choose]").click()
    inspect(page, f"{language}-back-6-chosen")
    assert len(service.pull(tmp_path / "other", other).records) == 1
    overview(page)

    go(page, "ledger", f"{language}-back-7-ledger")
    overview(page)
    go(page, "consent", f"{language}-back-8-consent")
    go(page, "withdraw:demo", f"{language}-back-9-withdraw")
    page.locator("button[name=go][value=withdraw]").click()
    inspect(page, f"{language}-back-10-withdrawn")
    assert page.locator("main section.card").count() == 1
    overview(page)
    inspect(page, f"{language}-back-11-overview")

    go(page, "forget", f"{language}-back-12-forget")
    overview(page)
    go(page, "delete", f"{language}-back-13-delete")
    page.locator("button[name=go][value=delete]").click()
    inspect(page, f"{language}-back-14-deletion")
    overview(page)
    inspect(page, f"{language}-back-15-pending")
    assert service.pull(tmp_path / "after", other).records == []
    page.locator("button[name=go][value=cancel]").click()
    overview(page)
    assert page.locator("button[name=go][value=cancel]").count() == 0
    assert page.context.cookies() == []


@in_every_language("ru")
def test_person_with_a_keyboard_only_reaches_every_button(
    service: Service, page: Page, receipt: Receipt, language: str
) -> None:
    come_back(page, service, language, receipt)
    wanted = page.locator("main button:visible, main summary:visible").count()
    page.locator("main").focus()
    seen: set[str] = set()
    for _ in range(120):
        page.keyboard.press("Tab")
        here = page.evaluate(
            "(e => e.closest('main') ? e.tagName + ' ' + e.innerText + ' ' + Math.round("
            "e.getBoundingClientRect().top + window.scrollY) : '')(document.activeElement)"
        )
        outline = page.evaluate(
            "(e => e === document.body || getComputedStyle(e).outlineStyle !== 'none')(document.activeElement)"
        )
        assert outline, f"no visible focus at {here}"
        if here.startswith(("BUTTON", "SUMMARY")):
            seen.add(here)
        elif not here and seen:
            break
    assert len(seen) == wanted, sorted(seen)


def test_help_opens_beside_and_leaving_is_one_step_on_every_page(
    service: Service, page: Page, receipt: Receipt
) -> None:
    come_back(page, service, "be", receipt)
    for at in ("", "messages", "consent", "ledger", "forget", "delete"):
        if at:
            go(page, at, f"be-back-{at}")
        assert page.locator("a.help").get_attribute("target") == "_blank"
        assert page.locator("a.quit[rel=noreferrer]").count() == 1
        assert receipt.digits()[0] not in page.url and "testimony" not in page.url
        if at:
            overview(page)
