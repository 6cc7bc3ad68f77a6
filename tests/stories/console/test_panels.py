"""Below an opened record: notes about its parts, messages with the person, same media, what agrees with it."""

import json
import secrets
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import insert

from crypto.compartments import Compartment
from crypto.receipt import Receipt
from intake import clock
from intake.client import mechanism_keys
from intake.db.tables.staff import wraps
from intake.people import memberships
from intake.record.names import record_name
from tests.casework import own_case, registered_member
from tests.console import console
from tests.service import FILES, Service, new_receipt, prepared
from tests.staff import Staff
from tests.stories.console.test_work import enter
from tests.submissions.test_restorations import Asking, complete_in

STAY = {"detention": [{"facility": "akrestsina_tsip", "from": "2020-08-10", "to": "2020-08-12"}]}
TRANSLATION = "Нумар на машыне: 1234\nДалей неразборліва"
UNIT = {"perpetrators": [{"agency": "omon"}]}


def test_a_member_works_on_an_opened_record_and_the_person_reads_what_they_wrote(
    service: Service, chromium: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = {"photo.jpg": (FILES / "phone.jpg").read_bytes()}
    receipt, first = service.submit(_told(tmp_path / "first", photo))
    _, second = service.submit(_told(tmp_path / "second", photo, contact="never"))
    service.installation.payloads.maintain(merge_now=True)
    with console(chromium, service) as kira:
        enter(service, kira, "kira", "key-holder")
        _give_keys(service, "kira")
        page = kira.login().inside().page
        kira.view("Inbox")
        page.get_by_role("button", name=record_name(second.record)).click()
        expect(page.get_by_role("heading", name="Testimonies that agree")).to_be_visible()
        expect(page.get_by_text("None agree yet")).to_be_visible()
        expect(page.locator("section.messages")).to_contain_text("The person asked not to be contacted")
        expect(page.locator("#message-text")).to_have_count(0)
        page.locator("#work-text").fill("Пачатая нататка")
        page.get_by_role("button", name="Set", exact=True).click()
        expect(page.get_by_text("Choose first what is due")).to_be_visible()  # no kind stands there by itself
        page.locator("#due-kind").select_option("hearing")
        page.get_by_role("button", name="Set", exact=True).click()
        expect(page.get_by_text("Fill in “Due on”")).to_be_visible()  # nor a day
        page.locator("#due-day").fill(clock.day(clock.now() + 7 * clock.DAY))
        page.get_by_role("button", name="Set", exact=True).click()  # before there is a note
        expect(page.locator("section.work li", has_text="A hearing")).to_be_visible()
        page.get_by_text("Cases: which this record is in").click()
        expect(page.get_by_text("This record is in none of your cases")).to_be_visible()
        page.locator("#case-title").fill("Справа")
        expect(page.get_by_text("put into it at once (records: 1)")).to_be_visible()
        page.get_by_role("button", name="Begin a case").click()
        expect(page.get_by_text("This record is in: Справа")).to_be_visible()
        page.get_by_role("button", name="Back to the list").click()
        page.get_by_role("button", name=record_name(second.record)).click()
        expect(page.locator("#work-text")).to_have_value("Пачатая нататка")  # it was not lost
        page.get_by_role("button", name="Back to the list").click()
        page.get_by_role("button", name=record_name(first.record)).click()
        expect(page.locator("#work-text")).to_have_value("")
        page.get_by_text("Cases: which this record is in").click()
        page.locator("#into-case").select_option(label="Справа")
        page.get_by_role("button", name="Put a record in").click()
        expect(page.get_by_text("This record is in: Справа")).to_be_visible()

        alike = page.locator("section.same-media li")
        expect(alike).to_contain_text("photo.jpg came in week")
        agree = page.locator("section.agree li")
        expect(agree).to_contain_text("2020-08-10 – 2020-08-12: testimonies 2")
        expect(agree).to_contain_text("All name")

        work = page.locator("section.work")
        work.locator("#work-about").select_option(label="Photo or video 1: photo.jpg")
        work.locator("#work-text").fill("Відаць нумар машыны")
        work.get_by_role("button", name="Seal and save").click()
        expect(work.locator(".entries")).to_contain_text("Photo or video 1")
        expect(work.locator(".said")).to_have_text("Відаць нумар машыны")
        expect(work.locator(".entries")).to_contain_text("Kira (kira)")  # lists and the log say "kira"
        # The next entry is about the whole again, and says so beside its button: no entry can be changed.
        expect(work.locator("#work-about")).to_have_value("")
        work.locator("#work-kind").select_option("decision")
        work.locator("#work-decision").select_option("admissible")
        expect(work.locator(".target")).to_contain_text("About: The whole")
        work.get_by_role("button", name="Seal and save").click()
        expect(work.get_by_text("Saved: Decision. About: The whole")).to_be_visible()
        expect(work.locator("#work-kind")).to_have_value("note")
        expect(work.locator(".entries > li").last.locator(".details")).to_have_count(1)  # about nothing else
        # A translation is typed, and becomes a file; what is lacking is said when it is saved, not before.
        work.locator("#work-kind").select_option(label="Translation, redaction, transcript")
        work.locator("#work-derivative").select_option("translation")
        expect(work.locator("[role=alert]")).to_have_count(0)
        work.get_by_role("button", name="Seal and save").click()
        expect(work.locator("[role=alert]")).to_contain_text("what it was made of")
        work.locator("#work-about").select_option(label="Photo or video 1: photo.jpg")
        work.get_by_role("button", name="Seal and save").click()
        expect(work.locator("[role=alert]")).to_contain_text("Type the text")
        work.locator("#work-typed").fill(TRANSLATION)
        work.get_by_role("button", name="Seal and save").click()
        work.get_by_role("button", name="translation.txt").click()
        with page.expect_download() as download:
            work.get_by_role("link", name="Save translation.txt").click()
        assert download.value.path().read_text("utf-8") == TRANSLATION
        expect(work.locator("#work-typed")).to_have_count(0)

        letters = page.locator("section.messages")
        expect(letters.locator("#message-language")).to_have_value("be")  # as the person wrote
        letters.locator("#message-text").fill("Ці вы бачылі твары?")
        letters.get_by_role("button", name="Seal and send").click()
        expect(letters.locator(".said")).to_have_text(["Ці вы бачылі твары?"])
        letters.locator("#standing").select_option("in_case")
        for _ in range(2):  # and yes, I am sure
            letters.get_by_role("button", name="Tell the person", exact=True).click()
        expect(letters.get_by_text("The person will see this")).to_be_visible()
        with own_case(service, receipt) as own:
            (question,) = own.read().messages
            assert question.text == "Ці вы бачылі твары?"
            assert question.member is not None and question.member.name == "Kira"
            own.send("demo", "Не, яны былі ў масках", "be", answers=question.part)
            assert own.standings()["standings"][0]["standing"] == "in_case"
        with own_case(service, _restored(service, receipt, first.record, tmp_path, monkeypatch)) as again:
            again.send("demo", "Квітанцыю я страціў", "be")
        page.get_by_role("button", name="Back to the list").click()
        page.get_by_role("button", name=record_name(first.record)).click()
        said = ["Ці вы бачылі твары?", "Не, яны былі ў масках", "Квітанцыю я страціў"]
        expect(letters.locator(".said")).to_have_text(said)
        kira.inspect("record-panels")
        assert kira.mistakes == []


def test_whom_a_record_is_assigned_to_reads_what_was_written_before(
    service: Service, chromium: Browser, tmp_path: Path
) -> None:
    _, sent = service.submit(_told(tmp_path / "t", {"photo.jpg": b"\xff\xd8\xff small"}))
    name = record_name(sent.record)
    with console(chromium, service) as kira, console(chromium, service) as rita:
        enter(service, rita, "rita", "reviewer")
        enter(service, kira, "kira", "key-holder")
        _give_keys(service, "kira")
        kira.login().inside().view("Inbox")
        kira.page.get_by_role("button", name=name).click()
        work = kira.page.locator("section.work")
        work.locator("#work-text").fill("Прачытай гэта першай")
        work.get_by_role("button", name="Seal and save").click()
        expect(work.locator(".said")).to_have_text("Прачытай гэта першай")
        kira.page.get_by_role("button", name="Back to the list").click()
        kira.page.get_by_label(f"Choose {name}").check()
        kira.page.get_by_label("To whom").select_option("rita")
        kira.page.get_by_role("button", name="Assign 1").click()
        expect(kira.page.locator("tbody tr").first).to_contain_text("rita")
        rita.view("Inbox").page.get_by_role("button", name=name).click()
        expect(rita.page.locator("section.work .said")).to_have_text("Прачытай гэта першай")
        assert kira.mistakes == rita.mistakes == []


def _told(folder: Path, files: dict[str, bytes], contact: str = "safe_channel") -> Any:
    """A testimony with a place, a time and a unit."""
    described = {"sections": STAY | UNIT, "media": {"photo.jpg": {"origin": "received"}}}
    files = files | {"testimony.json": json.dumps(described).encode()}
    return prepared(folder, files, contact=contact)


def _give_keys(service: Service, member: str) -> None:
    """As another key-holder's browser does: the epoch's keys, sealed to the member."""
    staff = Staff(service)
    held = {one.recipient.text: one for one in mechanism_keys.identities(service.mechanism.keys)}
    with service.installation.database.write() as connection:
        recipient = memberships.valid(connection, "demo")[member].recipient
        for key in staff.bundle.keys:
            fresh = {"file_key": secrets.token_bytes(16), "nonce": secrets.token_bytes(16)}
            file = Compartment("", "", held[key.recipient.text]).grant(recipient, **fresh)
            row = {"mechanism": "demo", "epoch": key.epoch, "class": key.kind, "kind": "member"}
            connection.execute(insert(wraps).values(**row, reader=member, file=file))


def _restored(
    service: Service, lost: Receipt, record: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Receipt:
    """A receipt that two members gave the person in place of the lost one; its 14 days are over."""
    anna, bela = (registered_member(service, folder, name) for name in ("anna", "bela"))
    service.pull(folder / "pulled")
    asking = Asking(service, anna, bela, lost, new_receipt(), folder / "pulled" / "records" / record)
    asking.send(asking.signed())
    assert complete_in(service, 14, monkeypatch) == 1
    return asking.new
