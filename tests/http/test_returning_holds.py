"""Coming back in a browser: what a page says is what holds, and what is lost keeps nobody from taking back."""

from pathlib import Path

import pytest

from crypto.receipt import Receipt
from tests.http.test_feed import Program
from tests.http.test_returning import HOLD, STORY, ask_for_another, choose, person, visit, words
from tests.own import Person, allow, mover, on_the_server, publish_profile
from tests.service import Mechanism, Service, form_fields, new_receipt, on_every_database_in_time


@pytest.fixture
def receipt(service: Service) -> Receipt:
    """Of a testimony by the form."""
    made = new_receipt()
    assert service.send_form(form_fields(made, narrative=STORY)).status_code == 200
    return made


@on_every_database_in_time
def test_what_the_page_says_of_a_hold_is_what_is_done(
    service: Service, demo: Mechanism, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_profile(service, demo, hold=HOLD)
    bound = new_receipt()
    service.send_form(form_fields(bound, narrative=STORY))
    move = mover(monkeypatch)
    move(3)
    publish_profile(service, demo, 2)  # announced no more; who read the first one is bound all the same
    move(6)
    free = new_receipt()
    service.send_form(form_fields(free, narrative=STORY))
    publish_profile(service, demo, 3, hold=HOLD)  # and this one nobody had read
    move(0)  # the program's clock is the test's
    records = [person(service, one).record for one in (bound, free)]
    for record in records:
        assert Program(service).enter().get(f"/feed/v1/records/{record}").status_code == 200
    move(6)
    told = {}
    for receipt in (bound, free):
        asked = "Kept, by law." in visit(service, receipt, at="withdraw:demo")
        assert asked == ("that much stays here, locked" in words(visit(service, receipt, at="delete")))
        visit(service, receipt, at="withdraw:demo", go="withdraw", seen="1")
        (done,) = Person(service, receipt.keys()).get("/standings").json()["withdrawals"]
        told[asked] = done["outcome"]
    assert told == {True: "locked", False: "deleted"}


@pytest.mark.parametrize("go", ["withdraw", "delete"])
def test_person_takes_back_what_cannot_be_opened_any_more(
    service: Service, receipt: Receipt, go: str
) -> None:
    for name in list(service.installation.store.names()):
        service.installation.store.delete(name)
    page = words(visit(service, receipt))
    assert STORY not in page and "could not be opened" in page
    at = {"withdraw": "withdraw:demo", "delete": "delete"}[go]
    assert "Mechanism demo" in words(visit(service, receipt, at=at)) or go == "delete"
    visit(service, receipt, at=at, go=go, seen="1")
    sender = Person(service, receipt.keys())
    if go == "delete":
        assert sender.get("/standings").json()["deletion"] is not None
    else:
        assert sender.get("/standings").json()["standings"] == []


def test_a_choice_saved_as_it_was_makes_no_revision(service: Service, receipt: Receipt) -> None:
    held = person(service, receipt).choices[0]
    done = words(choose(service, receipt, "demo", purpose=list(held.purposes), keep="keep"))
    assert "Your choice is noted" in done and person(service, receipt).look()["revision"] <= 2
    before = person(service, receipt).look()["revision"]
    choose(service, receipt, "demo", purpose=list(held.purposes), keep="keep")
    assert person(service, receipt).look()["revision"] == before


@pytest.mark.parametrize("days", [0, 14])
def test_nothing_new_is_received_with_a_receipt_that_restores_or_is_about_to(
    service: Service, receipt: Receipt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    second = ask_for_another(service, tmp_path)
    move = mover(monkeypatch)
    move(days)
    on_the_server(service.installation.restorations.complete_due)
    move(0)
    sender = Person(service, second.keys())
    made = Person(service)
    composer = made.composer([allow()])
    composer.narrative("Іншае", "victim", "be")
    body = made.body(composer) | {"receipt": sender.receipt(composer.writer)}
    refused = sender.post("/v1/submissions", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "receipt_used")
    assert service.send_form(form_fields(second, narrative="Іншае")).status_code in (409, 422)
