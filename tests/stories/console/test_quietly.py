"""A member with a phone and no mouse, in Belarusian and Russian; and what a device shows when nobody looks."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.console import PHONE, WAIT, Console, admit, invite
from tests.service import Service


def on_a_phone(chromium: Browser, service: Service, locale: str) -> Console:
    context = chromium.new_context(locale=locale, viewport=PHONE)
    return Console(service, context.new_page())


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until it has the focus, and can be seen to have it."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("(s) => document.activeElement?.matches(s) ?? false", selector):
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", f"{selector}: the focus cannot be seen"
            return
    raise AssertionError(f"{selector} is not reached by Tab")


@pytest.mark.parametrize(
    ("locale", "title", "open_"),
    [("be-BY", "Пра мяне", "адкрытыя на гэтай старонцы"), ("ru-RU", "Обо мне", "открыты на этой странице")],
)
def test_a_member_enrols_and_logs_in_by_keyboard_alone(
    service: Service, chromium: Browser, locale: str, title: str, open_: str
) -> None:
    anna = on_a_phone(chromium, service, locale)
    page = anna.page
    try:
        anna.open(invite(service, "reviewer", "custodian"))
        assert page.evaluate("document.documentElement.lang") == locale[:2]
        tab_to(page, "#member")
        page.keyboard.type("anna")
        tab_to(page, "button.main")
        anna.inspect(f"{locale}-1-names")
        page.keyboard.press("Enter")
        page.locator(".words li").first.wait_for()
        words = page.locator(".words li").all_inner_texts()
        anna.inspect(f"{locale}-2-printed")
        tab_to(page, ".printed button.main")
        page.keyboard.press("Enter")
        for number in (0, 1):
            tab_to(page, f"#word-{number}")
            label = page.locator(f"label[for=word-{number}]").inner_text()
            page.keyboard.type(words[int("".join(c for c in label if c.isdigit())) - 1])
        page.keyboard.press("Enter")
        page.locator(".grouped").wait_for()
        anna.inspect(f"{locale}-3-done")
        admit(service, "anna")
        tab_to(page, "main button")
        page.keyboard.press("Enter")
        tab_to(page, "#purpose")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        anna.inspect(f"{locale}-4-login")
        tab_to(page, "button.main")
        page.keyboard.press("Enter")
        anna.inside()
        page.get_by_role("navigation").get_by_role("button", name=title).focus()
        page.keyboard.press("Enter")
        expect(page.locator("dl")).to_contain_text(open_)
        anna.inspect(f"{locale}-5-oneself")
        assert anna.mistakes == []
    finally:
        page.context.close()


def test_nothing_is_shown_in_the_background_and_nothing_kept_after_a_quarter_of_an_hour(
    service: Service, chromium: Browser
) -> None:
    anna = on_a_phone(chromium, service, "en-GB")
    page = anna.page
    try:
        page.clock.install()
        anna.enrol(invite(service, "reviewer"), "anna")
        admit(service, "anna")
        anna.login().inside()
        looks(page, "hidden")
        assert page.evaluate("getComputedStyle(document.body).visibility") == "hidden"
        looks(page, "visible")
        assert page.evaluate("getComputedStyle(document.body).visibility") == "visible"
        page.clock.fast_forward(14 * 60 * 1000)
        page.keyboard.press("Shift")  # somebody is there
        page.clock.fast_forward(14 * 60 * 1000)
        expect(page.locator("nav")).to_be_visible()
        with page.expect_response(lambda answer: answer.request.method == "DELETE"):
            page.clock.fast_forward(2 * 60 * 1000)
        expect(page.locator(".note")).to_contain_text("Your session is over", timeout=WAIT)
        assert page.locator("nav").count() == 0 and page.context.cookies() == []
        assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
        assert anna.mistakes == []
    finally:
        page.context.close()


def looks(page: Page, state: str) -> None:
    """As when somebody goes to another application, or comes back."""
    page.evaluate(
        """(state) => {
          Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        state,
    )
