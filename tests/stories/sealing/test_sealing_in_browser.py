"""A person whose browser runs scripts: everything is sealed on their device, the server sees none of it."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from crypto import statement
from crypto.log_leaf import Opening
from crypto.receipt import Receipt
from intake import clock
from intake.http.messages import message
from intake.i18n import translator
from intake.settings import MIB
from tests.own import publish_profile
from tests.sealing_pages import (
    NARRATIVE,
    WAIT,
    encodings,
    fill,
    inspect,
    posts,
    readable,
    received,
    renderings,
    send,
    to_form,
    watched,
)
from tests.service import FILES, PURPOSE, Service, digits, form_fields, new_receipt, video
from tests.tools import launched
from tests.wire import Wire

PHOTO_NAME = "фота дома 7741.jpg"


def test_nothing_readable_leaves_the_device_and_the_mechanism_reads_all_of_it(
    service: Service, page: Page, built: tuple[Path, str], tmp_path: Path
) -> None:
    photo = tmp_path / PHOTO_NAME
    photo.write_bytes((FILES / "phone.jpg").read_bytes())
    film = tmp_path / "video-3391.mp4"
    film.write_bytes(video(12 * MIB + 77))
    asked = watched(page)
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    with Wire(service.url, cut_at=(5 * MIB,)) as wire:
        receipt = to_form(page, wire.url)
        inspect(page, "1-form")
        fill(page, [("received", [photo, FILES / "phone.heic"]), ("self", [film])])
        send(page)
        received(page, asked)
        assert wire.cuts == 1
        sent = bytes(wire.sent)
    inspect(page, "2-received")
    assert not page.locator("#received [data-broken]").is_visible()
    assert translator("be").day(clock.day()) in page.locator("#received").inner_text()
    assert not [text for text in refused if "Content Security Policy" in text or "Trusted" in text]
    assert NARRATIVE.split("\n")[0] not in page.content() and "needle" not in page.content()
    assert page.url.endswith("/be/") and page.context.cookies() == []
    assert page.evaluate("[localStorage.length, sessionStorage.length, history.length]") == [0, 0, 2]

    texts = (*NARRATIVE.split("\n"), "needle-5521", PHOTO_NAME, film.name, "phone.heic")
    assert b"/v1/submissions" in sent
    assert readable(sent, receipt, texts, (photo, film, FILES / "phone.heic")) == []

    (record,) = service.pull(tmp_path / "pulled").records
    (opened,) = service.open(tmp_path / "pulled", tmp_path / "opened")
    assert opened.problems == {} and len(opened.media) == 3
    contents = {path.read_bytes() for path in (tmp_path / "opened" / record / "media").iterdir()}
    assert contents == {path.read_bytes() for path in (photo, film, FILES / "phone.heic")}
    told = (tmp_path / "opened" / record / "testimony.json").read_text("utf-8")
    assert "needle-5521" in told and PHOTO_NAME in told
    signed = json.loads((tmp_path / "pulled" / "records" / record / "record.json").read_text("utf-8"))
    text = json.dumps(signed)
    assert "intake-web" in text and built[1] in text and "submitter" in text
    logged = service.http.get(f"{service.url}/v1/logs/announced").json()["announced"]["demo"]["entries"][-1]
    assert Opening.parse(logged["opening"].encode()).values["assets"] == built[1]


def test_the_receipt_opens_what_was_sent_and_equal_photos_are_stored_once(
    service: Service, page: Page, tmp_path: Path
) -> None:
    asked = posts(page)
    receipt = to_form(page, service.url, "en")
    inspect(page, "3-form-en")
    fill(page, [("received", [FILES / "phone.jpg"])])
    send(page)
    received(page, asked)
    answer = service.http.post(
        f"{service.url}/en/return", data={"receipt": digits(receipt), "confirm": "yes"}
    )
    assert "needle-5521" in answer.text and "phone.jpg" in answer.text

    photo = (FILES / "phone.jpg").read_bytes()
    assert service.send_form(form_fields(new_receipt(), ("received", "a.jpg", photo))).status_code == 200
    records = service.pull(tmp_path / "pulled").records
    assert len(records) == 2
    ids = [_media(tmp_path / "pulled", record) for record in records]
    assert ids[0] and ids[0] == ids[1]


def test_what_is_missing_is_said_before_anything_is_sent(service: Service, page: Page) -> None:
    receipt = to_form(page, service.url)
    asked = posts(page)
    error = page.locator("#sealing-error")
    fill(page, [], narrative="")
    send(page)
    error.wait_for()
    assert error.locator("p").inner_text() == message("empty", "be")
    page.locator("#narrative").fill(f"Мой нумар: {digits(receipt)}")
    send(page)
    expect(error.locator("p")).to_have_text(message("receipt_in_text", "be"))
    page.locator("#narrative").fill(NARRATIVE)
    page.locator(f"input[name='purpose:demo'][value={PURPOSE}]").uncheck()
    send(page)
    expect(error.locator("p")).to_contain_text("Механізм demo")
    assert asked == []


def test_conditions_and_own_questions_are_sealed_as_they_were_answered(
    service: Service, page: Page, tmp_path: Path
) -> None:
    words = {"be": "Ці былі сведкі?", "ru": "Были свидетели?", "en": "Were there witnesses?"}
    question = {"id": "witnesses", "type": "yes_no", "label": words, "required": True}
    conditions = ("no_death_penalty", "not_to_states", "ask_first")
    publish_profile(service, service.mechanism, conditions=conditions, contact=True, questions=[question])
    to_form(page, service.url)
    asked = posts(page)
    fill(page, [])
    send(page)
    error = page.locator("#sealing-error p")
    expect(error).to_have_text(message("own_question", "be", mechanism="Механізм demo"))
    page.locator("select[name='own:demo:witnesses']").select_option("yes")
    page.locator("input[name='condition:demo'][value=not_to_states]").check()
    page.locator("input[name='states:demo']").fill("Расія, Нарнія")
    send(page)
    expect(error).to_have_text(message("states_unknown", "be", mechanism="Механізм demo"))
    page.locator("input[name='states:demo']").fill("Расія, РБ")
    page.locator("input[name='contact:demo'][value=here]").check()
    page.locator("select[name='until:demo']").select_option("5")
    inspect(page, "6-conditions")
    send(page)
    received(page, asked)
    (record,) = service.pull(tmp_path / "pulled").records
    (opened,) = service.open(tmp_path / "pulled", tmp_path / "opened")
    assert opened.problems == {}
    told = json.loads((tmp_path / "opened" / record / "testimony.json").read_text("utf-8"))
    said = json.dumps(told, ensure_ascii=False)
    assert '"states": ["RU", "BY"]' in said and '"witnesses": true' in said and '"contact": "here"' in said


def test_sending_can_be_paused_and_waits_for_a_connection(
    service: Service, page: Page, tmp_path: Path
) -> None:
    film = tmp_path / "long.mp4"
    film.write_bytes(video(30 * MIB))
    to_form(page, service.url)
    first = threading.Event()

    def pause(route: Route) -> None:
        if not first.is_set():
            first.set()
            page.locator("#sealing-pause").dispatch_event("click")
        route.continue_()

    asked = posts(page)
    page.context.route(lambda url: "/v1/uploads/" in url, pause)
    fill(page, [("self", [film])])
    send(page)
    paused = page.locator("#sealing-texts [data-text=paused]").text_content()
    expect(page.locator("#sealing-state")).to_have_text(str(paused), timeout=WAIT)
    page.wait_for_timeout(1000)
    count = len(asked)
    page.wait_for_timeout(1500)
    assert len(asked) == count and "v1/submissions" not in asked
    inspect(page, "5-paused")

    page.context.set_offline(True)
    page.locator("#sealing-pause").click()
    waiting = page.locator("#sealing-texts [data-text=waiting]").text_content()
    expect(page.locator("#sealing-state")).to_have_text(str(waiting), timeout=WAIT)
    page.context.set_offline(False)
    received(page, asked)
    assert len(service.pull(tmp_path / "pulled").records) == 1


def test_without_scripts_the_plain_way_works_and_says_that_it_is_plain(
    service: Service, chromium: Browser
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    with Wire(service.url) as wire:
        page.goto(f"{wire.url}/be/")
        assert page.locator("[data-way=plain]").first.is_visible()
        assert not page.locator("[data-way=sealed]").first.is_visible()
        page.locator("form[data-begin] button").click()
        receipt = Receipt.parse(page.locator("input[name=receipt]").input_value())
        page.locator("input[name=written]").check()
        page.locator("#go-on button").click()
        assert page.locator("[data-way=plain]").is_visible()
        assert not page.locator("[data-way=sealed]").is_visible()
        fill(page, [("received", [FILES / "phone.jpg"])])
        page.locator("form[data-seal] button").last.click()
        assert page.url.endswith("/be/submit") and page.locator("dl.facts").is_visible()
    context.close()
    # And so it is seen on the wire: what the first test looks for would be found.
    for secret in ("needle-5521", "phone.jpg"):
        assert [form for form in encodings(secret) if form in wire.sent]
    assert [form for form in renderings(receipt) if form in wire.sent]


def test_where_the_program_does_not_come_the_plain_way_remains(service: Service, page: Page) -> None:
    held: list[Route] = []
    page.context.route(lambda url: "/worker-" in url, lambda route: held.append(route))
    page.goto(f"{service.url}/be/", wait_until="commit")
    button = page.locator("form[data-begin] button")
    button.click()  # before it is known whether it comes: nothing is sent yet
    expect(page.locator("p[data-program=pressed]")).to_be_visible()
    assert not page.locator("[data-way=plain]").first.is_visible()
    while not held:
        page.wait_for_timeout(50)
    held[0].abort()
    expect(page.locator("p[data-program=missing]")).to_be_visible()
    assert page.locator("[data-way=plain]").first.is_visible() and page.url == f"{service.url}/be/"
    button.click()
    page.wait_for_url("**/be/receipt")


@pytest.mark.slow
def test_a_browser_without_webassembly_and_compiler_seals_too(
    service: Service, chromium: Browser, tmp_path: Path
) -> None:
    with launched(chromium.browser_type, "--js-flags=--jitless") as old:
        page = old.new_page()
        assert page.evaluate("typeof WebAssembly") == "undefined"
        asked = watched(page)
        to_form(page, service.url)
        fill(page, [("received", [FILES / "phone.jpg"])])
        send(page)
        received(page, asked)
    service.pull(tmp_path / "pulled")
    (opened,) = service.open(tmp_path / "pulled", tmp_path / "opened")
    assert opened.problems == {} and len(opened.media) == 1


def _media(pulled: Path, record: str) -> set[str]:
    found: set[str] = set()

    def look(value: Any) -> None:
        if isinstance(value, str) and value.startswith("{"):
            try:
                signed = statement.parse(value.encode())
            except ValueError:
                return
            found.update(part.payload_id for part in signed.parts if part.kind == "medium")
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            look(inner)

    look(json.loads((pulled / "records" / record / "record.json").read_text("utf-8")))
    return found
