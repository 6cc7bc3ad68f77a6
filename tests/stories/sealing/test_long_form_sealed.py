"""A person goes step by step in a browser that seals: the server keeps what was written, and reads none of it."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from intake.http.messages import message
from intake.settings import MIB
from tests.http.test_write import Writing, answered, parts
from tests.own import publish_profile
from tests.sealed_writing import add, allow, begin, go, overview, resume, save, sent, start, tell
from tests.sealing_pages import PHONE, WAIT, encodings, inspect, posts, renderings
from tests.service import FILES, Service, digits, video
from tests.wire import Wire

STORY = "Мяне затрымалі ў жніўні.\nІх было трое: needle-7712."
SECRETS = (*STORY.split("\n"), "needle-7712", "Янка Купала 8841", "Мінск, вуліца 5519", "фота 6630.jpg")
NAMES = ("narrative", "section:events", "section:person", "sensitive", "typing", "file:")


def opened(service: Service, tmp_path: Path) -> dict[str, Any]:
    """What the mechanism's people read of the one record."""
    (record,) = service.pull(tmp_path / "pulled").records
    (found,) = service.open(tmp_path / "pulled", tmp_path / "opened")
    assert found.problems == {}
    return dict(json.loads((tmp_path / "opened" / record / "testimony.json").read_text("utf-8")))


def test_a_tab_killed_in_the_midst_of_a_text_loses_nothing_and_the_mechanism_reads_what_was_typed(
    service: Service, chromium: Browser, built: tuple[Path, str], tmp_path: Path
) -> None:
    photo = tmp_path / "фота 6630.jpg"
    photo.write_bytes((FILES / "phone.jpg").read_bytes())
    with Wire(service.url) as wire:
        context = chromium.new_context(viewport=PHONE)
        page = context.new_page()
        page.set_default_timeout(WAIT)
        page.clock.install()
        refused: list[str] = []
        page.on("console", lambda said: refused.append(said.text))
        receipt = begin(page, wire.url)
        inspect(page, "w1-gates")
        page.locator("input[name='q:sexual_violence'][value=yes]").check()
        save(page)
        overview(page)
        inspect(page, "w2-overview")
        go(page, "section:sensitive")
        page.locator("select[name='q:trained_interviewer']").select_option("yes")
        save(page, "save")
        overview(page)
        go(page, "narrative")
        inspect(page, "w3-narrative")
        with page.expect_response(lambda answer: "/v1/drafts" in answer.url and answer.ok):
            page.locator("#narrative").press_sequentially(STORY.split("\n")[0])
            page.clock.fast_forward(20_000)
        assert page.url.endswith("/be/") and "needle" not in page.title()
        context.close()  # the tab is killed

        context = chromium.new_context(viewport=PHONE)
        page = context.new_page()
        page.set_default_timeout(WAIT)
        resume(page, wire.url, digits(receipt))
        expect(page.locator("#narrative")).to_have_value(STORY.split("\n")[0], timeout=WAIT)
        page.locator("#narrative").fill(STORY)
        page.locator("input[name=capacity][value=victim]").check()
        save(page, "save")
        overview(page)

        go(page, "section:events")
        page.locator("input[name='q:date:year']").fill("2020")
        page.locator("input[name='q:date:month']").fill("13")
        page.locator("input[name='q:place']").fill(SECRETS[4])
        save(page, "another")
        expect(page.locator(".errors")).to_contain_text(message("answer_date", "be"))
        inspect(page, "w4-wrong-date")
        page.locator("input[name='q:date:month']").fill("8")
        page.locator("select[name='q:date:about']").select_option("about")
        save(page, "another")
        expect(page.locator("input[name='q:place']")).to_have_value("")
        page.locator("input[name='q:place']").fill("Жодзіна")
        save(page, "save")
        expect(page.locator("main")).to_contain_text("Жодзіна")
        inspect(page, "w5-events")
        go(page, "overview")
        go(page, "section:person")
        page.locator("input[name='q:name']").fill(SECRETS[3])
        page.locator("select[name='q:citizenship']").select_option("BY")
        save(page, "save")
        overview(page)

        go(page, "files")
        add(page, "received", [photo])
        expect(page.locator("ul.files")).to_contain_text("6630", timeout=WAIT)
        inspect(page, "w6-files")
        save(page, "save")
        overview(page)
        go(page, "consent")
        allow(page, "triage", "identity", "sensitive")
        inspect(page, "w7-consent")
        save(page)
        expect(page.locator("button[name=go][value=send]")).to_be_visible(timeout=WAIT)
        inspect(page, "w8-review")
        review = page.locator("main").inner_text()
        for text in (*SECRETS, "прыкладна жнівень 2020 года", "Беларусь", "Механізм demo"):
            assert text in review, text
        draft = bytes(wire.sent)
        sent(page)
        inspect(page, "w9-received")
        content = page.content()
        assert not [secret for secret in SECRETS if secret in content]
        assert page.evaluate("[localStorage.length, sessionStorage.length, history.length]") == [0, 0, 2]
        assert page.context.cookies() == []
        up = bytes(wire.sent)
        context.close()
    assert not [text for text in refused if "Content Security Policy" in text or "Trusted" in text]
    assert b"/v1/drafts" in up and b"/v1/submissions" in up
    assert not [
        name for name in NAMES if name.encode() in draft
    ]  # which pages somebody opens is nobody's business
    for secret in SECRETS:
        assert not [form for form in encodings(secret) if form in up], secret
    assert not [form for form in renderings(receipt) if form in up]

    record = opened(service, tmp_path)
    (told,) = parts(record, "narrative")
    assert (told["text"], told["capacity"], told["language"]) == (STORY, "victim", "be")
    assert answered(record) == {
        "gates": {"sexual_violence": True},
        "sensitive": {"trained_interviewer": True},
        "events": [{"date": "2020-08~", "place": SECRETS[4]}, {"place": "Жодзіна"}],
        "person": {"name": SECRETS[3], "citizenship": "BY"},
    }
    (card,) = parts(record, "triage")
    assert card["month"] == "2020-08" and card["gates"] == ["sexual_violence"] and card["media"] == 1
    (media,) = list((tmp_path / "opened").glob("*/media/*"))
    assert media.read_bytes() == photo.read_bytes()
    signed = json.loads(next((tmp_path / "pulled" / "records").glob("*/record.json")).read_text("utf-8"))
    text = json.dumps(signed)
    assert "intake-web" in text and built[1] in text and "submitter" in text


