"""A person with a browser and no JavaScript: the whole way through the form, in three languages."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Response, ViewportSize

from tests.service import FILES, PURPOSE, Service
from tests.soak import in_every_language
from tests.tools import axe, browser

PHONE: ViewportSize = {"width": 320, "height": 640}  # also a window of 1280 at 400 %
ENLARGED: ViewportSize = {
    "width": 640,
    "height": 512,
}  # a window of 1280 × 1024 at 200 %: pages are laid out for less
SCREENSHOTS = os.environ.get("INTAKE_SCREENSHOTS")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(java_script_enabled=False, viewport=PHONE)
    yield context.new_page()
    context.close()


def axe_findings(page: Page) -> list[str]:
    """axe needs JavaScript: it looks at a copy of the page in a context that has it."""
    browser_ = page.context.browser
    assert browser_ is not None
    context = browser_.new_context(viewport=PHONE)
    try:
        copy = context.new_page()
        copy.goto("/".join(page.url.split("/")[:3]) + "/")  # the copy keeps the origin, for its style sheet
        copy.set_content(page.content())
        return axe(copy)
    finally:
        context.close()


def shoot(page: Page, name: str) -> None:
    """A screenshot to look at, if a folder for them is named."""
    if SCREENSHOTS:
        page.screenshot(path=f"{SCREENSHOTS}/{name}.png", full_page=True)


def inspect(page: Page, name: str) -> None:
    """What every page must have: axe has nothing to say, nothing is cut off at 200 % nor at 320 pixels."""
    shoot(page, name)
    assert axe_findings(page) == []
    for size in (ENLARGED, PHONE):
        page.set_viewport_size(size)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= size["width"], f"{name} scrolls sideways at {size['width']} pixels"
    assert page.locator("a[rel~=noreferrer]").count() >= 1, "no way to leave quickly"


def to_form(page: Page, service: Service, language: str) -> str:
    """Start page, receipt, form; return the receipt's digits."""
    page.goto(f"{service.url}/{language}/")
    inspect(page, f"{language}-1-start")
    page.locator(f"form[action='/{language}/receipt'] button").click()
    inspect(page, f"{language}-2-receipt")
    receipt = page.locator("input[name=receipt]").input_value()
    for group in receipt.split():
        assert group in page.locator("main").inner_text()
    page.locator("input[name=written]").check()
    page.locator(f"form[action='/{language}/testimony'] button").click()
    inspect(page, f"{language}-3-form")
    return receipt


@in_every_language("en")
def test_witness_at_200_and_at_400_percent_which_is_320_of_1280_pixels_sends_photos_and_comes_back(
    service: Service, page: Page, tmp_path: Path, language: str
) -> None:
    odd = tmp_path / 'фота "дома" 1.jpg'
    odd.write_bytes((FILES / "phone.jpg").read_bytes())
    page.goto(service.url)
    inspect(page, "0-languages")
    receipt = to_form(page, service, language)

    page.locator("textarea[name=narrative]").fill("Мяне затрымалі.\nДругі радок.")
    page.locator("[name=capacity][value=direct_witness], select[name=capacity]").first.click()
    page.locator("input[name=mechanism][value=demo]").check()
    page.locator(f"input[name='purpose:demo'][value={PURPOSE}]").check()
    page.locator("select[name='origin:1']").select_option("received")
    page.locator("input[name='media:1']").set_input_files([odd, FILES / "phone.heic"])
    page.locator("select[name='origin:2']").select_option("self")
    page.locator("input[name='media:2']").set_input_files([FILES / "screenshot.png"])
    page.locator(f"form[action='/{language}/submit'] button").last.click()
    inspect(page, f"{language}-4-received")
    assert page.url.endswith(f"/{language}/submit") and "3" in page.locator("main").inner_text()

    page.goto(f"{service.url}/{language}/return")
    inspect(page, f"{language}-5-return")
    page.locator("input[name=receipt], textarea[name=receipt]").fill(receipt)
    page.locator(f"form[action='/{language}/return'] button").click()
    inspect(page, f"{language}-6-mailbox")
    text = page.locator("main").inner_text()
    assert "Другі радок." in text and odd.name in text and "phone.heic" in text

    (record,) = service.pull(tmp_path / "pulled").records
    (opened,) = service.open(tmp_path / "pulled", tmp_path / "opened")
    media = tmp_path / "opened" / record / "media"
    assert opened.problems == {} and len(opened.media) == 3
    contents = {path.read_bytes() for path in media.iterdir()}
    assert contents == {(FILES / name).read_bytes() for name in ("phone.jpg", "phone.heic", "screenshot.png")}
    assert odd.name in (tmp_path / "opened" / record / "testimony.json").read_text("utf-8").replace(
        '\\"', '"'
    )


@in_every_language("en")
def test_witness_with_a_keyboard_only_reaches_everything(service: Service, page: Page, language: str) -> None:
    to_form(page, service, language)
    page.locator("input[name=mechanism]").check()  # shows the mechanism's conditions
    page.locator("textarea[name=narrative]").focus()
    page.keyboard.press("Shift+Tab")
    seen: set[str] = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        name = page.evaluate(
            "document.activeElement && (document.activeElement.name || document.activeElement.type || '')"
        )
        outline = page.evaluate(
            "(e => e === document.body || getComputedStyle(e).outlineStyle !== 'none'"
            " || getComputedStyle(e).boxShadow !== 'none')(document.activeElement)"
        )
        assert outline, f"no visible focus at {name}"
        seen.add(str(name))
    wanted = {"narrative", "capacity", "mechanism", "purpose:demo", "origin:1", "media:1", "submit"}
    assert wanted <= seen, f"not reached: {wanted - seen}"


@in_every_language("en")
def test_every_other_page_is_sound_too(service: Service, page: Page, language: str) -> None:
    page.goto(f"{service.url}/{language}/help")
    inspect(page, f"{language}-help")
    page.goto(f"{service.url}/{language}/nothing-here")
    inspect(page, f"{language}-error")
    page.goto(f"{service.url}/{language}/return")
    page.locator("input[name=receipt], textarea[name=receipt]").fill("1234 5678")
    page.locator(f"form[action='/{language}/return'] button").click()
    inspect(page, f"{language}-mistyped")
    assert page.locator("[role=alert]").count() == 1


def test_no_page_asks_anyone_else_or_leaves_anything_on_the_device(service: Service, page: Page) -> None:
    asked: list[str] = []
    answers: list[Response] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("response", lambda response: answers.append(response))
    to_form(page, service, "be")

    assert asked and all(url.startswith(service.url) for url in asked)
    assert page.context.cookies() == []
    for answer in answers:
        headers = answer.headers
        assert "set-cookie" not in headers and headers["referrer-policy"] == "no-referrer"
        assert headers["content-security-policy"].startswith("default-src 'none'")
        if "/static/" not in answer.url:
            assert headers["cache-control"] == "no-store"
    assert not re.search(r"<script|\son\w+=|style=", page.content())
