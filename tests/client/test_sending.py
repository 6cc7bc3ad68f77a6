"""Accidents on the sender's side: a file that changes, an epoch that closes."""

import json
from pathlib import Path

import httpx
import pytest

from crypto.errors import VerifyError
from intake.client import api, submit
from intake.record import consent_texts
from tests.service import Service, new_receipt, prepared, video


def test_a_file_that_changes_while_it_is_sent_stops_the_sending(service: Service, tmp_path: Path) -> None:
    folder = prepared(tmp_path / "t", {"a.mp4": video(3_000_000)}, origin="self")

    def change(what: str, done: int, total: int) -> None:
        if what.startswith("reading") and done == total:
            (tmp_path / "t" / "a.mp4").write_bytes(video(3_000_000, b"another"))

    with api.api(service.url, patience=10) as connection:
        known = submit.fetch_bundles(connection, {})
        sender = submit.Submitter(connection, new_receipt(), known, consent_texts.current("be"), change)
        with pytest.raises(VerifyError, match="changed"):
            sender.submit(folder)
    assert service.pull(tmp_path / "pulled").records == []


def test_an_epoch_that_closes_meanwhile_is_evaluated_anew(
    service: Service, tmp_path: Path, photo: bytes
) -> None:
    class Stale(httpx.HTTPTransport):
        told = 0

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            response = super().handle_request(request)
            if request.method == "GET" and request.url.path == "/v1/oprf" and not Stale.told:
                Stale.told += 1
                body = json.loads(response.read()) | {"epoch": 99}
                return httpx.Response(200, json=body, request=request)
            return response

    folder = prepared(tmp_path / "t", {"a.jpg": photo})
    with api.api(service.url, patience=10, transport=Stale()) as connection:
        known = submit.fetch_bundles(connection, {})
        sender = submit.Submitter(connection, new_receipt(), known, consent_texts.current("be"))
        assert sender.submit(folder).fresh
    assert Stale.told == 1


def test_a_root_key_that_is_not_the_published_one_stops_everything(service: Service) -> None:
    with (
        api.api(service.url, patience=10) as connection,
        pytest.raises(VerifyError, match="do not send anything"),
    ):
        submit.fetch_bundles(connection, {"demo": "00" * 32})
