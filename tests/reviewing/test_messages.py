"""Members write to the person by their own keys and sessions; the person reads it with the receipt."""

import secrets
from pathlib import Path
from typing import Any

import pytest

from crypto.age_keys import Recipient
from crypto.encoding import b64u_encode
from crypto.message import seal_message, sign_message
from crypto.receipt import Receipt
from crypto.statement import Statement
from intake import clock
from intake.audit.events import Event
from intake.people import members
from tests.casework import own_case
from tests.http.test_feed import entries
from tests.reviewing.desks import assign
from tests.service import Service, on_every_database_in_time, prepared
from tests.staff import Person, Staff

pytestmark = on_every_database_in_time


@pytest.fixture
def receipt(service: Service, tmp_path: Path) -> Receipt:
    return service.submit(prepared(tmp_path / "t", {}))[0]


def statement_of(service: Service, receipt: Receipt) -> Statement:
    with own_case(service, receipt) as own:
        return own.reader.statement


def message(author: Person, signed: Statement, text: str = "Дзякуй", **changes: Any) -> dict[str, str]:
    account = next(c for c in signed.compartments if c.kind == "account")
    part = seal_message(
        Recipient.parse(account.recipient),
        signed.record,
        account.id,
        {"text": text, "language": "be"},
        secrets.token_bytes,
    )
    values: dict[str, Any] = {
        "record": signed.record,
        "mechanism": "demo",
        "day": clock.day(),
        "answers": None,
    }
    envelope = sign_message(
        author.keys.signing,
        **values | changes,
        part=part.entry,
        certificate=author.keys.certificate.raw,
    )
    return {
        "envelope": envelope.decode(),
        "header": b64u_encode(part.header),
        "payload": b64u_encode(part.payload),
    }


def test_the_person_reads_what_a_reviewer_wrote_and_sees_the_standing(
    service: Service, receipt: Receipt
) -> None:
    signed = statement_of(service, receipt)
    anna = Staff(service).member("reviewer", id="anna", name="Anna")
    assign(service, signed.record, anna)
    path, before = f"/records/{signed.record}/messages", len(entries(service))
    sent = message(anna, signed, "Ці была камера агульнай?")
    for _ in range(2):  # the answer was lost
        assert anna.post(path, sent).json()["number"] == 1
    assert anna.post(f"/records/{signed.record}/standing", {"standing": "in_case"}).status_code == 200
    with own_case(service, receipt) as own:
        (shown,) = own.read().messages
        assert shown.text == "Ці была камера агульнай?" and shown.member and shown.member.id == "anna"
        own.send("demo", "Так, нас было сорак", "be", answers=shown.part)
        assert own.standings()["standings"][0]["standing"] == "in_case"
    listed = anna.get(path).json()
    assert [m["sender"] for m in listed["messages"]] == ["mechanism", "submitter"]
    logged = [(e.event, e.record) for e in entries(service)[before:]]
    assert logged == [
        (Event.MESSAGE_SENT, signed.record),
        (Event.STANDING_SET, signed.record),
        (Event.MESSAGES_LISTED, signed.record),
    ]


def test_nobody_writes_in_anothers_name_or_about_a_record_they_do_not_see(
    service: Service, receipt: Receipt
) -> None:
    signed, staff = statement_of(service, receipt), Staff(service)
    anna, bela = staff.member("reviewer", id="anna"), staff.member("reviewer", id="bela")
    auditor = staff.member("auditor", id="olga")
    assign(service, signed.record, anna, auditor)
    path = f"/records/{signed.record}/messages"
    blobs = set(service.installation.store.names())
    refused = anna.post(path, message(bela, signed))
    assert (refused.status_code, refused.json()["code"]) == (403, "author_differs")
    for one, status in ((bela, 404), (auditor, 403)):
        assert one.get(path).status_code == one.post(path, message(one, signed)).status_code == status
        standing = one.post(f"/records/{signed.record}/standing", {"standing": "closed"})
        assert standing.status_code == status
    assert anna.post(path, message(anna, signed, record="ab" * 32)).status_code == 422
    garbled = message(bela, signed) | {"envelope": "{"}  # who sends it is known first, and on the log
    before = sum(e.event is Event.REFUSED for e in entries(service))
    assert [one.post(path, garbled).status_code for one in (auditor, bela, anna)] == [403, 404, 422]
    assert sum(e.event is Event.REFUSED for e in entries(service)) == before + 3
    with service.installation.database.write() as connection:
        members.revoke(connection, "demo", "anna")
    assert anna.post(path, message(anna, signed)).json()["code"] == "member_unknown"
    stranger = staff.enter(bela)
    stranger.client.headers["Cookie"] = "__Host-review=nobody"
    assert stranger.post(path, message(bela, signed)).status_code == 401
    assert stranger.post(path, garbled).status_code == 401
    assert set(service.installation.store.names()) == blobs
    with own_case(service, receipt) as own:
        assert own.read().messages == []
        assert [said["standing"] for said in own.standings()["standings"]] == [None]
