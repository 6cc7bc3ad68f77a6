"""A person with a browser and no JavaScript: step by step through the long form, in three languages."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page

from intake.i18n import LANGUAGES
from intake.record.questions import section
from intake.settings import MIB
from tests.http.test_write import Writing
from tests.program import Program
from tests.service import FILES, PURPOSE, Mechanism, Service, free_port, prepare, video
from tests.soak import in_every_language
from tests.stories.test_canary import NAME, NARRATIVE, needles, traced, written
from tests.stories.test_form_in_browser import PHONE, inspect
from tests.tools import browser, require_program

STORY = "Мяне затрымалі ў жніўні.\nДругі радок."


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(java_script_enabled=False, viewport=PHONE)
    yield context.new_page()
    context.close()


def press(page: Page, **attributes: str) -> None:
    """A button of the page, by its name and value."""
    selector = "".join(f"[{name}='{value}']" for name, value in attributes.items())
    page.locator(f"button{selector}").first.click()


def go(page: Page, at: str) -> None:
    press(page, name="at", value=at)


def save(page: Page, how: str = "next") -> None:
    press(page, name="go", value=how)


def begin(page: Page, service: Service, language: str) -> str:
    """Start page, receipt, then step by step; return the receipt."""
    page.goto(f"{service.url}/{language}/")
    page.locator(f"form[action='/{language}/receipt'] button").click()
    receipt = page.locator("input[name=receipt]").input_value()
    page.locator("input[name=written]").check()
    page.locator(f"button[formaction='/{language}/write']").click()
    return receipt


@in_every_language("be")
def test_witness_at_200_and_at_400_percent_which_is_320_of_1280_pixels_goes_step_by_step_and_is_read(
    service: Service, page: Page, tmp_path: Path, language: str
) -> None:
    receipt = begin(page, service, language)
    inspect(page, f"{language}-w1-gates")
    page.locator("input[name='q:sexual_violence'][value=yes]").check()
    page.locator("input[name='q:under_18'][value='~declined']").check()
    page.locator("input[name='q:insider'][value=yes]").check()
    save(page)
    inspect(page, f"{language}-w2-overview")
    go(page, "section:sensitive")
    inspect(page, f"{language}-w3-sensitive")
    page.locator("select[name='q:trained_interviewer']").select_option("yes")
    save(page, "save")
    go(page, "narrative")
    page.locator("textarea[name=narrative]").fill(STORY)
    page.locator("input[name=capacity][value=victim]").check()
    inspect(page, f"{language}-w4-narrative")
    save(page, "save")

    go(page, "section:events")
    page.locator("summary").nth(0).click()
    page.locator("input[name='q:date:year']").fill("2020")
    page.locator("input[name='q:date:month']").fill("13")
    page.locator("input[name='q:place']").fill("Мінск")
    inspect(page, f"{language}-w5-event")
    save(page, "another")
    inspect(page, f"{language}-w6-wrong-date")
    assert page.locator("[role=alert]").count() == 1
    assert page.locator("input[name='q:place']").input_value() == "Мінск"
    page.locator("input[name='q:date:month']").fill("8")
    page.locator("select[name='q:date:about']").select_option("about")
    save(page, "another")
    page.locator("input[name='q:place']").fill("Жодзіна")
    save(page, "save")
    inspect(page, f"{language}-w7-events")
    assert "Мінск" in page.locator("main").inner_text()
    go(page, "overview")

    go(page, "section:acts")
    page.locator("details > summary").first.click()
    page.locator("input[name='q:violations']").first.check()
    inspect(page, f"{language}-w8-acts")
    save(page, "save")
    go(page, "overview")

    page.goto(f"{service.url}/{language}/")  # the tab was closed; the receipt is on paper
    page.locator("details:has(input[name=receipt]) summary").click()
    page.locator("input[name=receipt]").fill(receipt)
    page.locator(f"form[action='/{language}/write'] button").click()
    go(page, "files")
    page.locator("select[name=origin]").select_option("received")
    page.locator("input[name=media]").set_input_files([FILES / "phone.jpg"])
    save(page, "add")
    inspect(page, f"{language}-w9-files")
    save(page, "save")
    go(page, "consent")
    page.locator("input[name=mechanism][value=demo]").check()
    page.locator(f"input[name='purpose:demo'][value={PURPOSE}]").check()
    page.locator("input[name='sensitive:demo']").check()
    inspect(page, f"{language}-w10-consent")
    save(page)
    inspect(page, f"{language}-w11-review")
    text = page.locator("main").inner_text()
    assert "Другі радок." in text and "phone.jpg" in text and "Жодзіна" in text
    save(page, "send")
    inspect(page, f"{language}-w12-received")

    (record,) = service.pull(tmp_path / "pulled").records
    (opened,) = service.open(tmp_path / "pulled", tmp_path / "opened")
    assert opened.problems == {} and len(opened.media) == 1
    testimony = (tmp_path / "opened" / record / "testimony.json").read_text("utf-8")
    assert "Другі радок." in testimony and "2020-08~" in testimony and "trained_interviewer" in testimony


@in_every_language("be")
def test_witness_with_a_keyboard_only_reaches_every_question(
    service: Service, page: Page, language: str
) -> None:
    begin(page, service, language)
    save(page, "save")
    go(page, "section:detention")
    page.locator("main").focus()
    seen: set[str] = set()
    for _ in range(140):
        page.keyboard.press("Tab")
        seen.add(str(page.evaluate("document.activeElement.name || document.activeElement.tagName")))
        outline = page.evaluate(
            "(e => e === document.body || getComputedStyle(e).outlineStyle !== 'none')(document.activeElement)"
        )
        assert outline, f"no visible focus at {seen}"
    wanted = {f"q:{q.id}" for q in section("detention").questions if q.type != "date"} | {"go"}
    assert wanted <= seen, f"not reached: {wanted - seen}"


@in_every_language("be")
def test_the_other_pages_of_the_long_form_are_sound_too(service: Service, page: Page, language: str) -> None:
    begin(page, service, language)
    save(page, "save")
    for id in ("detention", "perpetrators", "exit", "person"):
        go(page, f"section:{id}")
        for details in page.locator("details").all():
            details.locator("> summary").click()
        inspect(page, f"{language}-wx-{id}")
        page.locator("button.plain").click()
    go(page, "narrative")
    page.locator("textarea[name=narrative]").fill("Так.")
    save(page, "save")
    go(page, "review")
    inspect(page, f"{language}-wx-missing")
    page.locator("button.plain").click()
    go(page, "delete")
    inspect(page, f"{language}-wx-delete")
    save(page, "delete")
    inspect(page, f"{language}-wx-deleted")


def test_nothing_of_what_is_written_stands_in_an_address_a_title_or_on_the_device(
    service: Service, page: Page
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    begin(page, service, "be")
    title = page.title()
    save(page, "save")
    go(page, "section:disappearance_or_death")
    assert page.title() == title and page.url == f"{service.url}/be/write"
    allowed = (f"{service.url}/be/", f"{service.url}/static/")
    assert all(url.startswith(allowed) and "disappearance" not in url for url in asked)
    assert page.context.cookies() == []


def test_the_first_page_is_small(service: Service) -> None:
    for language in LANGUAGES:
        assert len(service.http.get(f"{service.url}/{language}/").content) < 50_000


def test_a_server_that_is_killed_between_two_pages_loses_at_most_the_one_that_was_open(
    tmp_path: Path, demo: Mechanism
) -> None:
    port = free_port()
    settings, installation = prepare(tmp_path / "var", port, demo)
    service = Service(settings, installation, demo, settings.public_url, tmp_path)
    server, me = Program(settings, tmp_path / "log"), Writing(service)
    server.start()
    me.tell("Першая старонка.")
    me.save("section:events:0", q__place="Мінск")
    me.post("files", "add", [("a.jpg", (FILES / "phone.jpg").read_bytes(), "image/jpeg")], origin="self")
    server.kill()
    with pytest.raises(httpx.TransportError):
        me.post("section:person", "save", q__name="Янка")
    server.start()
    try:
        again = Writing(service, me.receipt)
        again.allow()
        page = again.post("review").text
        assert "Першая старонка." in page and "Мінск" in page and "a.jpg" in page and "Янка" not in page
        assert again.send().status_code == 200
        service.pull(tmp_path / "pulled")
        (opened,) = service.open(tmp_path / "pulled", tmp_path / "opened")
        assert opened.problems == {} and len(opened.media) == 1
    finally:
        server.stop()


@pytest.mark.slow
def test_no_plaintext_of_a_draft_its_names_or_receipt_is_ever_written(
    tmp_path: Path, demo: Mechanism, photo: bytes
) -> None:
    require_program("strace", "the canary reads every write of the server")
    port = free_port()
    settings, installation = prepare(tmp_path / "var", port, demo)
    service = Service(settings, installation, demo, settings.public_url, tmp_path)
    me, clip = Writing(service), video(5 * MIB)
    with traced(service, tmp_path / "trace", tmp_path / "log"):
        me.tell(NARRATIVE, "direct_witness")
        me.save("section:disappearance_or_death:0", q__last_place=NARRATIVE[:200])
        me.post("section:person", "save", q__name=NARRATIVE[:200], q__birth__month="99")
        me.post(
            "files", "add", [(NAME, photo, "image/jpeg"), ("b.mp4", clip, "video/mp4")], origin="received"
        )
        me.allow()
        kept = {path: path.read_bytes() for path in service.everything_on_disk()}
        assert me.send().status_code == 200
        me.save("narrative", narrative=NARRATIVE + "2", capacity="direct_witness")
        assert me.send(base=1).status_code == 200
    writes = written(tmp_path / "trace")
    assert any(path.endswith("intake.db-wal") and data for path, data in writes.items())
    writes["log"] = (tmp_path / "log").read_bytes()
    writes |= {f"draft {path}": data for path, data in kept.items()}
    writes |= {f"file {path}": path.read_bytes() for path in service.everything_on_disk()}
    for needle in [*needles([me.receipt], photo, clip), b"disappearance", b"narrative:"]:
        for path, data in writes.items():
            assert needle not in data, f"{needle!r} was written to {path}"
