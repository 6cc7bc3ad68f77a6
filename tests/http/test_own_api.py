"""The API under the receipt: who gets in, what it says, and what a body that is not as described gets."""

import json
import secrets
from typing import Any

import pytest

from crypto.encoding import b64u_encode
from tests.own import Person, allow
from tests.service import Service, on_every_database_in_time

CHANGING = (
    ("POST", "/revisions"),
    ("POST", "/withdrawals"),
    ("DELETE", "/grants"),
    ("POST", "/deletion"),
    ("POST", "/deletion/cancel"),
)


@pytest.fixture
def person(service: Service) -> Person:
    sender = Person(service)
    sender.send("Тэкст")
    return sender


@pytest.mark.parametrize(("method", "path"), CHANGING)
def test_nobody_changes_a_record_without_its_receipt(
    service: Service, person: Person, method: str, path: str
) -> None:
    url = f"{service.url}/v1/mailbox{path}"
    body: dict[str, Any] = {"objections" if path.endswith("cancel") else "withdrawals": {}}
    headers = {"Idempotency-Key": secrets.token_hex(16)}
    assert service.http.request(method, url, json=body, headers=headers).status_code == 401
    wrong = f"{b64u_encode(person.keys.lookup)}.{b64u_encode(secrets.token_bytes(32))}"
    headers |= {"Authorization": f"Intake-Receipt {wrong}"}
    assert service.http.request(method, url, json=body, headers=headers).status_code == 404
    assert person.look()["revision"] == 1 and person.look()["grants"]


@on_every_database_in_time
def test_submitter_reads_how_far_the_record_is(person: Person) -> None:
    found = person.look()
    assert (found["revision"], found["restored"]) == (1, False)
    assert person.revise("Яшчэ").json()["revision"] == 2
    found = person.look()
    assert found["revision"] == len(found["statements"]) == 2


def test_a_revision_needs_a_key_of_its_own(service: Service, person: Person) -> None:
    body = json.dumps(person.revision("Яшчэ"))
    headers = {**person.headers, "Content-Type": "application/json"}
    url = f"{service.url}/v1/mailbox/revisions"
    for key in ({}, {"Idempotency-Key": "short"}):
        refused = service.http.post(url, content=body, headers=headers | key)
        assert (refused.status_code, refused.json()["code"]) == (400, "idempotency_key")
    accepted = service.http.post(url, content=body, headers=headers | {"Idempotency-Key": "k" * 16})
    assert accepted.status_code == 201


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/revisions", "{}"),
        ("/revisions", "["),
        ("/revisions", '{"statement": 1, "signature": "", "parts": [], "grants": [], "withdrawals": {}}'),
        ("/revisions", '{"statement": "", "signature": "", "parts": [], "grants": [], "withdrawals": []}'),
        (
            "/revisions",
            '{"statement": "\\ud800", "signature": "", "parts": [], "grants": [], "withdrawals": {}}',
        ),
        (
            "/revisions",
            '{"statement": "{}", "signature": "AA", "parts": [], "grants": [], "withdrawals": {}}',
        ),
        ("/withdrawals", "{}"),
        ("/withdrawals", '{"withdrawals": {"demo": 1}}'),
        ("/deletion", '{"withdrawals": {"demo": "x"}, "more": 1}'),
        ("/deletion", json.dumps({"withdrawals": {"demo": "x" * 9000}})),
    ],
)
def test_what_is_not_as_described_is_refused(service: Service, person: Person, path: str, body: str) -> None:
    headers = {**person.headers, "Content-Type": "application/json", "Idempotency-Key": "k" * 16}
    answer = service.http.post(f"{service.url}/v1/mailbox{path}", content=body, headers=headers)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert person.look()["revision"] == 1


@on_every_database_in_time
def test_a_large_revision_comes_through_and_a_larger_one_does_not(service: Service, person: Person) -> None:
    texts = ["а" * 20_000] * 4
    assert person.revise(*texts).status_code == 201
    assert len(person.open().of("narrative")) == 5
    headers = {**person.headers, "Idempotency-Key": "k" * 16}
    url = f"{service.url}/v1/mailbox/revisions"
    refused = service.http.post(url, content=b" " * (25 * 1024 * 1024), headers=headers)
    assert refused.status_code == 413


@pytest.mark.parametrize("path", ["/deletion", "/withdrawals"])
def test_as_many_withdrawals_come_through_as_may_be_sent(person: Person, path: str) -> None:
    many = {f"m{n:03}": '"' * 8192 for n in range(200)}
    assert person.post(f"/v1/mailbox{path}", {"withdrawals": many}).status_code in (409, 422)
    assert person.post(f"/v1/mailbox{path}", {"withdrawals": {"m": "x" * 2**22}}).status_code == 413


@on_every_database_in_time
def test_reading_less_is_for_ever_and_changes_nothing_for_others(person: Person) -> None:
    record = person.look()
    assert person.delete("/grants").json() == {"deleted": len(record["grants"])}
    after = person.look()
    assert after["grants"] == [] and after["statements"] == record["statements"]
    assert person.revise("Яшчэ", choices=[allow()]).status_code == 201
    assert person.look()["grants"] == []
