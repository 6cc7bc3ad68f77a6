"""The long form after the testimony was received: adding, correcting, and who may not."""

from pathlib import Path

import pytest

from crypto.primitives import sha256
from crypto.receipt import ReceiptKeys
from intake.db.tables.coming_back import receipts
from intake.submissions.delete import forget_own_grants
from intake.submissions.secrets import Pepper
from tests.http.test_write import STORY, Writing, answered, opened, parts
from tests.service import Service, digits, form_fields, new_receipt, on_every_database_in_time, prepared


def sent(service: Service, **allowed: str) -> Writing:
    me = Writing(service)
    me.tell()
    me.save("section:detention:0", q__facility="akrestsina_tsip", q__people="12")
    me.allow(**allowed)
    assert me.send().status_code == 200
    return me


def text_part(me: Writing) -> str:
    return me.kept().split('value="narrative:')[1].split('"')[0]


@on_every_database_in_time
def test_witness_corrects_a_text_and_an_answer_and_both_versions_stay(
    service: Service, tmp_path: Path
) -> None:
    me = sent(service)
    part = text_part(me)
    assert STORY.split("\n")[0] in me.post(f"narrative:{part}").text
    assert 'value="12"' in me.post("section:detention:0").text
    me.save(f"narrative:{part}", narrative="Іх было чацвёра.", capacity="victim")
    me.save("section:detention:0", q__facility="akrestsina_tsip", q__people="15")
    me.save("narrative", narrative="І яшчэ адно.", capacity="victim")
    page = me.post("review").text
    assert "Іх было чацвёра." in page and "І яшчэ адно." in page and 'name="base" value="1"' in page
    received = me.send(base=1)
    assert received.status_code == 200

    (record,) = opened(service, tmp_path)
    assert record["revision"] == 2
    texts = {fields["text"]: fields.get("revises") for fields in parts(record, "narrative")}
    assert texts == {STORY: None, "Іх было чацвёра.": part, "І яшчэ адно.": None}
    people = [fields["0/people"] for fields in parts(record, "section")]
    assert sorted(people) == [12, 15]
    assert len(parts(record, "triage")) == 1  # it says the same as before

    again = me.send(base=1)
    assert again.status_code == 200 and "адзін раз" in again.text
    (record,) = opened(service, tmp_path, name="again")
    assert record["revision"] == 2
    assert me.send(base=2).status_code == 422  # nothing new


def test_the_card_for_sorting_is_renewed_when_it_says_something_else(
    service: Service, tmp_path: Path, photo: bytes
) -> None:
    me = sent(service)
    me.save("section:acts:0", q__violations=["beating"])
    me.post("files", "add", [("a.jpg", photo, "image/jpeg")], origin="received")
    assert me.send(base=1).status_code == 200
    (record,) = opened(service, tmp_path)
    old, new = parts(record, "triage")
    assert (old["media"], new["media"]) == (0, 1) and new["revises"] and new["violations"] == ["beating"]
    assert new["facility"] == old["facility"] == "akrestsina_tsip"


def test_what_was_not_allowed_before_stays_closed_in_an_addition(service: Service, tmp_path: Path) -> None:
    me = sent(service)
    me.save("section:person", q__name="Янка")
    assert 'class="notice"' in me.post("review").text
    assert me.send(base=1).status_code == 200
    assert "person" not in answered(opened(service, tmp_path)[0])
    other = sent(service, identity__demo="yes")
    other.save("section:person", q__name="Янка")
    assert other.send(base=1).status_code == 200
    found = [answered(record).get("person") for record in opened(service, tmp_path, name="2")]
    assert found.count({"name": "Янка"}) == 1


def test_an_answer_saved_again_unchanged_is_nothing_to_send(service: Service) -> None:
    me = sent(service)
    me.save("section:detention:0", q__facility="akrestsina_tsip", q__people="12")
    assert me.send(base=1).status_code == 422


def test_a_testimony_by_the_short_form_is_continued(service: Service, tmp_path: Path) -> None:
    receipt = new_receipt()
    service.send_form(form_fields(receipt, narrative="Коратка."))
    me = Writing(service, receipt)
    me.save("section:events:0", q__place="Мінск")
    assert me.send(base=1).status_code == 200
    (record,) = opened(service, tmp_path)
    assert answered(record)["events"] == [{"place": "Мінск"}]


def test_a_draft_under_a_receipt_that_was_used_meanwhile_does_not_overwrite(service: Service) -> None:
    me = Writing(service)
    me.tell()
    service.send_form(form_fields(me.receipt, narrative="Коратка."))
    assert me.send(base=0).status_code in (200, 409)
    page = me.kept()
    assert "Коратка." in page and page.count('value="narrative:') == 1


def test_a_record_sealed_on_a_device_is_opened_here_only_after_a_confirmation(
    service: Service, tmp_path: Path
) -> None:
    receipt, _ = service.submit(prepared(tmp_path / "t", {}, narrative="Запячатана."))
    me = Writing(service, receipt)
    asked = me.post()
    assert 'name="confirm"' in asked.text and "Запячатана." not in asked.text
    assert 'name="confirm"' in me.post("narrative", "save", narrative="Так.", capacity="victim").text
    page = me.post("", confirm="yes").text
    assert "Запячатана." in page and '<input type="hidden" name="confirm" value="yes">' in page
    me.save("narrative", confirm="yes", narrative="Яшчэ.", capacity="victim")
    assert me.post("review", "send", base="1", confirm="yes").status_code == 200
    found = [fields["text"] for fields in parts(opened(service, tmp_path)[0], "narrative")]
    assert sorted(found) == ["Запячатана.", "Яшчэ."]


def test_a_receipt_that_opens_nothing_any_more_still_adds(service: Service, tmp_path: Path) -> None:
    me = sent(service)
    keys = me.receipt.keys()
    own = service.installation.mailbox.open(keys.lookup, keys.auth)
    forget_own_grants(service.installation.database, own)
    page = me.kept()
    assert STORY[:10] not in page and 'value="narrative"' in page
    me.save("narrative", narrative="Усляпую.", capacity="victim")
    me.save("section:events:0", q__place="Мінск")
    page = me.post("review").text
    assert "не можа прачытаць, што вы тут выбралі" in page and "Адказу няма" not in page
    assert me.send(base=1).status_code == 200
    (record,) = opened(service, tmp_path)
    assert "Усляпую." in [fields["text"] for fields in parts(record, "narrative")]
    assert answered(record)["events"] == [{"place": "Мінск"}]
    assert "Усляпую." not in me.kept()


@pytest.mark.parametrize("go", ["", "save", "send"])
def test_a_receipt_in_place_of_a_lost_one_cannot_add_and_is_told_so(service: Service, go: str) -> None:
    me = sent(service)
    keys, later = me.receipt.keys(), new_receipt()
    own = service.installation.mailbox.open(keys.lookup, keys.auth)
    row = restored_row(service, later.keys()) | {"record": own.record, "day": own.received_day}
    with service.installation.database.write() as connection:
        connection.execute(receipts.insert().values(**row))
    told = Writing(service, later).post("narrative", go, narrative="Так.", capacity="victim", base="1")
    assert told.status_code == 409 and digits(later) not in told.text


def restored_row(service: Service, keys: ReceiptKeys) -> dict[str, str]:
    """What `restorations` writes for a receipt that replaces a lost one."""
    return {
        "mechanism": "demo",
        "lookup": Pepper(service.settings.keys_dir).lookup(keys.lookup),
        "auth": sha256(keys.auth).hex(),
        "sign_key": keys.signing.public.hex(),
        "recipient": keys.identity.recipient.fingerprint,
    }
