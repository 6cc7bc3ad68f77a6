"""A server shows something else than what a person has signed: it is noticed, and said."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from crypto.encoding import canonical_json
from crypto.receipt import Receipt
from intake.i18n import translator
from tests.casework import case, registered_member, withdraw_consent
from tests.own import Person, allow, on_the_server
from tests.own_sealed_pages import come_back, done, go, overview, to_return, trouble
from tests.sealing_pages import WAIT, inspect, posts
from tests.service import Service, digits, new_receipt

UNTRUE = translator("be").gettext(
    "What this server shows is not true: it is not what you signed, or not all of it. Nothing was changed."
    " Please tell an organisation that you trust."
)
HIDDEN = translator("be").gettext(
    "The list of what was done with it does not hold: an entry is missing, or is not genuine. Somebody may be"
    " hiding an access from you. Please tell an organisation that you trust."
)


@pytest.fixture
def receipt(service: Service) -> Receipt:
    """Of a record with three revisions."""
    made = new_receipt()
    person = Person(service, made.keys())
    person.send("першае", choices=[allow()])
    for text in ("другое", "трэцяе"):
        assert person.revise(text).status_code == 201
    return made


def altered(page: Page, path: str, alter: Callable[[Any], Any]) -> None:
    """The server's JSON answers at this path come back changed."""

    def answer(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, json=alter(response.json()))

    page.context.route(lambda url: url.endswith(path), answer)


def type_in(page: Page, service: Service, receipt: Receipt) -> None:
    to_return(page, service.url, "be")
    page.locator("#receipt").fill(digits(receipt))
    page.locator("form[data-open] button").click()


def test_a_dropped_revision_or_another_record_is_not_shown(
    service: Service, page: Page, receipt: Receipt
) -> None:
    stranger = Person(service)
    stranger.send("чужое")
    theirs = stranger.look()

    def dropped(answer: Any) -> Any:
        del answer["statements"][1]
        return answer

    for lie in (dropped, lambda _: theirs):
        altered(page, "/v1/mailbox", lie)
        type_in(page, service, receipt)
        assert trouble(page) == UNTRUE
        assert page.locator("[data-go=add]").count() == 0
        page.context.unroute_all()
    inspect(page, "untrue-0-return")

    altered(page, "/v1/mailbox", lambda answer: answer | {"restored": True})  # and nobody vouches for it
    type_in(page, service, receipt)
    assert trouble(page) == UNTRUE
    page.locator("details[data-way=sealed] summary").click()
    expect(page.locator("[data-plain]")).to_be_visible()


def older(answer: Any) -> Any:
    answer["statements"].pop()
    return answer


def test_the_newest_revision_kept_back_or_an_access_that_does_not_fit_its_leaf_shows_in_the_list(
    service: Service, page: Page, receipt: Receipt
) -> None:
    def nobody(answer: Any) -> Any:
        first, second = answer["accesses"][:2]
        second["opening"] = first["opening"]
        return answer

    for path, lie in (("/v1/mailbox", older), ("/v1/mailbox/accesses", nobody)):
        altered(page, path, lie)
        come_back(page, service.url, receipt)
        expect(page.locator("main .errors", has_text=HIDDEN)).to_be_visible()
        page.context.unroute_all()
    inspect(page, "untrue-1-list")


def test_a_swapped_part_is_not_shown_and_nothing_is_added_to_it(
    service: Service, page: Page, receipt: Receipt
) -> None:
    person = Person(service, receipt.keys())
    first, second = person.open().current("narrative")[:2]
    other = person.get(f"/parts/{second.entry.id}").content
    page.context.route(
        lambda url: url.endswith(f"/parts/{first.entry.id}"), lambda route: route.fulfill(body=other)
    )
    come_back(page, service.url, receipt)
    expect(page.locator("main p.wrong")).to_be_visible()
    shown = page.locator("main").inner_text()
    assert "першае" not in shown and shown.count("другое") == 1
    asked = posts(page)
    go(page, "add")
    page.locator("#narrative").fill("яшчэ")
    page.locator("form[data-do=add] button").last.click()
    assert trouble(page) and asked == []


def test_a_message_that_is_not_genuine_is_left_out_and_that_is_said(
    service: Service, page: Page, receipt: Receipt, tmp_path: Path
) -> None:
    member = registered_member(service, tmp_path)
    (record,) = service.pull(tmp_path / "pulled").records
    with case(service, tmp_path / "pulled" / "records" / record) as theirs:
        theirs.reply(member, "сапраўднае", "be")
        theirs.reply(member, "падробленае", "be")

    def forged(answer: Any) -> Any:
        last = answer["messages"][-1]
        envelope = json.loads(last["envelope"])
        envelope["document"]["day"] = "2026-01-01"
        last["envelope"] = canonical_json(envelope).decode()
        return answer

    altered(page, "/v1/mailbox/messages", forged)
    come_back(page, service.url, receipt)
    go(page, "messages")
    shown = page.locator("main").inner_text()
    assert "сапраўднае" in shown and "падробленае" not in shown
    expect(page.locator("main p.notice")).to_be_visible()


def test_a_consent_that_ended_without_the_person_is_said_and_signed_before_anything_else(
    service: Service, page: Page, receipt: Receipt
) -> None:
    record = Person(service, receipt.keys()).record
    on_the_server(lambda: withdraw_consent(service, record))
    come_back(page, service.url, receipt)
    inspect(page, "untrue-2-ended")
    go(page, "add")
    page.locator("#narrative").fill("яшчэ")
    page.locator("form[data-do=add] button").last.click()
    assert trouble(page)
    overview(page)
    page.locator(".notice [data-go=withdraw]").click()
    done(page, "withdraw")
    overview(page)
    assert page.locator(".notice [data-go=withdraw]").count() == 0


def test_a_broken_connection_an_empty_promise_and_a_revision_that_goes_away_are_said_while_the_page_is_open(
    service: Service, page: Page, receipt: Receipt
) -> None:
    come_back(page, service.url, receipt)
    page.context.set_offline(True)
    page.locator("[data-go=messages]").click()
    expect(page.locator("main [data-busy]")).to_contain_text("Няма сувязі", timeout=WAIT)
    page.context.set_offline(False)
    expect(page.locator("form[data-do=write]")).to_be_visible(timeout=WAIT)
    overview(page)

    altered(page, "/v1/mailbox/revisions", lambda answer: answer | {"promise": json.dumps("none")})
    go(page, "add")
    page.locator("#narrative").fill("яшчэ")
    done(page, "add")
    expect(page.locator("main p.notice")).to_be_visible()
    overview(page)

    go(page, "ledger")
    altered(page, "/v1/mailbox", older)
    page.locator("[data-go=overview]").click()
    assert trouble(page) == UNTRUE
