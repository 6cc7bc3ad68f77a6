"""Coming back in a browser without JavaScript: what the pages show, change, and refuse."""

import re
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest

from crypto.receipt import Receipt
from crypto.restoration import NewReceipt
from intake.client import members
from intake.client.api import Api
from intake.record.consent import Choice
from intake.upkeep.check import check
from tests.casework import case, registered_member
from tests.own import Person, mover, on_the_server, publish_profile
from tests.service import (
    PURPOSE,
    Mechanism,
    Service,
    digits,
    form_fields,
    make_mechanism,
    new_receipt,
    on_every_database_in_time,
    prepared,
    register,
)

STORY = "Мяне затрымалі каля дома."
HOLD = {"en": "Kept, by law.", "be": "Захоўваецца паводле закона."}


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Mechanism:
    return make_mechanism(tmp_path_factory.mktemp("other-keys"), "other")


@pytest.fixture
def receipt(service: Service) -> Receipt:
    """Of a testimony by the form."""
    made = new_receipt()
    assert service.send_form(form_fields(made, narrative=STORY)).status_code == 200
    return made


def visit(service: Service, receipt: Receipt, *, status: int = 200, **fields: Any) -> str:
    """A page; also what it links to and holds, as text."""
    answer = service.http.post(f"{service.url}/en/return", data={"receipt": digits(receipt)} | fields)
    assert answer.status_code == status, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return unescape(answer.text)


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def person(service: Service, receipt: Receipt) -> Person:
    found = Person(service, receipt.keys())
    found.choices = list(_choices(found).values())
    return found


def _choices(found: Person) -> dict[str, Choice]:
    return {name: choice for name, (choice, _) in found.open().choices().items()}


def hidden(page: str, name: str) -> str:
    match = re.search(f'name="{name}" value="([^"]*)"', page)
    assert match, f"no {name}"
    return match[1]


def choose(service: Service, receipt: Receipt, id: str, status: int = 200, **fields: Any) -> str:
    """Fill in the page of a choice and save it; `fields` are of this mechanism."""
    page = visit(service, receipt, at=f"choose:{id}")
    typed = {"mechanism": id, "seen": hidden(page, "seen"), "shown": hidden(page, "shown")}
    own = {f"{name}:{id}": value for name, value in fields.items() if name not in ("keep", "mechanism")}
    plain = {name: value for name, value in fields.items() if name in ("keep", "mechanism")}
    return visit(service, receipt, status=status, at=f"choose:{id}", go="choose", **(typed | own | plain))


@on_every_database_in_time
def test_person_sees_what_was_sent_and_what_became_of_it(
    service: Service, receipt: Receipt, tmp_path: Path
) -> None:
    page = words(visit(service, receipt))
    assert STORY in page and "not opened yet" in page and "Mechanism demo" in page
    service.pull(tmp_path / "pulled")
    page = words(visit(service, receipt))
    assert "opened, the first time on" in page and "demo-puller" not in page


@on_every_database_in_time
def test_a_correction_is_shown_with_what_it_said_before(service: Service, receipt: Receipt) -> None:
    sender = person(service, receipt)
    composer = sender.composer(sender.choices)
    first = sender.open().current("narrative")[0].entry.id
    composer.narrative("Інакш.", "victim", "be", revises=first)
    composer.section("person", {"name": "Ян <b>", "home": {"unsaid": "declined"}})
    assert sender.post("/v1/mailbox/revisions", sender.body(composer)).status_code == 201
    page = visit(service, receipt, confirm="yes")
    assert page.index("Інакш.") < page.index("What it said before") < page.index(STORY)
    assert "Ян <b>" in page and "Prefer not to say" in page
    raw = service.http.post(f"{service.url}/en/return", data={"receipt": digits(receipt), "confirm": "yes"})
    assert "<b>" not in raw.text


@on_every_database_in_time
def test_person_withdraws_and_is_told_what_became_of_it(
    service: Service, receipt: Receipt, tmp_path: Path
) -> None:
    ask = visit(service, receipt, at="withdraw:demo")
    assert "never can" in words(ask)
    done = words(visit(service, receipt, at="withdraw:demo", go="withdraw", seen=hidden(ask, "seen")))
    assert "Its keys are destroyed" in done
    again = words(visit(service, receipt, at="withdraw:demo", go="withdraw", seen=hidden(ask, "seen")))
    assert "Its keys are destroyed" in again  # the answer was lost, and the button pressed again
    assert service.pull(tmp_path / "pulled").records == []
    page = words(visit(service, receipt))
    assert "Nobody may open it now" in page and "What you took back" in page
    ledger = words(visit(service, receipt, at="ledger"))
    assert "Consent withdrawn: Mechanism demo" in ledger and ledger.index("Step 2") < ledger.index("Step 1")


