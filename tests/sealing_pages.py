"""The steps that a person takes through the pages in a browser that runs scripts."""

import base64
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from urllib.parse import quote, quote_plus

from playwright.sync_api import Page, Request, TimeoutError, ViewportSize, expect

from crypto.receipt import WORD_LISTS, Receipt
from tests.service import FILES, PURPOSE
from tests.tools import axe

PHONE: ViewportSize = {"width": 320, "height": 640}
SCREENSHOTS = os.environ.get("INTAKE_SCREENSHOTS")
NARRATIVE = "Мяне затрымалі ў жніўні.\nThey were three: needle-5521."
WAIT = 60_000  # milliseconds


def inspect(page: Page, name: str) -> None:
    """axe has nothing to say, nothing is cut off at 320 pixels."""
    if SCREENSHOTS:
        page.screenshot(path=f"{SCREENSHOTS}/sealed-{name}.png", full_page=True)
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], f"{name} scrolls sideways"


def to_form(page: Page, url: str, language: str = "be") -> Receipt:
    """First page, receipt, form; the receipt that the person writes down."""
    page.goto(f"{url}/{language}/")
    expect(page.locator("[data-way=sealed]").first).to_be_visible(timeout=WAIT)
    page.locator("form[data-begin] button").click()
    page.locator(".receipt").wait_for()
    groups = page.locator(".receipt .digits").all_inner_texts()
    receipt = Receipt.parse(" ".join(groups))
    if language in WORD_LISTS:
        assert Receipt.parse(" ".join(page.locator(".receipt .word").all_inner_texts())) == receipt
    page.locator("input[name=written]").check()
    page.locator("#go-on button").click()
    page.locator("#narrative").wait_for()
    return receipt


def fill(page: Page, files: list[tuple[str, list[Path]]], narrative: str = NARRATIVE) -> None:
    """A complete form; files are (origin, paths), each in a row of its own."""
    page.locator("#narrative").fill(narrative)
    page.locator("[name=capacity][value=direct_witness]").check()
    page.locator("input[name=mechanism][value=demo]").check()
    page.locator(f"input[name='purpose:demo'][value={PURPOSE}]").check()
    page.locator("input[name='triage:demo']").check()
    for row, (origin, paths) in enumerate(files, start=1):
        page.locator(f"select[name='origin:{row}']").select_option(origin)
        page.locator(f"input[name='media:{row}']").set_input_files(paths)


def send(page: Page) -> None:
    page.locator("form[data-seal] button").last.click()


def received(page: Page, asked: list[str]) -> None:
    """Wait until it is; `asked` is told if it is not."""
    try:
        page.locator("#received h1").wait_for()
    except TimeoutError:
        state = page.locator("#sealing-state").text_content()
        error = page.locator("#sealing-error").text_content()
        raise AssertionError(f"not received: {state!r}, {error!r}, after {asked[-12:]}") from None


def renderings(receipt: Receipt) -> Iterator[bytes]:
    for between in ("", " ", "+", "%20", "-", ",", "\n"):
        yield between.join(receipt.digits()).encode()
    for language in WORD_LISTS:
        words: Sequence[str] = receipt.words(language) or ()
        yield from (between.join(words).encode() for between in (" ", "+", "%20"))


def encodings(text: str) -> Iterator[bytes]:
    """A text as it could stand in a body: as it is, percent-encoded, escaped, in base64 at any offset."""
    raw = text.encode()
    yield from (raw, quote(text).encode(), quote_plus(text).encode(), json.dumps(text)[1:-1].encode())
    yield text.encode("utf-16-le")
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw)
        start = (0, 2, 3)[shift]
        yield encoded[start + 1 : -4]
        yield base64.urlsafe_b64encode(b"\0" * shift + raw)[start + 1 : -4]


def readable(sent: bytes, receipt: Receipt, texts: Iterable[str], files: Iterable[Path]) -> list[str]:
    """What of all this stands in what was sent; of files, pieces from all over them."""
    found = [text for text in texts if any(form in sent for form in encodings(text))]
    found += ["the receipt"] if any(form in sent for form in renderings(receipt)) else []
    for path in files:
        data = path.read_bytes()
        pieces = [data[i : i + 24] for i in range(64, len(data), 99_991)]
        found += [path.name] if any(piece.strip(b"\0") and piece in sent for piece in pieces) else []
    return found


def photos(folder: Path, count: int) -> list[Path]:
    """Photos of a phone, no two alike."""
    taken = (FILES / "phone.jpg").read_bytes()
    paths = [folder / f"IMG_20200809_{7000 + number}.jpg" for number in range(count)]
    for number, path in enumerate(paths):
        path.write_bytes(taken + bytes([number]))
    return paths


def posts(page: Page) -> list[str]:
    """Addresses of what is sent from now on."""
    return watched(page, lambda request: request.method not in ("GET", "HEAD"))


def watched(page: Page, wanted: Callable[[Request], bool] = lambda _: True) -> list[str]:
    """Addresses of what is asked from now on, those that failed marked."""
    asked: list[str] = []

    def note(request: Request, what: str = "") -> None:
        if wanted(request):
            asked.append(request.url.split("/", 3)[3] + what)

    page.context.on("request", note)
    page.context.on("requestfailed", lambda request: note(request, f" failed: {request.failure}"))
    return asked
