"""A person comes back with the receipt: everything is opened on their device, the server sees none of it."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from crypto.encoding import b64u_encode
from crypto.receipt import Receipt
from intake.audit.events import Log
from intake.client.proofs import check_proof
from intake.http.messages import message
from tests.casework import case, registered_member
from tests.client.forging import publish
from tests.own import Person, publish_profile
from tests.own_sealed_pages import come_back, done, go, on, overview, to_return, trouble
from tests.sealing_pages import (
    NARRATIVE,
    WAIT,
    encodings,
    fill,
    inspect,
    posts,
    received,
    renderings,
    send,
    to_form,
    watched,
)
from tests.service import (
    FILES,
    PURPOSE,
    Mechanism,
    Service,
    digits,
    form_fields,
    make_mechanism,
    new_receipt,
    register,
)
from tests.submissions.test_restorations import Asking
from tests.wire import Wire

LATER = "Потым нас перавезлі: needle-6632."
RIGHT = "Мяне затрымалі ў верасні: needle-7743."
ANSWER = "Праз тры дні: needle-8854."
REPLY = "Калі вас вызвалілі: needle-9965?"
NAME = "другое фота 8852.jpg"
HOLD = {language: f"{language}: keeps what it has opened" for language in ("en", "be", "ru")}


@pytest.fixture
def other(service: Service, demo: Mechanism, tmp_path: Path) -> Mechanism:
    """A second mechanism; both answer messages."""
    made = make_mechanism(tmp_path / "other-keys", "other")
    register(service.installation, made)
    publish_profile(service, demo, contact=True, hold=HOLD)
    publish_profile(service, made, contact=True, conditions=["not_to_states"])
    return made


def secrets_of(receipt: Receipt) -> list[bytes]:
    password = b"".join(number.to_bytes(2, "big") for number in receipt.numbers)
    return [*renderings(receipt), password, password.hex().encode(), b64u_encode(password).encode()]


def test_a_person_comes_back_adds_corrects_answers_withdraws_and_nothing_readable_leaves_the_device(
    service: Service, page: Page, other: Mechanism, tmp_path: Path
) -> None:
    second = tmp_path / NAME
    second.write_bytes((FILES / "phone.jpg").read_bytes() + b"another")
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    member = registered_member(service, tmp_path)
    with Wire(service.url) as wire:
        receipt = to_form(page, wire.url)
        asked = posts(page)
        fill(page, [("received", [FILES / "phone.jpg"])])
        send(page)
        received(page, asked)
        (record,) = service.pull(tmp_path / "pulled").records
        folder = tmp_path / "pulled" / "records" / record
        with case(service, folder) as theirs:
            theirs.reply(member, REPLY, "be")

        to_return(page, wire.url, "be")
        inspect(page, "back-0-return")
        page.locator("#receipt").fill(" ".join([*receipt.digits()[:3], "9999", *receipt.digits()[4:]]))
        page.locator("form[data-open] button").click()
        assert trouble(page) == message("receipt_range", "be", group=4)
        page.locator("#receipt").fill(digits(receipt))
        page.locator("form[data-open] button").click()
        on(page, "add")
        inspect(page, "back-1-overview")
        shown = page.locator("main").inner_text()
        assert "needle-5521" in shown and "phone.jpg" in shown
        page.locator("[data-go=picture]").click()
        expect(page.locator("[data-picture] img")).to_be_visible(timeout=WAIT)
        assert page.evaluate("document.querySelector('[data-picture] img').naturalWidth") > 0
        inspect(page, "back-2-picture")
        overview(page)

        go(page, "add")
        page.locator("#narrative").fill(LATER)
        page.locator("select[name='origin:1']").select_option("self")
        page.locator("input[name='media:1']").set_input_files([second])
        inspect(page, "back-3-add")
        done(page, "add")
        inspect(page, "back-4-added")
        overview(page)
        assert NAME in page.locator("main").inner_text()
        page.locator("[data-go=correct]").first.click()
        assert page.locator("#narrative").input_value() == NARRATIVE
        page.locator("#narrative").fill(f"Мой нумар {digits(receipt)}")
        page.locator("form[data-do=add] button").last.click()
        assert trouble(page) == message("receipt_in_text", "be")
        page.locator("#narrative").fill(RIGHT)
        done(page, "add")
        overview(page)
        page.locator("main details", has_text="needle-5521").first.locator("summary").click()
        inspect(page, "back-5-corrected")

        go(page, "messages")
        expect(page.locator("main")).to_contain_text(REPLY)
        page.locator("form[data-do=write] select").select_option("demo")
        page.locator("form[data-do=write] textarea").fill(ANSWER)
        page.locator("form[data-do=write] button").click()
        expect(page.locator("main .narrative").last).to_have_text(ANSWER, timeout=WAIT)
        inspect(page, "back-6-messages")
        with case(service, folder) as theirs:
            assert [m.text for m in theirs.read().messages] == [REPLY, ANSWER]
        overview(page)

        go(page, "consent")
        go(page, "choose", "other")
        page.locator("input[name=mechanism]").check()
        page.locator("form[data-do=choose] button").click()
        assert "other" in trouble(page) or "Механізм" in trouble(page)
        page.locator(f"input[name='purpose:other'][value={PURPOSE}]").check()
        page.locator("input[name='condition:other'][value=not_to_states]").check()
        page.locator("input[name='states:other']").fill("Расія, РБ")
        inspect(page, "back-7-choose")
        done(page, "choose")
        overview(page)
        assert service.pull(tmp_path / "other", other).records == [record]

        go(page, "consent")
        go(page, "withdraw", "demo")
        inspect(page, "back-8-withdraw")
        done(page, "withdraw")
        inspect(page, "back-9-withdrawn")
        service.pull(tmp_path / "pulled")
        assert not folder.exists() and (tmp_path / "pulled" / "withdrawn" / record).is_dir()
        overview(page)
        go(page, "delete")
        done(page, "delete")
        overview(page)
        inspect(page, "back-10-pending")
        assert service.pull(tmp_path / "meanwhile", other).records == []
        page.locator("[data-do=cancel]").click()
        expect(page.locator("[data-do=cancel]")).to_have_count(0, timeout=WAIT)
        overview(page)
        sent = bytes(wire.sent)

    assert not [text for text in refused if "Content Security Policy" in text or "Trusted" in text]
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert page.url.endswith("/be/return") and page.context.cookies() == []
    for secret in (*NARRATIVE.split("\n"), LATER, RIGHT, ANSWER, REPLY, NAME, "phone.jpg"):
        assert not [form for form in encodings(secret) if form in sent], secret
    assert not [form for form in secrets_of(receipt) if form in sent]

    (opened,) = service.open(tmp_path / "other", tmp_path / "opened", other)
    assert opened.problems == {} and len(opened.media) == 2
    told = json.loads((tmp_path / "opened" / record / "testimony.json").read_text("utf-8"))
    said = json.dumps(told, ensure_ascii=False)
    assert "needle-6632" in said and "needle-7743" in said and '"states": ["RU", "BY"]' in said
    contents = {path.read_bytes() for path in (tmp_path / "opened" / record / "media").iterdir()}
    assert second.read_bytes() in contents
    assert service.pull(tmp_path / "again", other).records == [record]


@pytest.fixture
def receipt(service: Service, other: Mechanism, photo: bytes) -> Receipt:
    """Of a testimony that the server sealed, corrected, with answers to questions."""
    made = new_receipt()
    assert service.send_form(form_fields(made, ("self", "здымак.jpg", photo))).status_code == 200
    person = Person(service, made.keys())
    composer = person.composer([choice for choice, _ in person.open().choices().values()])
    composer.narrative(
        "Мяне затрымалі 9 жніўня.", "victim", "be", person.open().current("narrative")[0].entry.id
    )
    composer.section("events", [{"place": "Мінск", "date": "2020-08-09~"}, {"date": {"unsaid": "unknown"}}])
    assert person.post("/v1/mailbox/revisions", person.body(composer)).status_code == 201
    return made


@pytest.mark.parametrize(
    ("language", "date"), [("ru", "примерно 9 августа 2020 года"), ("en", "about 9 August 2020")]
)
def test_with_a_keyboard_alone_every_page_is_reached_in_each_language(
    service: Service, page: Page, receipt: Receipt, language: str, date: str
) -> None:
    to_return(page, service.url, language)
    page.locator("#receipt").focus()
    page.keyboard.type(digits(receipt) if language == "ru" else " ".join(receipt.words("en") or ()))
    page.keyboard.press("Enter")
    on(page, "add")
    inspect(page, f"back-{language}-overview")
    shown = page.locator("main").inner_text()
    assert "9 жніўня" in shown and "Мінск" in shown and date in shown
    for to in ("messages", "ledger", "forget", "delete", "add", "consent"):
        tab_to(page, f"[data-go={to}]")
        page.keyboard.press("Enter")
        on(page, "overview")
        inspect(page, f"back-{language}-{to}")
        if to != "consent":
            tab_to(page, "[data-go=overview]")
            page.keyboard.press("Enter")
            on(page, "ledger")
    tab_to(page, "[data-go=choose]")
    page.keyboard.press("Enter")
    expect(page.locator("form[data-do=choose]")).to_be_visible(timeout=WAIT)
    inspect(page, f"back-{language}-choose")
    overview(page)
    go(page, "forget")
    done(page, "forget")
    overview(page)
    assert "9 жніўня" not in page.locator("main").inner_text()
    assert page.locator("[data-go=forget]").count() == 0
    unread = re.compile("This receipt cannot read|Это подтверждение не может прочитать")
    expect(page.locator("dd", has_text=unread)).to_have_count(2)
    expect(page.locator("main").get_by_text(re.compile("No answer|Ответа нет"))).to_have_count(0)
    go(page, "consent")
    go(page, "choose")
    expect(page.locator("main > .notice", has_text=unread)).to_be_visible()
    overview(page)
    go(page, "add")  # and it goes on to add
    page.locator("#narrative").fill("needle")
    page.locator("input[name=capacity][value=victim]").check()
    done(page, "add")


def tab_to(page: Page, selector: str) -> None:
    page.locator("main").focus()
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached")


def test_where_it_does_not_open_here_the_server_opens_it_and_says_so(
    service: Service, page: Page, chromium: Browser
) -> None:
    made = new_receipt()
    Person(service, made.keys()).send("Сведчанне")
    to_return(page, service.url, "be")
    page.locator("#receipt").fill(digits(made))
    page.locator("details[data-way=sealed] summary").click()
    page.locator("[data-plain]").click()
    expect(page.locator("button[name=confirm]")).to_be_visible(timeout=WAIT)

    context = chromium.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(f"{service.url}/be/return")
    assert plain.locator("[data-way=plain]").is_visible() and not plain.locator("[data-plain]").is_visible()
    context.close()


def test_a_receipt_that_nothing_was_sent_with_is_said_and_never_sent_while_the_program_is_on_its_way(
    service: Service, page: Page
) -> None:
    held: list[Route] = []
    posted = watched(page, lambda request: request.method == "POST")
    page.context.route(lambda url: "/own_page-" in url, lambda route: held.append(route))
    page.goto(f"{service.url}/be/return", wait_until="commit")
    page.locator("#receipt").fill(digits(new_receipt()))
    page.locator("form[data-open] button").click()
    expect(page.locator("p[data-program=pressed]")).to_be_visible()
    assert not posted
    held[0].continue_()  # what was pressed is done as soon as it can be done here
    assert trouble(page) == message("receipt_unknown", "be")
    assert "be/return" not in posted and page.url.endswith("/be/return")


def test_files_are_kept_on_the_device_only_after_a_warning(
    service: Service, page: Page, receipt: Receipt, photo: bytes
) -> None:
    come_back(page, service.url, receipt)
    proof = page.locator("details:has(form[data-do=proof])")
    proof.locator("summary").click()
    assert proof.locator("strong").is_visible()
    proof.locator("button").click()
    assert trouble(page) == message("proof_later", "be")
    publish(service)
    with page.expect_download() as taken:
        proof.locator("button").click()
    keys = service.installation.log_keys
    found = check_proof(taken.value.path().read_bytes(), keys.verifiers(keys.name("demo", Log.RECORDS)))
    assert taken.value.suggested_filename == "notes.txt" and found.signed

    go(page, "save")
    assert page.locator("main .notice").is_visible()
    inspect(page, "back-11-save")
    with page.expect_download() as saved:
        page.locator("[data-do=save]").click()
    assert saved.value.suggested_filename == "file.jpg" and saved.value.path().read_bytes() == photo


def test_a_second_receipt_is_objected_to_with_a_signature(
    service: Service, page: Page, receipt: Receipt, tmp_path: Path
) -> None:
    (record,) = service.pull(tmp_path / "pulled").records
    anna, bela = (registered_member(service, tmp_path / name, name) for name in ("anna", "bela"))
    asking = Asking(service, anna, bela, receipt, new_receipt(), tmp_path / "pulled" / "records" / record)
    asking.send(asking.signed())
    come_back(page, service.url, receipt)
    inspect(page, "back-12-second")
    page.locator("[data-do=object]").click()
    expect(page.locator("main p.lead")).to_be_visible(timeout=WAIT)
    overview(page)
    assert page.locator("[data-do=object]").count() == 0
    (known,) = Person(service, receipt.keys()).get("/standings").json()["restorations"]
    assert known["state"] == "refused"


def test_the_page_is_covered_in_the_background_and_leaving_leaves_nothing(
    service: Service, page: Page, receipt: Receipt
) -> None:
    come_back(page, service.url, receipt)
    seen = (
        "state => { Object.defineProperty(document, 'visibilityState', {value: state, configurable: true});"
    )
    seen += " document.dispatchEvent(new Event('visibilitychange')); }"
    page.evaluate(seen, "hidden")
    expect(page.locator("main.cover button")).to_be_visible()
    assert "9 жніўня" not in page.locator("body").inner_text()
    inspect(page, "back-13-covered")
    page.evaluate(seen, "visible")
    page.locator("main.cover button").click()
    assert "9 жніўня" in page.locator("body").inner_text()

    quit_url = page.locator("a.quit").get_attribute("href")
    assert quit_url
    page.context.route(quit_url, lambda route: route.fulfill(body="weather"))
    page.locator("a.quit").click()
    page.wait_for_url(quit_url)
    page.go_back()
    assert "9 жніўня" not in page.content() and digits(receipt) not in page.content()
