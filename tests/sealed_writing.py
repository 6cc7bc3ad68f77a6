"""The steps that a person takes through the long form in a browser that seals."""

from pathlib import Path

from playwright.sync_api import Page, expect

from crypto.receipt import Receipt
from tests.sealing_pages import WAIT
from tests.service import PURPOSE


def press(page: Page, name: str, value: str) -> None:
    """A button of the page, by its name and value; the next page is there when this returns."""
    button = page.locator(f"main button[name='{name}'][value='{value}']").first
    button.click()


def go(page: Page, at: str) -> None:
    press(page, "at", at)


def save(page: Page, how: str = "next") -> None:
    press(page, "go", how)


def start(page: Page, url: str, language: str = "be") -> None:
    """The first page, once the program runs."""
    page.goto(f"{url}/{language}/")
    expect(page.locator("[data-way=sealed]").first).to_be_visible(timeout=WAIT)


def begin(page: Page, url: str, language: str = "be") -> Receipt:
    """First page, receipt, then step by step to the first questions; what the person writes down."""
    start(page, url, language)
    page.locator("form[data-begin] button").click()
    page.locator(".receipt").wait_for()
    receipt = Receipt.parse(" ".join(page.locator(".receipt .digits").all_inner_texts()))
    page.locator("input[name=written]").check()
    page.locator("button[formaction]").click()
    expect(page.locator("#only-here")).to_be_visible(timeout=WAIT)
    return receipt


def resume(page: Page, url: str, receipt: str, language: str = "be") -> None:
    """Type the receipt in on the first page; what follows is for the caller to wait for."""
    start(page, url, language)
    page.locator("details:has(form[data-resume]) > summary").click()
    page.locator("form[data-resume] input[name=receipt]").fill(receipt)
    page.locator("form[data-resume] button").click()


def overview(page: Page) -> None:
    """Wait for it."""
    expect(page.locator("button[name=at][value=review]")).to_be_visible(timeout=WAIT)


def tell(page: Page, text: str, capacity: str = "victim") -> None:
    """The free text, from the overview and back to it."""
    go(page, "narrative")
    page.locator("#narrative").fill(text)
    page.locator(f"input[name=capacity][value={capacity}]").check()
    save(page, "save")
    overview(page)


def add(page: Page, origin: str, files: list[Path]) -> None:
    """Files, on their page."""
    page.locator("select[name=origin]").select_option(origin)
    page.locator("input[name=media]").set_input_files(files)
    save(page, "add")


def allow(page: Page, *also: str) -> None:
    """The consent, on its page: to be saved by the caller."""
    page.locator("input[name=mechanism][value=demo]").check()
    page.locator(f"input[name='purpose:demo'][value={PURPOSE}]").check()
    for kind in also:
        page.locator(f"input[name='{kind}:demo']").check()


def sent(page: Page) -> None:
    """Send, from the review, and wait until it was received."""
    save(page, "send")
    expect(page.locator("#received h1")).to_be_visible(timeout=WAIT)