@on_every_database_in_time
def test_person_narrows_a_consent_and_names_another_mechanism(
    service: Service, receipt: Receipt, other: Mechanism, tmp_path: Path
) -> None:
    register(service.installation, other)
    service.pull(tmp_path / "pulled")
    page = visit(service, receipt, at="choose:demo")
    assert 'name="triage:demo" value="yes" checked' in page
    done = words(choose(service, receipt, "demo", purpose=PURPOSE))
    assert "It had opened it before" in done and "the rest goes on" in done
    done = words(choose(service, receipt, "other", purpose=["archive", PURPOSE], triage="yes"))
    assert "Your choice is noted" in done
    assert len(service.pull(tmp_path / "other", other).records) == 1
    choices = _choices(person(service, receipt))
    assert choices["demo"].classes == ("account",) and set(choices["other"].classes) == {"account", "triage"}
    refused = words(choose(service, receipt, "other", status=422))
    assert "No purpose is ticked" in refused


def test_an_end_date_stays_unless_another_is_chosen(service: Service) -> None:
    made = new_receipt()
    assert service.send_form([*form_fields(made), ("until:demo", "1")]).status_code == 200
    before = _choices(person(service, made))["demo"].expires
    assert before
    choose(service, made, "demo", purpose=[PURPOSE, "archive"], keep="keep", triage="yes")
    assert _choices(person(service, made))["demo"].expires == before
    choose(service, made, "demo", purpose=PURPOSE, triage="yes")
    assert _choices(person(service, made))["demo"].expires is None


def test_without_the_tick_the_page_asks_whether_to_withdraw(service: Service, receipt: Receipt) -> None:
    page = visit(service, receipt, at="choose:demo")
    fields: dict[str, Any] = {"seen": hidden(page, "seen"), "shown": hidden(page, "shown")}
    assert "Withdraw consent now" in visit(service, receipt, at="choose:demo", go="choose", **fields)


def test_a_choice_made_on_what_is_no_longer_shown_is_not_taken(
    service: Service, receipt: Receipt, demo: Mechanism
) -> None:
    page = visit(service, receipt, at="choose:demo")
    fields = {"mechanism": "demo", "purpose:demo": "archive", "seen": hidden(page, "seen")}
    publish_profile(service, demo, hold=HOLD)
    text = visit(
        service, receipt, status=422, at="choose:demo", go="choose", shown=hidden(page, "shown"), **fields
    )
    assert 'value="archive" checked' in text and "Kept, by law." in text
    sender = person(service, receipt)
    assert sender.look()["revision"] == 1
    sender.revise("Іншы тэкст")
    page = words(
        visit(service, receipt, status=409, confirm="yes", at="withdraw:demo", go="withdraw", seen="1")
    )
    assert "Іншы тэкст" in page and sender.look()["revision"] == 2


@on_every_database_in_time
def test_person_and_mechanism_write_to_each_other(service: Service, receipt: Receipt, tmp_path: Path) -> None:
    member = registered_member(service, tmp_path, said="Ганна")
    (record,) = service.pull(tmp_path / "pulled").records
    with case(service, tmp_path / "pulled" / "records" / record) as theirs:
        theirs.reply(member, "Калі гэта было?", "be")
    page = words(visit(service, receipt))
    assert "there is a message for you" in page and "Messages (1)" in page
    assert "You had not allowed messages" in page  # the form asked, and there was no answer
    page = words(visit(service, receipt, at="messages"))
    assert "Калі гэта было?" in page and "From Mechanism demo" in page and "Written by Ганна." in page
    page = words(visit(service, receipt, at="messages", go="send", to="demo", text="У жніўні.\x07 👋 שלום"))
    assert "У жніўні. 👋 שלום" in page and "From you to Mechanism demo" in page
    with case(service, tmp_path / "pulled" / "records" / record) as theirs:
        told = theirs.read()
        theirs.reply(member, "Дзякуй.", "be")
    assert [m.text for m in told.messages] == ["Калі гэта было?", "У жніўні. 👋 שלום"]
    assert told.messages[1].answers == told.messages[0].part and told.hidden == 0
    visit(service, receipt, at="forget", go="forget")
    page = words(visit(service, receipt))  # what was allowed cannot be read now, and is not guessed
    assert "there is a message for you" in page and "You had not allowed messages" not in page


