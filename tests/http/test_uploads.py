"""Resumable uploads: tus 1.0, as a client with a bad connection uses it."""

import hashlib
import os
import socket
import time

import httpx
import pytest
from sqlalchemy import select

from crypto.age_stream import sealed_length
from intake.db.tables.submissions import uploads
from tests.sealed import PATCH, TUS
from tests.service import Service, on_every_backend

pytestmark = on_every_backend

LENGTH = sealed_length(300_000)
DATA = os.urandom(LENGTH)


def create(service: Service, length: int = LENGTH) -> str:
    answer = service.http.post(f"{service.url}/v1/uploads", headers={**TUS, "Upload-Length": str(length)})
    assert answer.status_code == 201
    assert answer.headers["upload-offset"] == "0" and "upload-expires" in answer.headers
    return str(answer.headers["location"])


def patch(service: Service, address: str, offset: int, data: bytes) -> httpx.Response:
    return service.http.patch(address, content=data, headers={**PATCH, "Upload-Offset": str(offset)})


def offset(service: Service, address: str) -> int:
    answer = service.http.head(address, headers=TUS)
    assert answer.headers["upload-length"] == str(LENGTH)
    return int(answer.headers["upload-offset"])


def test_pieces_make_the_whole_and_the_server_hashes_what_it_received(service: Service) -> None:
    address = create(service)
    for start in range(0, LENGTH, 77_777):
        answer = patch(service, address, start, DATA[start : start + 77_777])
        assert answer.status_code == 204
    assert offset(service, address) == LENGTH
    with service.installation.database.read() as connection:
        row = connection.execute(select(uploads)).one()
    assert row.payload_id == hashlib.sha256(DATA).hexdigest()
    blob = service.installation.store.open(row.blob)
    assert blob.read(0, LENGTH) == DATA
    blob.close()


def test_a_connection_that_breaks_keeps_what_arrived(service: Service) -> None:
    address = create(service)
    path = "/" + address.split("/", 3)[3]
    with socket.create_connection(("127.0.0.1", service.settings.port)) as connection:
        head = (
            f"PATCH {path} HTTP/1.1\r\nHost: x\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
            f"Content-Type: application/offset+octet-stream\r\nContent-Length: {LENGTH}\r\n\r\n"
        )
        connection.sendall(head.encode() + DATA[:200_000])
        time.sleep(0.3)
    deadline = time.monotonic() + 5
    while offset(service, address) == 0 and time.monotonic() < deadline:
        time.sleep(0.05)
    kept = offset(service, address)
    assert kept == 200_000
    assert patch(service, address, kept, DATA[kept:]).status_code == 204
    with service.installation.database.read() as connection:
        assert (
            connection.execute(select(uploads.c.payload_id)).scalar_one() == hashlib.sha256(DATA).hexdigest()
        )


def test_another_process_goes_on_with_an_upload(service: Service) -> None:
    """Its hash state is not at hand there: what is durable is read again."""
    address = create(service)
    patch(service, address, 0, DATA[:150_000])
    from intake.submissions.uploads import Uploads

    elsewhere: Uploads = service.installation.uploads
    appending = elsewhere.append(address.rpartition("/")[2], 150_000)
    appending.write(DATA[150_000:])
    appending.sync()
    appending.close()
    with service.installation.database.read() as connection:
        assert (
            connection.execute(select(uploads.c.payload_id)).scalar_one() == hashlib.sha256(DATA).hexdigest()
        )


def test_wrong_offsets_overruns_and_finished_uploads_are_409_or_413(service: Service) -> None:
    address = create(service)
    assert patch(service, address, 5, b"x").json()["offset"] == 0
    assert patch(service, address, 0, DATA + b"x").status_code == 413
    rest = offset(service, address)
    assert patch(service, address, rest, DATA[rest:]).status_code == 204
    assert patch(service, address, LENGTH, b"").status_code == 409


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Upload-Length": "100"}, 400),
        ({**TUS}, 400),
        ({**TUS, "Upload-Length": "-1"}, 400),
        ({**TUS, "Upload-Length": "x"}, 400),
        ({**TUS, "Upload-Length": "9" * 16}, 400),
        ({**TUS, "Upload-Length": "9" * 15}, 413),
        ({**TUS, "Upload-Length": "10"}, 422),
    ],
    ids=str,
)
def test_a_creation_that_makes_no_sense_is_refused(
    service: Service, headers: dict[str, str], status: int
) -> None:
    answer = service.http.post(f"{service.url}/v1/uploads", headers=headers)
    assert answer.status_code == status and "code" in answer.json()


def test_only_who_holds_the_address_can_use_it(service: Service) -> None:
    create(service)
    assert service.http.head(f"{service.url}/v1/uploads/{'0' * 32}", headers=TUS).status_code == 404
    with service.installation.database.read() as connection:
        stored = connection.execute(select(uploads.c.id)).scalar_one()
    assert service.http.head(f"{service.url}/v1/uploads/{stored}", headers=TUS).status_code == 404


def test_a_cancelled_upload_leaves_nothing(service: Service) -> None:
    half, whole = create(service), create(service)
    patch(service, half, 0, DATA[:100])
    patch(service, whole, 0, DATA)
    for address in (half, whole):
        assert service.http.delete(address, headers=TUS).status_code == 204
        assert service.http.head(address, headers=TUS).status_code == 404
    assert not list(service.installation.store.names()) and not list(service.installation.store.stages())


def test_abandoned_uploads_expire(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    half, whole = create(service), create(service)
    patch(service, half, 0, DATA[:100])
    patch(service, whole, 0, DATA)
    later = time.time() + 25 * 3600
    monkeypatch.setattr("intake.clock.now", lambda: int(later))
    assert service.http.head(half, headers=TUS).status_code == 404
    assert service.installation.payloads.maintain().expired == 2
    assert not list(service.installation.store.names()) and not list(service.installation.store.stages())


def test_options_tell_what_the_server_can_do(service: Service) -> None:
    answer = service.http.options(f"{service.url}/v1/uploads")
    assert answer.headers["tus-version"] == "1.0.0" and int(answer.headers["tus-max-size"]) > 2**32