def test_who_declines_has_nothing_kept_before_sending_and_leaves_without_a_trace(
    service: Service, page: Page, tmp_path: Path
) -> None:
    words = {"be": "Ці былі сведкі?", "ru": "Были свидетели?", "en": "Were there witnesses?"}
    question = {"id": "witnesses", "type": "yes_no", "label": words, "required": True}
    publish_profile(
        service, service.mechanism, conditions=("not_to_states",), contact=True, questions=[question]
    )
    receipt = begin(page, service.url)
    asked = posts(page)
    page.locator("#only-here").check()
    save(page, "save")
    overview(page)
    inspect(page, "w10-only-here")
    tell(page, STORY)
    go(page, "files")
    page.locator("details:has(#kind) > summary").click()
    page.locator("#only-demo").check()
    add(page, "self", [FILES / "phone.heic"])
    expect(page.locator("ul.files")).to_contain_text("phone.heic", timeout=WAIT)
    save(page, "next")
    allow(page)
    save(page)
    wrong = page.locator(".errors li")
    expect(wrong).to_have_text(message("own_question", "be", mechanism="Механізм demo"))
    page.locator("select[name='own:demo:witnesses']").select_option("yes")
    page.locator("input[name='condition:demo'][value=not_to_states]").check()
    page.locator("input[name='states:demo']").fill("Расія, Нарнія")
    save(page)
    expect(wrong).to_have_text(message("states_unknown", "be", mechanism="Механізм demo"))
    page.locator("input[name='states:demo']").fill("Расія, РБ")
    page.locator("select[name='until:demo']").select_option("5")
    save(page)
    expect(page.locator("button[name=go][value=send]")).to_be_visible(timeout=WAIT)
    inspect(page, "w20-review")
    assert "Расія, Беларусь" in page.locator("main").inner_text()
    assert asked == []

    page.evaluate(
        """Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
        document.dispatchEvent(new Event('visibilitychange'))"""
    )
    again = page.locator(".cover button")
    expect(again).to_be_visible()
    inspect(page, "w11-cover")
    assert STORY.split("\n")[0] not in page.locator("body").inner_text()
    again.click()
    expect(page.locator("main")).to_contain_text("needle-7712")
    sent(page)
    record = opened(service, tmp_path)
    assert parts(record, "narrative")[0]["text"] == STORY and len(parts(record, "label")) == 1
    assert parts(record, "label")[0]["apart"] is True
    (consent,) = parts(record, "consent")
    assert consent["states"] == ["RU", "BY"] and consent["answers"] == {"witnesses": True}

    resume(page, service.url, digits(receipt))
    expect(page.locator("main a.button[href='/be/return']")).to_be_visible(timeout=WAIT)
    inspect(page, "w12-received-before")