def test_a_message_that_cannot_be_sent_loses_nothing(service: Service, receipt: Receipt) -> None:
    pasted = f"Вось: {digits(receipt)}"
    page = visit(service, receipt, status=422, at="messages", go="send", to="demo", text=pasted)
    assert pasted in page and "alert" in page
    long = "а" * 8001
    page = visit(service, receipt, status=422, at="messages", go="send", to="demo", text=long)
    assert long in page
    page = visit(service, receipt, status=422, at="messages", go="send", to="demo", text=" \n ")
    assert "From you" not in page


@on_every_database_in_time
def test_person_stops_the_receipt_from_showing_and_goes_on(service: Service, receipt: Receipt) -> None:
    assert "cannot be undone" in words(visit(service, receipt, at="forget"))
    assert "no longer show" in words(visit(service, receipt, at="forget", go="forget"))
    page = words(visit(service, receipt))
    assert STORY not in page and "no longer show" in page
    allowed = words(visit(service, receipt, at="consent"))
    for shown in (page, allowed):  # nothing is said of what the person chose, as it cannot be read
        assert "Contact This receipt cannot read what you chose here." in shown
        assert "Conditions This receipt cannot read what you chose here." in shown
        assert "No answer" not in shown
    assert "What you save takes its place" in words(visit(service, receipt, at="choose:demo"))
    page = words(visit(service, receipt, at="messages", go="send", to="demo", text="Прывітанне"))
    assert "does not open this message" in page and "Прывітанне" not in page
    done = words(visit(service, receipt, at="withdraw:demo", go="withdraw", seen="1"))
    assert "Its keys are destroyed" in done


@on_every_database_in_time
def test_person_deletes_everything_and_thinks_again(
    service: Service, receipt: Receipt, demo: Mechanism, tmp_path: Path
) -> None:
    assert "After 14 days" in words(visit(service, receipt, at="delete"))
    assert "nothing is released" in words(visit(service, receipt, at="delete", go="delete"))
    assert service.pull(tmp_path / "a").records == []
    page = words(visit(service, receipt))
    assert "Everything will be deleted" in page and "Add or correct" not in page
    refused = words(visit(service, receipt, status=409, at="messages", go="send", to="demo", text="Не"))
    assert "Не" in refused
    assert "The deletion is cancelled" in words(visit(service, receipt, go="cancel"))
    assert len(service.pull(tmp_path / "b").records) == 1
    visit(service, receipt, status=409, go="cancel")


def test_person_is_told_of_a_hold_before_deleting_and_withdrawing(
    service: Service, receipt: Receipt, demo: Mechanism
) -> None:
    publish_profile(service, demo, hold=HOLD)
    assert "Kept, by law." in words(visit(service, receipt, at="withdraw:demo"))
    assert "that much stays here, locked" in words(visit(service, receipt, at="delete"))


def ask_for_another(service: Service, tmp_path: Path) -> Receipt:
    """Two members ask for a second receipt of the only record; which that is."""
    second = new_receipt()
    people = [registered_member(service, tmp_path, name) for name in ("anna", "bela")]
    (record,) = service.pull(tmp_path / "pulled").records
    begun = members.ask(record, "demo", members.halves(NewReceipt.of(second.keys())))
    for one in people:
        begun = members.sign(begun, one)[1]
    with case(service, tmp_path / "pulled" / "records" / record) as theirs:
        members.send(Api(service.url, patience=5), begun, members.grants(begun, theirs.reader))
    return second


