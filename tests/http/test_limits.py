"""When room or time runs out: a clear answer, and what is small still goes through."""

import socket
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from crypto.age_stream import sealed_length
from intake.client import api, pull
from intake.db.tables.people import disclosures, tokens
from intake.http.shield import RETURNING_BODY, SMALL_BODY, WITHDRAWALS_BODY, body_limit
from intake.people import sessions
from intake.submissions.secrets import OprfKeys
from tests.sealed import TUS
from tests.service import PURPOSE, Service, form_fields, new_receipt, prepared, running
from tests.staff import Staff, client


def test_without_room_photos_are_refused_and_a_text_is_still_taken(
    tmp_path: Path, demo: Any, photo: bytes
) -> None:
    with running(tmp_path, demo, reserve_mib=10**12) as service:
        full = service.send_form(form_fields(new_receipt(), ("self", "a.jpg", photo)))
        assert full.status_code == 507 and list(service.installation.store.names()) == []
        created = service.http.post(f"{service.url}/v1/uploads", headers={**TUS, "Upload-Length": "2064"})
        assert (created.status_code, created.json()["code"]) == (507, "storage_full")
        assert service.send_form(form_fields(new_receipt())).status_code == 200


def test_too_many_files_in_one_form_are_refused(tmp_path: Path, demo: Any) -> None:
    with running(tmp_path, demo, max_files=2) as service:
        answer = service.send_form(
            form_fields(new_receipt(), *[("self", f"{i}.bin", b"x") for i in range(3)])
        )
        assert answer.status_code == 413 and list(service.installation.store.names()) == []


