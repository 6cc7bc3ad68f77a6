"""A person comes back and corrects answers to questions: on the device, as a revision, beside what was said."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from crypto.receipt import Receipt
from intake.http.messages import message
from tests.own import Person, allow
from tests.own_sealed_pages import come_back, done, on, overview, trouble
from tests.sealed_writing import go as to
from tests.sealed_writing import press, save
from tests.sealing_pages import WAIT, encodings, inspect
from tests.service import Service, digits, new_receipt
from tests.wire import Wire

EVENTS = [{"place": "Мінск", "date": "2020-08-09~"}, {"date": {"unsaid": "unknown"}}]


@pytest.fixture
def receipt(service: Service) -> Receipt:
    """Of a testimony with two events, dates of which the newest is not known."""
    made = new_receipt()
    person = Person(service, made.keys())
    person.send("Мяне затрымалі.", choices=[allow("demo", "triage", "identity")])
    composer = person.composer([choice for choice, _ in person.open().choices().values()])
    composer.section("events", EVENTS)
    composer.triage("victim", "be", 0, {"events": EVENTS})
    assert person.post("/v1/mailbox/revisions", person.body(composer)).status_code == 201
    return made


def to_answers(page: Page, heading: str) -> None:
    card = page.locator("section.card", has_text=heading).last
    card.locator("[data-go=answers]").click()


def test_a_person_corrects_answers_and_gives_more_and_both_stay(
    service: Service, page: Page, receipt: Receipt, tmp_path: Path
) -> None:
    with Wire(service.url) as wire:
        come_back(page, wire.url, receipt)
        to_answers(page, "Мінск")
        expect(page.locator("button[name=at][value='section:events:0']")).to_be_visible(timeout=WAIT)
        inspect(page, "answers-1-items")
        to(page, "section:events:0")
        assert page.locator("[name='q:place']").input_value() == "Мінск"
        assert page.locator("[name='q:date:month']").input_value() == "08"
        inspect(page, "answers-2-correct")
        page.locator("[name='q:place']").fill(f"Мой нумар {digits(receipt)}")
        save(page, "save")
        expect(page.locator(".errors")).to_contain_text(message("answer_receipt_in_text", "be"))
        page.locator("[name='q:place']").fill("Жодзіна: needle-2201")
        page.locator("[name='q:date:month']").fill("7")
        save(page, "save")
        press(page, "at", "section:events:1")
        page.locator("[name='q:place']").fill("Брэст: needle-2202")
        save(page, "next")

        on(page, "overview")
        inspect(page, "answers-3-list")
        assert page.locator("small.unsent:visible").count() == 1
        page.locator("[data-go=answers][data-id=person]").click()
        page.locator("[name='q:name']").fill("needle-2203")
        save(page, "save")
        on(page, "overview")
        done(page, "answer")
        overview(page)
        shown = page.locator("main").inner_text()
        assert "needle-2201" in shown and "needle-2202" in shown and "needle-2203" in shown
        page.locator("main details", has_text="Мінск").first.locator("summary").click()
        inspect(page, "answers-4-corrected")
        sent = bytes(wire.sent)
    for secret in ("Жодзіна: needle-2201", "Брэст: needle-2202", "needle-2203"):
        assert not [form for form in encodings(secret) if form in sent], secret

    opened = Person(service, receipt.keys()).open()
    assert opened.reader.statement.revision == 3
    (events,) = [s for s in opened.current("section") if s.values["section"] == "events"]
    assert events.values["0/date"] == "2020-07-09~" and events.values["1/date"] == {"unsaid": "unknown"}
    before = [s for s in opened.of("section") if s.entry.id == events.values["revises"]]
    assert [s.values["0/place"] for s in before] == ["Мінск"]
    assert opened.current("triage")[-1].values["month"] == "2020-07"

    assert service.pull(tmp_path / "pulled").records == [opened.reader.statement.record]
    (theirs,) = service.open(tmp_path / "pulled", tmp_path / "opened")
    assert theirs.problems == {}
    told = json.loads((tmp_path / "opened" / theirs.record / "testimony.json").read_text("utf-8"))
    said = json.dumps(told, ensure_ascii=False)
    assert "needle-2201" in said and "Мінск" in said and "needle-2203" in said


def test_answers_that_nobody_may_open_are_said_and_nothing_is_sent_unchanged(
    service: Service, page: Page, receipt: Receipt
) -> None:
    come_back(page, service.url, receipt)
    page.locator(".actions [data-go=answers]").click()
    on(page, "overview")
    assert page.locator("form[data-do=answer]").count() == 0
    page.locator("[data-go=answers][data-id=gates]").click()
    page.locator("[name='q:sexual_violence'][value=yes]").check()
    save(page, "next")
    on(page, "overview")
    assert page.locator("li small.wrong").count() == 0
    page.locator("[data-go=answers][data-id=sensitive]").click()
    page.locator("main textarea").first.fill("needle")
    save(page, "next")
    expect(page.locator("li small.wrong")).to_have_count(1)
    to_overview_and_back(page)
    page.locator("[data-go=answers][data-id=sensitive]").click()
    page.locator("main textarea").first.fill("")
    save(page, "next")
    expect(page.locator("li small.wrong")).to_have_count(0)
    done(page, "answer")
    (gates,) = Person(service, receipt.keys()).open().current("section")[1:]
    assert gates.values["0/sexual_violence"] is True


def to_overview_and_back(page: Page) -> None:
    """What is not sent stays in the page."""
    overview(page)
    page.locator(".actions [data-go=answers]").click()
    expect(page.locator("form[data-do=answer]")).to_be_visible(timeout=WAIT)


def test_answers_that_were_corrected_elsewhere_meanwhile_are_not_sent_over_them(
    service: Service, page: Page, receipt: Receipt
) -> None:
    come_back(page, service.url, receipt)
    to_answers(page, "Мінск")
    to(page, "section:events:0")
    page.locator("[name='q:place']").fill("Гродна")
    save(page, "next")
    on(page, "overview")
    person = Person(service, receipt.keys())
    opened = person.open()
    (held,) = opened.current("section")
    composer = person.composer([choice for choice, _ in opened.choices().values()])
    composer.section("events", [{"place": "Орша"}], held.entry.id)
    assert person.post("/v1/mailbox/revisions", person.body(composer)).status_code == 201

    page.locator("form[data-do=answer] button").click()
    assert trouble(page) == message("revision_behind", "be")
    overview(page)
    assert "Орша" in page.locator("main").inner_text()
    to_answers(page, "Орша")
    to(page, "section:events:0")
    assert page.locator("[name='q:place']").input_value() == "Орша"


def test_a_person_whose_receipt_shows_nothing_any_more_still_answers_questions(
    service: Service, page: Page, receipt: Receipt, tmp_path: Path
) -> None:
    come_back(page, service.url, receipt)
    page.locator("[data-go=forget]").click()
    done(page, "forget")
    overview(page)
    page.locator(".actions [data-go=answers]").click()
    on(page, "overview")
    inspect(page, "answers-5-blind")
    assert page.locator("small.sent:visible").count() == 0
    page.locator("[data-go=answers][data-id=exit]").click()
    page.locator("[name='q:words']").fill("needle-2204")
    save(page, "save")
    on(page, "overview")
    done(page, "answer")
    assert service.pull(tmp_path / "pulled").records
    (theirs,) = service.open(tmp_path / "pulled", tmp_path / "opened")
    told = (tmp_path / "opened" / theirs.record / "testimony.json").read_text("utf-8")
    assert (
        theirs.problems == {}
        and "needle-2204" in told
        and "Мінск" in json.dumps(json.loads(told), ensure_ascii=False)
    )
