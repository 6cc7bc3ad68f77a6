"""The answer to a POST is lost: the person sends again, and there is one record."""

import secrets
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from crypto.encoding import b64u_encode
from intake.client import api
from intake.db.tables.submissions import records
from tests.sealed import Sealed
from tests.service import Service, form_fields, new_receipt, on_every_database_in_time, prepared

pytestmark = on_every_database_in_time


def count(service: Service) -> int:
    with service.installation.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(records)).scalar_one())


class Lossy(httpx.HTTPTransport):
    """A network that delivers requests, and loses the first answer to each kind of request."""

    def __init__(self) -> None:
        super().__init__()
        self.lost: set[str] = set()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        kind = f"{request.method} {request.url.path.split('/')[2]}"
        if request.method in ("POST", "PATCH") and kind not in self.lost:
            self.lost.add(kind)
            response.close()
            raise httpx.ReadError("the answer was lost", request=request)
        return response


def test_client_whose_answers_are_lost_still_ends_with_one_record(
    service: Service, tmp_path: Path, photo: bytes, monkeypatch: Any
) -> None:
    lossy = Lossy()
    original = api.Api

    def with_losses(url: str, **options: Any) -> api.Api:
        return original(url, transport=lossy, **options)

    monkeypatch.setattr(api, "Api", with_losses)
    _, sent = service.submit(prepared(tmp_path / "t", {"a.jpg": photo}))

    assert lossy.lost == {"POST uploads", "PATCH uploads", "POST oprf", "POST submissions"}
    assert count(service) == 1 and not sent.fresh  # the first answer, which was lost, was the fresh one
    monkeypatch.setattr(api, "Api", original)
    service.pull(tmp_path / "pulled")
    assert service.open(tmp_path / "pulled", tmp_path / "opened")[0].problems == {}


def test_client_begins_an_upload_anew_that_the_server_lost(
    service: Service, tmp_path: Path, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Forgetting(httpx.HTTPTransport):
        forgot = False

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if request.method == "PATCH" and not Forgetting.forgot:
                Forgetting.forgot = True
                service.installation.uploads.cancel(request.url.path.rpartition("/")[2])
            return super().handle_request(request)

    original = api.Api
    monkeypatch.setattr(api, "Api", lambda url, **options: original(url, transport=Forgetting(), **options))
    service.submit(prepared(tmp_path / "t", {"a.jpg": photo}))
    assert Forgetting.forgot and count(service) == 1


def test_form_sent_again_after_a_lost_answer_is_received_once(service: Service, photo: bytes) -> None:
    fields = form_fields(new_receipt(), ("received", "a.jpg", photo))
    first = service.send_form(fields)
    second = service.send_form(fields)

    assert (first.status_code, second.status_code) == (200, 200)
    assert count(service) == 1


def test_another_testimony_under_a_used_receipt_changes_nothing(
    service: Service, tmp_path: Path, photo: bytes
) -> None:
    receipt = new_receipt()
    service.send_form(form_fields(receipt, narrative="Першае."))
    answer = service.send_form(form_fields(receipt, ("self", "new.jpg", photo), narrative="Другое."))

    assert answer.status_code == 422
    assert count(service) == 1
    service.pull(tmp_path / "pulled")
    (opened,) = service.open(tmp_path / "pulled", tmp_path / "opened")
    assert (tmp_path / "opened" / opened.record / "narrative.txt").read_text() == "Першае."
    assert opened.media == []


def test_client_under_a_used_receipt_is_refused_and_the_first_record_stays(
    service: Service, tmp_path: Path
) -> None:
    receipt, first = service.submit(prepared(tmp_path / "a", {}))
    try:
        service.submit(prepared(tmp_path / "b", {}, narrative="Другое."), receipt)
    except api.ApiError as error:
        assert (error.status, error.code) == (409, "receipt_used")
    else:
        raise AssertionError("the second submission was accepted")
    assert service.pull(tmp_path / "pulled").records == [first.record]


def test_the_same_idempotency_key_with_another_body_is_422(service: Service) -> None:
    headers = {"Idempotency-Key": secrets.token_hex(16)}
    body = submission_body(service)
    assert service.http.post(f"{service.url}/v1/submissions", json=body, headers=headers).status_code == 201
    assert service.http.post(f"{service.url}/v1/submissions", json=body, headers=headers).status_code == 200
    other = body | {"signature": b64u_encode(bytes(64))}
    answer = service.http.post(f"{service.url}/v1/submissions", json=other, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")
    assert count(service) == 1


def test_a_burst_of_submissions_all_get_through(service: Service) -> None:
    bodies = [submission_body(service) for _ in range(30)]
    statuses: list[int] = []

    def send(body: Any) -> None:
        headers = {"Idempotency-Key": secrets.token_hex(16)}
        statuses.append(
            httpx.post(f"{service.url}/v1/submissions", json=body, headers=headers, timeout=60).status_code
        )

    threads = [threading.Thread(target=send, args=(body,)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert statuses == [201] * 30 and count(service) == 30


def submission_body(service: Service) -> dict[str, Any]:
    """A valid submission's body, with its parts uploaded."""
    return Sealed(service).body()