@on_every_database_in_time
def test_after_a_deletion_the_receipt_shows_what_a_hold_keeps(
    service: Service, demo: Mechanism, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_profile(service, demo, hold=HOLD)
    made = new_receipt()
    service.send_form(form_fields(made, narrative=STORY))
    service.pull(tmp_path / "pulled")
    visit(service, made, at="delete", go="delete")
    mover(monkeypatch)(14)
    on_the_server(service.installation.deletion.complete_due)
    page = words(visit(service, made))
    assert "locked here and released to nobody" in page and "Nobody may open it now" in page
    assert STORY not in page and "Everything will be deleted" not in page


@on_every_database_in_time
def test_person_objects_to_a_second_receipt(service: Service, receipt: Receipt, tmp_path: Path) -> None:
    second = ask_for_another(service, tmp_path)
    page = visit(service, receipt)
    assert "A second receipt was asked for" in page
    done = words(visit(service, receipt, go=re.findall(r'value="(object:[0-9a-f]{64})"', page)[0]))
    assert "is refused" in done
    page = words(visit(service, receipt))
    assert "Two people of" not in page and "the second receipt was refused" in page
    visit(service, second, status=404)


@on_every_database_in_time
def test_a_restored_receipt_reads_writes_and_withdraws_and_neither_adds_nor_deletes(
    service: Service, receipt: Receipt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = ask_for_another(service, tmp_path)
    mover(monkeypatch)(14)
    on_the_server(service.installation.restorations.complete_due)
    page = words(visit(service, second))
    assert STORY in page and "replaces one that was lost" in page and "Add or correct" not in page
    page = words(visit(service, second, at="messages", go="send", to="demo", text="Гэта я."))
    assert "Гэта я." in page
    visit(service, second, at="choose:demo", status=404)
    assert "Change" not in words(visit(service, second, at="consent"))
    assert "Delete everything" not in page
    visit(service, second, status=403, at="delete", go="delete")
    visit(service, receipt, at="delete", go="delete")
    visit(service, second, status=403, go="cancel")
    visit(service, second, status=403, go=f"object:{'ab' * 32}")
    assert "cancelled" in words(visit(service, receipt, go="cancel"))
    done = words(visit(service, second, at="withdraw:demo", go="withdraw", seen="1"))
    assert "It had opened it before" in done
    assert "Nobody may open it now" in words(visit(service, receipt))
    whole = service.installation
    assert list(check(service.owner, whole.store, whole.log_keys, read_data=True)) == []
    # The first receipt goes on, and names the mechanism again: the newest statement named it all the time.
    again = choose(service, receipt, "demo", purpose=PURPOSE)
    assert "Your choice is noted" in words(again)
    assert "Nobody may open it now" not in words(visit(service, receipt))
    assert list(check(service.owner, whole.store, whole.log_keys, read_data=True)) == []


def test_a_receipt_of_another_kind_is_told_so(service: Service) -> None:
    answer = service.http.post(f"{service.url}/en/return", data={"receipt": "1 2 3"})
    assert answer.status_code == 422 and 'role="alert"' in answer.text
    answer = service.http.post(f"{service.url}/en/return", data={"receipt": digits(new_receipt())})
    assert answer.status_code == 404


def test_a_record_from_a_device_is_opened_after_a_question_only(service: Service, tmp_path: Path) -> None:
    made, _ = service.submit(prepared(tmp_path / "t", {}, narrative=STORY))
    assert STORY not in visit(service, made) and STORY in visit(service, made, confirm="yes")


def test_what_is_no_page_is_none(service: Service, receipt: Receipt) -> None:
    assert STORY in visit(service, receipt, at="nonsense")
    for at in ("choose:nobody", "withdraw:nobody"):
        answer: httpx.Response = service.http.post(
            f"{service.url}/en/return", data={"receipt": digits(receipt), "at": at}
        )
        assert answer.status_code == 404
    visit(service, receipt, status=400, go="nonsense")


def test_an_access_is_shown_when_its_mechanism_said(
    service: Service, demo: Mechanism, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    move = mover(monkeypatch)
    publish_profile(service, demo, delay_days=10)
    made = new_receipt()
    service.send_form(form_fields(made))
    service.pull(tmp_path / "pulled")
    sender = person(service, made)
    seen = sender.get("/accesses").json()
    assert seen["delayed"] > 0 and len(seen["delayed_until"]) == seen["delayed"]
    assert "record.opened" not in str(seen["accesses"]) and "record.added" in str(seen["accesses"])
    page = words(visit(service, made))
    assert "not opened yet, as far as it is shown today" in page and "shown from" in page
    move(10)
    seen = sender.get("/accesses").json()
    assert seen["delayed"] == 0 and "record.opened" in str(seen["accesses"])
    assert "opened, the first time on" in words(visit(service, made))
