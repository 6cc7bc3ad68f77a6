"""What a stranger sends who has an invitation, or only a keyboard: passkeys that do not hold, bodies that are none."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import cbor2
import httpx
import pytest
from sqlalchemy import func, select

from crypto.compartments import Compartment
from crypto.encoding import b64u_decode, b64u_encode
from intake.db.tables.staff import passkeys
from tests.authenticator import PRESENT, Passkey
from tests.service import EVERY_DATABASE_IN_TIME, Mechanism, Service, running_on
from tests.staff import Staff, client


@pytest.fixture(scope="module", params=EVERY_DATABASE_IN_TIME)
def service(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, demo: Mechanism
) -> Iterator[Service]:
    with running_on(request.param, tmp_path_factory.mktemp("door"), demo) as service:
        yield service


def known(service: Service) -> int:
    """How many passkeys."""
    with service.installation.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(passkeys)).scalar_one())


# --- enrolling ---


def test_registration_that_does_not_hold_makes_no_passkey(service: Service) -> None:
    staff, before = Staff(service), known(service)
    link = (
        staff.member("administrator").post("/invitations", {"roles": ["reviewer"], "days": 56}).json()["link"]
    )
    secret = link.partition("#join=")[2]
    keys = staff.make_keys("nina", ["reviewer"])
    request = staff.request_for("nina", None, keys.identity, keys.signing)
    printed = Compartment("", "", keys.identity).grant(
        keys.identity.recipient, file_key=bytes(16), nonce=bytes(16)
    )
    browser = client(service)
    key = Passkey("localhost", service.settings.review_url)

    def enrol(made: dict[str, Any]) -> httpx.Response:
        passkey = made | {"name": "phone", "vault": None}
        body = {"secret": secret, "request": request.decode(), "passkeys": [passkey]}
        return browser.post("/review/v1/enrolments", json=body | {"recovery": b64u_encode(printed)})

    def challenge() -> bytes:
        return b64u_decode(browser.post("/review/v1/challenges", json={"for": "enrol"}).json()["challenge"])

    def bent(change: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        made = key.created(challenge())
        opened = cbor2.loads(b64u_decode(made["attestation"]))
        return made | {"attestation": b64u_encode(cbor2.dumps(change(opened)))}

    attempts = [
        key.created(challenge(), flags=PRESENT),
        key.created(challenge(), origin="https://evil.example"),
        Passkey("evil.example", service.settings.review_url).created(challenge()),
        key.created(bytes(32)),
        key.created(challenge()) | {"attestation": b64u_encode(b"\xff" * 100)},
        key.created(challenge())
        | {"attestation": b64u_encode(b"\x9f" * 6000)},  # lists in lists, never closed
        key.created(challenge()) | {"attestation": b64u_encode(b"\xbb" + b"\xff" * 8)},  # a map of 2⁶⁴ names
        key.created(challenge()) | {"attestation": ""},
        bent(lambda opened: opened | {"fmt": "packed", "attStmt": {"alg": -7, "sig": b"s", "x5c": [b"c"]}}),
        bent(lambda opened: opened | {"authData": opened["authData"][:60]}),
        bent(lambda opened: opened | {"authData": opened["authData"] + b"\0"}),
        bent(lambda opened: [opened]),
    ]
    for number, made in enumerate(attempts):
        answer = enrol(made)
        assert answer.status_code in (401, 422), (number, answer.text)
    assert known(service) == before
    assert enrol(key.created(challenge())).status_code == 201  # the same invitation, an honest passkey
    answer = enrol(Passkey("localhost", service.settings.review_url).created(challenge()))
    assert (answer.status_code, answer.json()["code"]) == (401, "invitation_over")


# --- bodies ---


@pytest.mark.parametrize(
    "body",
    [
        b'{"for": "login", "for": "enrol"}',
        b'{"for": NaN}',
        b'{"for": "login", "more": 1}',
        b'{"for": ["login"]}',
        b"[" * 5000,
        b'{"for": "login"',
        b"\xff\xfe",
    ],
)
def test_json_that_could_mean_two_things_is_refused(service: Service, body: bytes) -> None:
    answer = client(service).post(
        "/review/v1/challenges", content=body, headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed"), answer.text


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
def test_what_a_form_of_another_page_can_send_is_no_request(service: Service, kind: str) -> None:
    headers = {"Content-Type": kind} if kind else {}
    body = json.dumps({"for": "login"}).encode()
    answer = client(service).post("/review/v1/challenges", content=body, headers=headers)
    assert answer.status_code == 422


def test_body_larger_than_anything_meant_is_refused_before_it_is_read(service: Service) -> None:
    answer = client(service).post("/review/v1/challenges", json={"for": "x" * 2_000_000})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