def test_leaving_quickly_and_coming_back_by_the_browsers_button_show_nothing(
    service: Service, page: Page
) -> None:
    page.context.route("https://**", lambda route: route.fulfill(body="<title>elsewhere</title>"))
    begin(page, service.url)
    save(page, "save")
    overview(page)
    go(page, "narrative")
    field = page.locator("#narrative")
    field.fill(STORY)
    for attribute in ("spellcheck", "autocorrect", "autocapitalize", "autocomplete"):
        assert field.get_attribute(attribute) in ("false", "off"), attribute
    page.locator("a.quit").click()  # and no question holds it up
    page.wait_for_url("https://**")
    page.go_back()
    assert page.url == "about:blank" and "needle" not in page.content()

    begin(page, service.url)
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    expect(page.locator("form[data-begin]")).to_be_visible()


def test_a_file_that_was_interrupted_goes_on_from_where_it_was_if_its_bytes_are_the_same(
    service: Service, page: Page, chromium: Browser, tmp_path: Path
) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(video(9 * MIB))
    receipt = begin(page, service.url, "en")
    save(page, "save")
    overview(page)
    go(page, "files")
    patched: list[int] = []

    def stop(route: Route) -> None:
        if route.request.method == "PATCH":
            patched.append(int(route.request.headers["upload-offset"]))
            if len(patched) > 3:
                return route.abort("connectionreset")
        return route.continue_()

    page.context.route(lambda url: "/v1/uploads/" in url, stop)
    add(page, "received", [film])
    waiting = page.locator("#adding [role=status]")
    expect(waiting).to_contain_text("There is no connection", timeout=WAIT)
    inspect(page, "w13-adding")
    page.locator("[data-stop]").click()  # it was the wrong one
    expect(page.locator("[name=media]")).to_be_visible()
    expect(page.locator("ul.files li")).to_have_count(0)
    patched.clear()
    add(page, "received", [film])
    expect(waiting).to_contain_text("There is no connection", timeout=WAIT)
    page.context.close()

    context = chromium.new_context(viewport=PHONE)
    page = context.new_page()
    page.set_default_timeout(WAIT)
    asked: list[int] = []
    page.context.on(
        "request",
        lambda r: asked.append(int(r.headers["upload-offset"])) if r.method == "PATCH" else None,
    )
    resume(page, service.url, " ".join(receipt.words("en") or []), "en")
    overview(page)
    go(page, "files")
    expect(page.locator("ul.files")).to_contain_text("interrupted")
    inspect(page, "w14-interrupted")
    add(page, "received", [film])
    expect(page.locator("ul.files small")).to_contain_text("9 MB", timeout=WAIT)
    assert asked and asked[0] > 0
    context.close()  # and a third time, now without scripts: what the browser sealed goes on from there
    me = Writing(service, receipt, "en")
    me.tell(STORY)
    me.allow()
    assert "film.mp4" in me.post("review").text
    assert me.send().status_code == 200
    opened(service, tmp_path)
    (media,) = list((tmp_path / "opened").glob("*/media/*"))
    assert media.read_bytes() == film.read_bytes()


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_other_pages_in_other_languages_with_a_keyboard_only(
    service: Service, page: Page, language: str
) -> None:
    receipt = begin(page, service.url, language)
    page.locator("input[name='q:insider'][value=yes]").focus()
    page.keyboard.press("Space")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.value") == "save":
            break
    page.keyboard.press("Enter")
    overview(page)
    inspect(page, f"w15-overview-{language}")
    page.locator("button[value='section:detention']").focus()
    page.keyboard.press("Enter")
    expect(page.locator("select[name='q:facility']")).to_be_visible()
    seen: set[str] = set()
    for _ in range(150):
        page.keyboard.press("Tab")
        seen.add(str(page.evaluate("document.activeElement.name || document.activeElement.tagName")))
    assert {"q:facility", "q:people", "q:description", "go"} <= seen
    for details in page.locator("main details").all():
        details.locator("> summary").click()
    inspect(page, f"w16-detention-{language}")
    page.locator("[name='q:people']").fill("1001")
    page.locator("[name='q:description']").focus()
    save(page, "save")
    expect(page.locator(".errors")).to_contain_text("1000")
    assert page.evaluate("document.activeElement.closest('.errors') !== null")
    page.locator("button.plain").click()
    overview(page)
    go(page, "review")
    expect(page.locator(".errors")).to_contain_text(message("draft_nothing", language))
    inspect(page, f"w17-missing-{language}")
    page.locator("button.plain").click()
    overview(page)
    go(page, "delete")
    save(page, "delete")
    expect(page.locator("main a.button")).to_be_visible()
    inspect(page, f"w18-deleted-{language}")
    start(page, service.url, language)
    page.locator("details:has(form[data-resume]) > summary").click()
    page.locator("form[data-resume] input[name=receipt]").fill(f"0000 {digits(receipt)[5:-1]}")
    page.locator("form[data-resume] button").click()
    expect(page.locator("details [data-trouble]")).to_be_visible()
    inspect(page, f"w19-mistyped-{language}")