def test_unclaimed_uploads_together_have_a_limit_that_counts_what_arrived(
    tmp_path: Path, demo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.submissions.uploads._COUNT_SECONDS", 0)
    with running(tmp_path, demo, max_pending_mib=1) as service:

        def create(length: int) -> Any:
            return service.http.post(
                f"{service.url}/v1/uploads", headers={**TUS, "Upload-Length": str(length)}
            )

        for _ in range(3):  # announcing much costs others nothing
            assert create(sealed_length(2_000_000)).status_code == 201
        first = create(sealed_length(1_200_000))
        assert first.status_code == 201
        headers = {**TUS, "Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
        service.http.patch(
            first.headers["location"], content=bytes(sealed_length(1_200_000)), headers=headers
        )
        refused = create(2064)
        assert refused.status_code == 429 and int(refused.headers["retry-after"]) > 0


def test_small_bodies_have_a_limit(service: Service) -> None:
    for path, limit in (
        ("/v1/oprf", SMALL_BODY),
        ("/oauth/token", SMALL_BODY),
        ("/v1/mailbox/deletion", WITHDRAWALS_BODY),
        ("/be/return", RETURNING_BODY),
    ):
        answer = service.http.post(service.url + path, content=b"x" * (limit + 1))
        assert answer.status_code == 413, path

        def pieces(limit: int = limit) -> Any:
            for _ in range(20):
                yield b"x" * (limit // 10)

        assert service.http.post(service.url + path, content=pieces()).status_code == 413, path


def test_a_token_that_ends_during_a_pull_is_renewed(service: Service, tmp_path: Path, photo: bytes) -> None:
    _, sent = service.submit(prepared(tmp_path / "t", {"a.jpg": photo}))

    class Forgetful(pull.FeedClient):
        def record(self, record: str) -> dict[str, Any]:
            found = super().record(record)
            with service.installation.database.write() as connection:
                connection.execute(delete(disclosures))
                connection.execute(delete(tokens))
            return found

    with api.api(service.url, patience=10) as connection:
        feed = Forgetful(connection, pull.load_client(service.mechanism.client_file), PURPOSE)
        assert pull.pull(feed, tmp_path / "pulled").records == [sent.record]
    assert service.open(tmp_path / "pulled", tmp_path / "opened")[0].problems == {}


def test_evaluations_have_one_bucket_for_everybody(tmp_path: Path, demo: Any) -> None:
    with running(tmp_path, demo, oprf_burst=3, oprf_per_second=1) as service:
        epoch = service.http.get(f"{service.url}/v1/oprf").json()["epoch"]
        element = "A2sX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKW"  # the generator of P-256
        body = {"epoch": epoch, "elements": [element] * 3}
        assert service.http.post(f"{service.url}/v1/oprf", json=body).status_code == 200
        refused = service.http.post(f"{service.url}/v1/oprf", json=body)
        assert refused.status_code == 429 and 1 <= int(refused.headers["retry-after"]) <= 4


def test_two_processes_that_begin_an_epoch_at_once_share_its_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = OprfKeys(tmp_path, 90, 24), OprfKeys(tmp_path, 90, 24)
    monkeypatch.setattr(two, "_read", lambda: (0, 0))  # it looked before the first one wrote
    assert one.current() == two.current()
    assert one.direct(b"x") == two.key(1).direct(b"x")


def test_a_body_from_which_nothing_comes_is_given_up_and_an_upload_keeps_what_came(
    tmp_path: Path, demo: Any
) -> None:
    with running(tmp_path, demo, body_idle_seconds=1, max_active_uploads=1) as service:
        created = service.http.post(f"{service.url}/v1/uploads", headers={**TUS, "Upload-Length": "2064"})
        path = "/" + created.headers["location"].split("/", 3)[3]
        form = "POST /en/submit HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        tus = f"PATCH {path} HTTP/1.1\r\nHost: x\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
        tus += "Content-Type: application/offset+octet-stream\r\n"
        begun = b'--b\r\nContent-Disposition: form-data; name="receipt"\r\n\r\n'
        for head, data in ((form, begun), (tus, b"x" * 500)):
            with socket.create_connection(("127.0.0.1", service.settings.port), timeout=20) as stalled:
                stalled.sendall(f"{head}Content-Length: 2064\r\n\r\n".encode() + data)
                assert b" 400 " in stalled.recv(65536).split(b"\r\n")[0]
        state = service.http.head(created.headers["location"], headers=TUS)
        assert state.headers["upload-offset"] == "500"
        assert service.send_form(form_fields(new_receipt())).status_code == 200


def test_strangers_who_flood_the_review_door_do_not_stop_a_member_who_is_logged_in(
    tmp_path: Path, demo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.http.context._ENTRIES_PER_SECOND", 0.001)
    monkeypatch.setattr("intake.http.context._ENTRIES_AT_ONCE", 5)
    with running(tmp_path, demo) as service:
        anna = Staff(service).member("administrator")
        stranger, pretender = client(service), client(service, "a" * 43)

        def challenge(somebody: Any, kind: str) -> int:
            return int(somebody.post("/review/v1/challenges", json={"for": kind}).status_code)

        assert [challenge(stranger, "login") for _ in range(6)] == [200] * 5 + [429]
        assert challenge(stranger, "fresh") == challenge(pretender, "fresh") == 429
        passkey: dict[str, Any] = {
            "id": "A",
            "client_data": "",
            "attestation": "",
            "name": "n",
            "vault": None,
        }
        assertion = {"id": "A", "client_data": "", "authenticator_data": "", "signature": ""}
        for path, body in (
            ("/sessions", {"assertion": assertion, "purpose": PURPOSE}),
            ("/enrolments", {"secret": "", "request": "{}", "passkeys": [passkey], "recovery": None}),
            ("/invitation", {"secret": ""}),
        ):
            assert stranger.post(f"/review/v1{path}", json=body).status_code == 429, path
        assert [challenge(anna.client, "fresh") for _ in range(5)] == [200] * 5
        assert challenge(anna.client, "fresh") == 429  # a member's own flood is their own
        with service.installation.database.write() as connection:
            sessions.end(connection, anna.cookie)
        assert challenge(anna.client, "fresh") == 429


def test_a_members_keys_of_a_large_record_fit_into_one_request() -> None:
    for path in ("records/x/assignments", "identity-requests/x/decision", "keys/wraps"):
        assert body_limit(f"/review/v1/{path}") == 256 * 1024
