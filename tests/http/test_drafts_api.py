"""Drafts that somebody seals on their own device: who gets at them, what fits, and how long they last."""

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from crypto.encoding import b64u_encode
from crypto.receipt import Receipt
from intake import clock
from intake.db.tables.submissions import uploads
from intake.submissions import drafts
from tests.http.test_write import Writing
from tests.sealed import Sealed, upload
from tests.service import Service, form_fields, new_receipt, on_every_database_in_time


@dataclass
class Author:
    """A program with a receipt, which it never shows."""

    service: Service
    receipt: Receipt = field(default_factory=new_receipt)

    def __post_init__(self) -> None:
        self.keys = self.receipt.keys()
        secrets_ = f"{b64u_encode(self.keys.lookup)}.{b64u_encode(self.keys.auth)}"
        self.headers = {"Authorization": f"Intake-Receipt {secrets_}"}

    def ask(self, method: str, body: Any = None, headers: Mapping[str, str] | None = None) -> httpx.Response:
        url = f"{self.service.url}/v1/drafts"
        return self.service.http.request(method, url, json=body, headers=headers or self.headers)

    def sealed(self, name: str, value: bytes) -> tuple[str, str]:
        file = drafts._seal(self.keys, name, value)
        return drafts._name(self.keys, name), b64u_encode(file)

    def put(self, entries: Mapping[str, bytes | None], names: list[str] | None = None) -> httpx.Response:
        sent = {
            named: None if value is None else file
            for name, value in entries.items()
            for named, file in [self.sealed(name, value or b"")]
        }
        return self.ask("PUT", {"entries": sent, "uploads": names or []})

    def kept(self) -> dict[str, bytes]:
        found = self.ask("GET").json()["entries"]
        opened = {
            named: drafts._open(self.keys, base64.urlsafe_b64decode(file + "=="))
            for named, file in found.items()
        }
        assert all(named == drafts._name(self.keys, name) for named, (name, _) in opened.items())
        return dict(opened.values())


@on_every_database_in_time
def test_author_keeps_changes_and_forgets_entries(service: Service) -> None:
    me, other = Author(service), Author(service)
    assert me.kept() == {}
    answer = me.put({"narrative": "Тэкст".encode(), "section:events": b"{}"})
    assert (answer.status_code, answer.json()) == (200, {"hours": drafts.HOURS})
    other.put({"narrative": b"other"})
    assert me.put({"narrative": b"again", "section:events": None, "never there": None}).status_code == 200
    assert me.kept() == {"narrative": b"again"} and other.kept() == {"narrative": b"other"}
    assert me.ask("DELETE").json() == {"deleted": True}
    assert me.kept() == {} and other.kept() == {"narrative": b"other"}


def test_half_of_the_receipts_secrets_opens_nothing(service: Service) -> None:
    me = Author(service)
    me.put({"narrative": b"x"})
    wrong = b64u_encode(secrets.token_bytes(32))
    lookup, auth = b64u_encode(me.keys.lookup), b64u_encode(me.keys.auth)
    for given in (f"{lookup}.{wrong}", f"{wrong}.{auth}"):
        headers = {"Authorization": f"Intake-Receipt {given}"}
        assert me.ask("GET", headers=headers).json() == {"entries": {}}
        assert me.ask("DELETE", headers=headers).status_code == 200
    for header in ({"Authorization": "Bearer x"}, {"Authorization": f"Intake-Receipt {lookup}"}):
        for method in ("GET", "PUT", "DELETE"):
            assert me.ask(method, headers=header).status_code == 401
    assert me.kept() == {"narrative": b"x"}


@on_every_database_in_time
def test_the_form_without_scripts_and_the_browser_go_on_with_the_same_draft(service: Service) -> None:
    plain = Writing(service)
    plain.tell("Тэкст з формы.")
    me = Author(service, plain.receipt)
    assert "Тэкст з формы." in me.kept()["narrative"].decode()
    value = '{"capacity":"victim","language":"be","text":"Тэкст з браўзера."}'.encode()
    me.put({"narrative": value, "typing": b"{}", "sending:ab": b"{}"})
    assert "Тэкст з браўзера." in plain.post("narrative").text


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"entries": {}, "uploads": []},
        {"entries": {"x": None}, "uploads": []},
        {"entries": {"ab" * 32: ""}, "uploads": []},
        {"entries": {"ab" * 32: "AAAA"}, "uploads": []},
        {"entries": {"ab" * 32: None}, "uploads": ["x"]},
        {"entries": {"ab" * 32: None}, "uploads": ["ab" * 16] * 31},
        {"entries": {f"{n:064x}": None for n in range(65)}, "uploads": []},
    ],
)
def test_what_is_no_sealed_entry_is_refused(service: Service, body: Any) -> None:
    answer = Author(service).ask("PUT", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed"), answer.text


def test_a_short_file_or_one_for_two_readers_is_no_entry(service: Service) -> None:
    me = Author(service)
    named, file = me.sealed("narrative", b"x")
    whole = base64.urlsafe_b64decode(file + "==")
    for other in (whole[:-1], whole[:-4096], whole + b"\0", b"x" + whole):
        body = {"entries": {named: b64u_encode(other)}, "uploads": []}
        assert me.ask("PUT", body).status_code == 422
    assert me.kept() == {}


def test_all_of_a_request_is_kept_or_nothing_of_it(service: Service) -> None:
    me = Author(service)
    me.put({f"section:{n}": b"x" for n in range(60)})
    more = me.put({f"more:{n}": b"x" for n in range(5)})
    assert (more.status_code, more.json()["code"]) == (413, "draft_full")
    assert len(me.kept()) == 60
    assert me.put({f"more:{n}": b"x" for n in range(5)} | {"section:0": None}).status_code == 200
    assert len(me.kept()) == 64


@on_every_database_in_time
def test_files_of_a_draft_live_as_long_as_it(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    me, name = Author(service), upload(service, b"\0" * (16 + 16 + 2048))
    upload(service, b"\0" * (16 + 16 + 2048))  # of no draft
    assert me.put({"file:ab": b"{}"}, [name]).status_code == 200
    with service.owner.read() as connection:
        left = sorted(
            e - clock.hour_number() for e in connection.execute(select(uploads.c.expires)).scalars()
        )
    assert left[0] <= service.settings.upload_hours and left[1] >= drafts.HOURS - 1


@on_every_database_in_time
def test_receiving_a_sealed_testimony_forgets_its_draft(service: Service) -> None:
    me = Author(service)
    me.put({"narrative": b"x"})
    assert Sealed(service, me.keys).send().status_code == 201
    assert me.kept() == {}
    again = Author(service)
    again.put({"narrative": b"x"})
    assert service.send_form(form_fields(again.receipt)).status_code == 200
    assert again.kept() == {}
