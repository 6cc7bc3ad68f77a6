"""Torn, short, long and bit-flipped uploads, and names used twice: refused, and nothing is stored."""

import json
import secrets
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from crypto.age_stream import sealed_length
from intake.db.tables.submissions import parts, payloads, records
from tests.sealed import PATCH, TUS, Sealed, upload
from tests.service import Service, form_fields, new_receipt, on_every_backend

pytestmark = on_every_backend


def stored(service: Service) -> int:
    """Rows that a submission leaves."""
    with service.installation.database.read() as connection:
        tables = (records, parts, payloads)
        return sum(connection.execute(select(func.count()).select_from(t)).scalar_one() for t in tables)


def create(service: Service, length: int) -> str:
    answer = service.http.post(f"{service.url}/v1/uploads", headers={**TUS, "Upload-Length": str(length)})
    assert answer.status_code == 201
    return str(answer.headers["location"])


def patch(service: Service, address: str, data: bytes, offset: int = 0) -> httpx.Response:
    return service.http.patch(address, content=data, headers={**PATCH, "Upload-Offset": str(offset)})


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


@pytest.mark.parametrize("place", [0, 16, 2000, -1])
def test_upload_with_one_bit_changed_is_not_the_payload_that_was_signed(service: Service, place: int) -> None:
    sealed = Sealed(service)
    payload = bytearray(sealed.narrative.payload)
    payload[place] ^= 1
    body = sealed.body()
    body["parts"][0]["upload"] = upload(service, bytes(payload))
    assert code(sealed.send(body)) == (422, "payload_differs")
    assert stored(service) == 0


def test_torn_upload_cannot_be_submitted_and_goes_on_where_it_stopped(service: Service) -> None:
    sealed = Sealed(service)
    payload = sealed.narrative.payload
    address = create(service, len(payload))
    assert patch(service, address, payload[:5000]).status_code == 204
    body = sealed.body()
    body["parts"][0]["upload"] = address.rpartition("/")[2]
    assert code(sealed.send(body)) == (422, "upload_incomplete")
    assert stored(service) == 0
    assert code(patch(service, address, payload, 0)) == (409, "offset")
    assert code(patch(service, address, payload[5001:], 5001)) == (409, "offset")
    assert patch(service, address, payload[5000:], 5000).status_code == 204
    assert sealed.send(body).status_code == 201


def test_shorter_payload_than_was_signed_is_refused(service: Service) -> None:
    sealed = Sealed(service)
    body = sealed.body()
    short = sealed.narrative.payload[: sealed_length(2048)]
    body["parts"][0]["upload"] = upload(service, short)
    assert code(sealed.send(body)) == (422, "payload_differs")
    assert stored(service) == 0


def test_more_bytes_than_announced_are_refused_and_the_upload_is_not_complete(service: Service) -> None:
    sealed = Sealed(service)
    payload = sealed.narrative.payload
    address = create(service, len(payload))
    assert code(patch(service, address, payload + b"x")) == (413, "upload_overrun")
    state = service.http.head(address, headers=TUS)
    assert int(state.headers["upload-offset"]) < len(payload)
    rest = int(state.headers["upload-offset"])
    assert patch(service, address, payload[rest:], rest).status_code == 204
    body = sealed.body()
    body["parts"][0]["upload"] = address.rpartition("/")[2]
    assert sealed.send(body).status_code == 201


def test_complete_upload_takes_no_more_bytes(service: Service) -> None:
    payload = Sealed(service).narrative.payload
    address = create(service, len(payload))
    assert patch(service, address, payload).status_code == 204
    assert code(patch(service, address, b"x", len(payload))) == (409, "offset")
    assert code(patch(service, address, payload, 0)) == (409, "offset")


def test_upload_used_by_one_submission_cannot_be_used_by_another(service: Service) -> None:
    first, second = Sealed(service), Sealed(service)
    body = first.body()
    assert first.send(body).status_code == 201
    before = stored(service)
    taken = second.body()
    taken["parts"][0]["upload"] = body["parts"][0]["upload"]
    assert second.send(taken).status_code in (409, 422)
    assert stored(service) == before


def test_one_upload_for_two_parts_is_refused(service: Service) -> None:
    sealed = Sealed(service)
    sealed.add("section", {"text": "other"})
    body = sealed.body()
    body["parts"][1]["upload"] = body["parts"][0]["upload"]
    assert sealed.send(body).status_code == 422
    assert stored(service) == 0


def test_key_used_again_with_another_body_is_refused_and_the_first_stays(service: Service) -> None:
    first, second = Sealed(service), Sealed(service)
    headers = {"Idempotency-Key": secrets.token_hex(16), "Content-Type": "application/json"}

    def post(body: dict[str, Any]) -> httpx.Response:
        return service.http.post(f"{service.url}/v1/submissions", content=json.dumps(body), headers=headers)

    body = first.body()
    received = post(body)
    assert received.status_code == 201
    before = stored(service)
    assert code(post(second.body())) == (422, "key_reused")
    assert stored(service) == before
    again = post(body)
    assert (again.status_code, again.json()) == (200, received.json())


@pytest.mark.parametrize("left", [100, 3000, 70_000, -4])
def test_form_that_breaks_off_stores_nothing(service: Service, photo: bytes, left: int) -> None:
    fields = form_fields(new_receipt(), ("received", "a.jpg", photo))
    files = [(name, v if isinstance(v, tuple) else (None, v)) for name, v in fields]
    request = service.http.build_request("POST", f"{service.url}/be/submit", files=files)
    body = request.read()[:left]
    kind = request.headers["content-type"]
    answer = service.http.post(f"{service.url}/be/submit", content=body, headers={"Content-Type": kind})
    assert answer.status_code in (400, 422)
    assert stored(service) == 0 and list(service.installation.store.names()) == []
