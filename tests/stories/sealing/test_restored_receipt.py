"""A person whose receipt was lost comes back with the one that a mechanism gave: opened on the device, and no more."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from crypto.receipt import Receipt
from intake.http.messages import message
from tests.casework import case, registered_member
from tests.own import Person, allow, publish_profile
from tests.own_sealed_pages import done, go, on, overview, to_return, trouble
from tests.sealing_pages import WAIT, encodings, inspect
from tests.service import Mechanism, Service, digits, make_mechanism, new_receipt, register
from tests.submissions.test_restorations import Asking, complete_in
from tests.wire import Wire

TEXT = "Мяне затрымалі: needle-3301."
LETTER = "Гэта зноў я: needle-3302."
REPLY = "Мы вас чуем: needle-3303."


@pytest.fixture
def asking(service: Service, demo: Mechanism, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Asking:
    """Two mechanisms were named; two members of `demo` gave another receipt, which is valid now."""
    other = make_mechanism(tmp_path / "other-keys", "other")
    register(service.installation, other)
    publish_profile(service, demo, contact=True)
    publish_profile(service, other, contact=True)
    old = new_receipt()
    Person(service, old.keys()).send(TEXT, choices=[allow("demo", "triage"), allow("other")])
    (record,) = service.pull(tmp_path / "pulled").records
    anna, bela = (registered_member(service, tmp_path / name, name) for name in ("anna", "bela"))
    made = Asking(service, anna, bela, old, new_receipt(), tmp_path / "pulled" / "records" / record)
    made.send(made.signed())
    assert complete_in(service, 14, monkeypatch) == 1
    return made


def open_receipt(page: Page, url: str, receipt: Receipt) -> None:
    to_return(page, url, "be")
    page.locator("#receipt").fill(digits(receipt))
    page.locator("form[data-open] button").click()


def test_a_person_reads_writes_and_withdraws_with_a_restored_receipt_on_their_device(
    service: Service, page: Page, asking: Asking, tmp_path: Path
) -> None:
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text))
    with Wire(service.url) as wire:
        open_receipt(page, wire.url, asking.new)
        on(page, "ledger")
        inspect(page, "restored-1-overview")
        shown = page.locator("main").inner_text()
        assert TEXT in shown and message("receipt_restored", "be")[:20] in shown
        assert page.locator("main .errors:visible").count() == 0
        for absent in ("add", "answers", "correct", "delete"):
            assert page.locator(f"[data-go={absent}]").count() == 0, absent
        go(page, "messages")
        options = page.locator("form[data-do=write] option")
        assert options.evaluate_all("all => all.map(one => one.value)") == ["demo"]
        page.locator("form[data-do=write] textarea").fill(LETTER)
        page.locator("form[data-do=write] button").click()
        expect(page.locator("main .narrative").last).to_have_text(LETTER, timeout=WAIT)
        with case(service, asking.record) as theirs:
            theirs.reply(asking.anna, REPLY, "be")
            assert [m.text for m in theirs.read().messages] == [LETTER, REPLY]
        overview(page)
        go(page, "messages")
        expect(page.locator("main .narrative")).to_have_text([LETTER, REPLY])
        overview(page)

        go(page, "consent")
        inspect(page, "restored-2-consent")
        assert page.locator("[data-go=choose]").count() == 0
        assert page.locator("[data-go=withdraw]").evaluate_all("all => all.map(b => b.dataset.id)") == [
            "demo"
        ]
        go(page, "withdraw", "demo")
        done(page, "withdraw")
        inspect(page, "restored-3-ended")
        assert page.locator("[data-go=overview]").count() == 0
        open_receipt(page, wire.url, asking.new)
        assert trouble(page) == message("receipt_unknown", "be")
        sent = bytes(wire.sent)
    assert not [text for text in refused if "Content Security Policy" in text or "Trusted" in text]
    for secret in (TEXT, LETTER, REPLY, digits(asking.new)):
        assert not [form for form in encodings(secret) if form in sent], secret
    service.pull(tmp_path / "pulled")
    assert not asking.record.exists() and (tmp_path / "pulled" / "withdrawn" / asking.record.name).is_dir()
    assert Person(service, asking.old.keys()).get("").status_code == 200


def test_the_person_with_the_first_receipt_reads_what_the_other_one_wrote(
    service: Service, page: Page, asking: Asking
) -> None:
    open_receipt(page, service.url, asking.new)
    on(page, "ledger")
    go(page, "messages")
    page.locator("form[data-do=write] textarea").fill(LETTER)
    page.locator("form[data-do=write] button").click()
    expect(page.locator("main .narrative").last).to_have_text(LETTER, timeout=WAIT)
    open_receipt(page, service.url, asking.old)
    on(page, "add")
    go(page, "messages")
    expect(page.locator("main .narrative")).to_have_text([LETTER])


@pytest.mark.parametrize("bent", ["signature", "receipt", "absent", "root"])
def test_a_restored_receipt_that_nobody_has_vouched_for_opens_nothing(
    service: Service, page: Page, asking: Asking, bent: str
) -> None:
    def bend(route: Route) -> None:
        answer = route.fetch()
        found = answer.json()
        (restored,) = found["restorations"]
        document = json.loads(restored["document"])
        if bent == "absent":
            found["restorations"] = []
        elif bent == "signature":
            document["signatures"][1] = document["signatures"][0]
        else:
            document["document"]["receipt"]["lookup"] = "A" * 43
        restored["document"] = json.dumps(document, separators=(",", ":"), sort_keys=True)
        route.fulfill(response=answer, json=found)

    def closed(route: Route) -> None:
        answer = route.fetch()
        found = answer.json()
        found["mechanisms"] = [one for one in found["mechanisms"] if one["mechanism"] != "demo"]
        route.fulfill(response=answer, json=found)

    page.route(*(("**/v1/mechanisms", closed) if bent == "root" else ("**/v1/mailbox/standings", bend)))
    open_receipt(page, service.url, asking.new)
    said = trouble(page)
    assert page.locator("[data-go]").count() == 0
    assert ("праверыць нельга" in said) is (bent == "root")
