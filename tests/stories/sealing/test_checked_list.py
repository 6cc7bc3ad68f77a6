"""A person has the list of accesses compared with the public logs, in the page, on a click."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from crypto.receipt import Receipt
from tests.client.forging import publish
from tests.own import Person
from tests.own_sealed_pages import come_back, overview
from tests.sealing_pages import WAIT, inspect, watched
from tests.service import Service, new_receipt


@pytest.fixture
def receipt(service: Service, tmp_path: Path) -> Receipt:
    """Of a testimony that was read, as the signed logs say."""
    made = new_receipt()
    Person(service, made.keys()).send("Сведчанне")
    service.pull(tmp_path / "pulled")
    publish(service)
    return made


def check(page: Page) -> None:
    page.locator("[data-do=compare]").click()
    expect(page.locator("[data-do=compare]")).to_have_count(0, timeout=WAIT)


def test_a_person_learns_that_the_list_is_whole_and_later_that_an_access_was_hidden(
    service: Service, page: Page, receipt: Receipt
) -> None:
    come_back(page, service.url, receipt, "en")
    read = page.locator(
        "li", has_text="opened (by a program of it; purpose: Fact-finding by the United Nations)"
    )
    expect(read).to_have_count(1)
    asked = watched(page)
    check(page)
    expect(page.locator("main p.lead")).to_contain_text("The list is whole")
    assert page.locator("main .errors:visible").count() == 0
    assert "of 2 lists" in page.locator("main").inner_text()
    inspect(page, "checked-1-whole")
    logs = [url for url in asked if url.startswith("log/")]
    assert asked.index("v1/mailbox/accesses") > asked.index(logs[0])
    assert {url.rsplit("/", 1)[0] for url in logs if "tile" in url} == {
        f"log/demo/{kind}/tile/entries/000.p" for kind in ("records", "access")
    }
    overview(page)

    def cut(route: Route) -> None:
        answer = route.fetch()
        found = answer.json()
        del found["accesses"][1:]
        route.fulfill(response=answer, json=found)

    page.route("**/v1/mailbox/accesses", cut)
    check(page)
    expect(page.locator("main .errors:not([data-trouble]) h2")).to_have_text("The list does not hold")
    expect(page.locator("main .errors li").first).to_contain_text("is not in the list: a hidden access")
    inspect(page, "checked-2-hidden")
