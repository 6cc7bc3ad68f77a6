"""A person with Firefox: what Chromium does with WebCrypto is done by libraries there, and comes out alike."""

import json
import os
import time
from pathlib import Path

import pytest

from crypto.receipt import Receipt
from intake.i18n import translator
from intake.settings import MIB
from tests.client.forging import publish
from tests.driven import Driven, Firefox, fill_and_send, to_form
from tests.own import Person, publish_profile
from tests.sealing_pages import NARRATIVE, photos, readable
from tests.service import FILES, PURPOSE, Mechanism, Service, digits, video
from tests.wire import Wire

SAVED = translator("be").gettext("What you typed is saved, sealed.")
KINDS = ("ChaCha20-Poly1305", "ML-KEM-768")
_KNOWS = """async (name) => {
  try { await crypto.subtle.importKey("raw-secret", new Uint8Array(32), name, false, ["encrypt"]); return true; }
  catch (error) { return error.name !== "NotSupportedError" && error.name !== "SyntaxError"; }
}"""


def test_ten_photos_and_a_video_arrive_over_a_connection_that_breaks_twice(
    service: Service, tmp_path: Path
) -> None:
    pictures = photos(tmp_path, 10)
    film = tmp_path / "video-3391.mp4"
    film.write_bytes(video(6 * MIB + 77))
    with Firefox() as firefox, Wire(service.url, cut_at=(400_000, 4 * MIB)) as wire:
        receipt = to_form(firefox, wire.url)
        assert not any(firefox.evaluate(f"({_KNOWS})('{name}')") for name in KINDS), (
            "Firefox has it by now: the libraries that stand in for it need another browser to be tried in"
        )
        fill_and_send(firefox, [("received", pictures), ("self", [film])])
        firefox.visible("#received h1", seconds=180)
        if folder := os.environ.get("INTAKE_SCREENSHOTS"):
            firefox.screenshot(Path(folder) / "sealed-firefox.png")
        assert firefox.texts("#received [data-fill=files]") == ["11"]
        assert firefox.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
        assert wire.cuts == 2
        sent = bytes(wire.sent)
    texts = (*NARRATIVE.split("\n"), "needle-5521", film.name, *(path.name for path in pictures))
    assert b"/v1/submissions" in sent and readable(sent, receipt, texts, [*pictures, film]) == []

    (record,) = service.pull(tmp_path / "pulled").records
    (opened,) = service.open(tmp_path / "pulled", tmp_path / "opened")
    assert opened.problems == {}
    contents = sorted(path.read_bytes() for path in (tmp_path / "opened" / record / "media").iterdir())
    assert contents == sorted(path.read_bytes() for path in [*pictures, film])


def at(page: Driven, where: str) -> None:
    page.click(f"main button[name=at][value='{where}']")


def save(page: Driven, how: str, until: str) -> None:
    """Save the page; the next one has what is waited for."""
    page.click(f"main button[name=go][value={how}]")
    page.visible(until)


@pytest.mark.slow
def test_step_by_step_then_back_with_the_receipt_to_go_on_correct_write_and_check(
    service: Service, demo: Mechanism, tmp_path: Path
) -> None:
    publish_profile(service, demo, contact=True)
    overview = "button[name=at][value=review]"
    photo = FILES / "phone.jpg"
    with Firefox() as firefox, Wire(service.url) as wire:
        # The long form: begun, left, and gone on with from the page of coming back.
        firefox.goto(f"{wire.url}/be/")
        firefox.visible("[data-way=sealed]")
        firefox.click("form[data-begin] button")
        firefox.visible(".receipt")
        receipt = Receipt.parse(" ".join(firefox.texts(".receipt .digits")))
        firefox.click("input[name=written]")
        firefox.click("button[formaction]")
        firefox.visible("#only-here")
        save(firefox, "save", overview)
        at(firefox, "narrative")
        firefox.visible("#narrative")
        firefox.fill("#narrative", NARRATIVE)
        firefox.click("input[name=capacity][value=victim]")
        save(firefox, "save", overview)
        at(firefox, "section:events")
        firefox.visible("[name='q:place']")
        firefox.fill("[name='q:place']", "needle-5601")
        save(firefox, "save", "button[name=at][value='section:events:0']")
        firefox.visible("p[role=status]")
        while firefox.evaluate("document.querySelector('p[role=status]').textContent") != SAVED:
            time.sleep(0.2)

        open_receipt(firefox, wire.url, receipt)
        firefox.visible(overview)
        at(firefox, "files")
        firefox.visible("input[name=media]")
        firefox.files("input[name=media]", [photo])
        firefox.visible(".chosen canvas")
        save(firefox, "add", "ul.files:not(.chosen) li")
        save(firefox, "save", overview)
        at(firefox, "consent")
        firefox.visible("input[name=mechanism]")
        for ticked in ("mechanism][value=demo", f"'purpose:demo'][value={PURPOSE}"):
            firefox.click(f"input[name={ticked}]")
        save(firefox, "next", "button[name=go][value=send]")
        save(firefox, "send", "#received h1")

        # Coming back: answers corrected, a message, the list of accesses compared with the logs.
        service.pull(tmp_path / "pulled")
        publish(service)
        open_receipt(firefox, wire.url, receipt)
        firefox.visible("[data-go=add]")
        firefox.click("section.card [data-go=answers]")
        firefox.visible("button[name=at][value='section:events:0']")
        at(firefox, "section:events:0")
        firefox.visible("[name='q:place']")
        firefox.fill("[name='q:place']", "needle-5602")
        save(firefox, "next", "form[data-do=answer]")
        firefox.click("form[data-do=answer] button")
        firefox.visible("main:not(:has(form)) p.lead")
        back(firefox)
        assert "needle-5602" in firefox.texts("main")[0]
        firefox.click("[data-go=messages]")
        firefox.visible("form[data-do=write] textarea")
        firefox.fill("form[data-do=write] textarea", "needle-5603")
        firefox.click("form[data-do=write] button")
        firefox.visible("main .narrative")
        assert firefox.texts("main .narrative") == ["needle-5603"]
        back(firefox)
        firefox.click("[data-do=compare]")
        firefox.visible("main p.lead")
        assert firefox.texts("main .errors:not([data-trouble])") == []
        back(firefox)
        firefox.click("[data-go=picture]")
        firefox.visible("[data-picture] img")
        assert firefox.evaluate("localStorage.length + sessionStorage.length + document.cookie.length") == 0
        sent = bytes(wire.sent)
    texts = (*NARRATIVE.split("\n"), "needle-5601", "needle-5602", "needle-5603", photo.name)
    assert readable(sent, receipt, texts, [photo]) == []

    opened = Person(service, receipt.keys()).open()
    (events,) = opened.current("section")
    assert events.values["0/place"] == "needle-5602" and opened.reader.statement.revision == 2
    (record,) = service.pull(tmp_path / "again").records
    (theirs,) = service.open(tmp_path / "again", tmp_path / "opened")
    told = (tmp_path / "opened" / record / "testimony.json").read_text("utf-8")
    assert theirs.problems == {} and len(theirs.media) == 1
    assert NARRATIVE in json.dumps(json.loads(told), ensure_ascii=False).replace("\\n", "\n")


def open_receipt(page: Driven, url: str, receipt: Receipt) -> None:
    page.goto(f"{url}/be/return")
    page.visible("[data-way=sealed]")
    page.fill("#receipt", digits(receipt))
    page.click("form[data-open] button")


def back(page: Driven) -> None:
    """To the overview, read anew."""
    page.click("[data-go=overview]")
    page.visible("[data-go=ledger]")
