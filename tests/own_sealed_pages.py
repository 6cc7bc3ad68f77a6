"""The steps of a person who comes back in a browser that runs scripts."""

from playwright.sync_api import Page, expect

from crypto.receipt import Receipt
from tests.sealing_pages import WAIT
from tests.service import digits


def to_return(page: Page, url: str, language: str) -> None:
    """The page on which a receipt is typed in, once it is opened on the device."""
    page.goto(f"{url}/{language}/return")
    expect(page.locator("[data-way=sealed]").first).to_be_visible(timeout=WAIT)


def come_back(page: Page, url: str, receipt: Receipt, language: str = "be") -> None:
    """Type the receipt in, and see one's own testimony."""
    to_return(page, url, language)
    page.locator("#receipt").fill(digits(receipt))
    page.locator("form[data-open] button").click()
    on(page, "add")


def on(page: Page, button: str) -> None:
    """Wait for the page that has a button to this one."""
    expect(page.locator(f"[data-go={button}]").first).to_be_visible(timeout=WAIT)


def go(page: Page, to: str, id: str = "") -> None:
    """Press the button that leads to this page; it has one back."""
    chosen = f"[data-go={to}][data-id='{id}']" if id else f"[data-go={to}]"
    page.locator(chosen).first.click()
    on(page, "overview")


def overview(page: Page) -> None:
    page.locator("[data-go=overview]").first.click()
    expect(page.locator("[data-go=ledger]")).to_be_visible(timeout=WAIT)


def done(page: Page, form: str) -> None:
    """Send a form, and wait until it is done."""
    page.locator(f"form[data-do={form}] button").last.click()
    expect(page.locator(f"form[data-do={form}]")).to_have_count(0, timeout=WAIT)
    expect(page.locator("main p.lead")).to_have_count(1, timeout=WAIT)


def trouble(page: Page) -> str:
    """What is said that did not work."""
    box = page.locator("[data-trouble]")
    expect(box).to_be_visible(timeout=WAIT)
    return box.locator("[data-trouble-text]").inner_text()
