"""Pulling goes wrong halfway: what is missing is named, tried again, and never taken for something else."""

import json
import shutil
import struct
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from crypto import checkpoints, notes
from crypto.checkpoints import Checkpoint
from crypto.errors import FormatError
from crypto.notes import Note, Signature, VerifierKey
from crypto.primitives import SigningKey
from intake.audit.events import Log
from intake.cli import app
from intake.client import api, mechanism_keys, pull
from intake.client.mirror import Mirror
from intake.people import mechanisms
from tests.client.forging import publish, send, served
from tests.service import PURPOSE, Service, prepared


def through(service: Service, out: Path, transport: httpx.BaseTransport, patience: float = 20) -> pull.Pulled:
    key = pull.load_client(service.mechanism.client_file)
    with api.api(service.url, patience=patience, transport=transport) as connection:
        return pull.pull(pull.FeedClient(connection, key, PURPOSE), out)


class LosingTheToken(httpx.HTTPTransport):
    """The service gives a token, and the answer does not arrive."""

    lost = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        if request.url.path == "/oauth/token" and not self.lost:
            response.read()
            self.lost += 1
            raise httpx.ReadError("the answer was lost")
        return response


def test_a_token_whose_answer_was_lost_is_asked_for_with_a_new_assertion(
    service: Service, tmp_path: Path
) -> None:
    record = send(service, "t")
    assert through(service, tmp_path / "out", LosingTheToken()).records == [record]


class Refusing(httpx.HTTPTransport):
    """Answers what the test says, for paths that end as it says."""

    def __init__(self, ending: str, status: int) -> None:
        super().__init__()
        self.ending, self.status = ending, status

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.ending and self.ending in request.url.path:
            return httpx.Response(self.status, json={"code": "not_found"}, request=request)
        return super().handle_request(request)


@pytest.mark.parametrize("status", [403, 404])
def test_a_part_that_does_not_come_is_no_refusal_and_is_tried_again(
    service: Service, tmp_path: Path, status: int
) -> None:
    out = tmp_path / "out"
    first, second = send(service, "a"), send(service, "b")
    publish(service)
    broken = Refusing(f"{first}/parts/", status)
    for _ in range(2):
        with pytest.raises(pull.Incomplete, match=f"could not be fetched whole: {first[:16]}") as error:
            through(service, out, broken)
        assert error.value.pulled.refused == {} and not (out / "records" / first).exists()
    assert (out / "records" / second / "log.json").exists()  # the others are not held up
    pulled = through(service, out, Refusing("", 0))
    assert pulled.records == [first] and not list((out / "waiting").glob("*/*"))
    assert json.loads((out / "records" / first / "log.json").read_bytes())["proof"]


def test_a_record_that_was_not_released_is_asked_for_in_every_run(service: Service, tmp_path: Path) -> None:
    out = tmp_path / "out"
    record, erased = send(service, "a"), send(service, "b")
    for _ in range(2):
        refused = through(service, out, Refusing("/feed/v1/records/", 403)).refused
        assert refused == {record: "not_found", erased: "not_found"}
    service.installation.erasure.erase(erased)
    pulled = service.pull(out)
    assert pulled.records == [record] and pulled.refused == {}


class Whole(httpx.HTTPTransport):
    """Ends a part early, and then does not look at the range that is asked for."""

    broken = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if "/parts/" not in request.url.path:
            return super().handle_request(request)
        if not self.broken:
            self.broken = True
            return httpx.Response(200, content=b"x" * 10, request=request)
        return httpx.Response(200, content=b"y" * 10, request=request)


def test_a_whole_answer_is_not_appended_to_the_beginning_of_a_part(service: Service, tmp_path: Path) -> None:
    record = send(service, "t")
    with pytest.raises(FormatError, match="another range"):
        through(service, tmp_path / "out", Whole())
    assert not (tmp_path / "out" / "records" / record).exists()


def test_a_cosignature_says_when_the_log_signed_and_not_when_somebody_pulled(
    service: Service, tmp_path: Path
) -> None:
    publish(service)
    value = json.loads(service.mechanism.client_file.read_text())
    key = pull.load_client(service.mechanism.client_file)
    assert key.signer == value["signer"]
    service.pull(tmp_path / "out")
    note = served(service)
    origin = Checkpoint.parse(note.text).origin
    times = {s.name: struct.unpack(">Q", s.value[:8])[0] for s in note.signatures if len(s.value) != 64}
    assert set(times) == {origin, key.signer} and times[key.signer] == times[origin]
    assert times[origin] % 60 == 0
    del value["signer"]  # a file made before
    (tmp_path / "old.json").write_text(json.dumps(value))
    assert pull.load_client(tmp_path / "old.json").signer == key.client


def test_a_note_has_32_signatures_and_the_logs_own_and_ours_are_among_them(tmp_path: Path) -> None:
    checkpoint = Checkpoint("example.org/log", 1, bytes(32))
    seeds = [SigningKey(bytes([n]) * 32) for n in range(40)]
    lines = [checkpoints.cosign(checkpoint, f"w{n}", key, 1) for n, key in enumerate(seeds)]
    own = VerifierKey("w39", notes.COSIGNATURE, seeds[39].public)
    merged = Mirror(tmp_path).merged(Note(checkpoint.text, tuple(lines[:30])), lines[20:], [own])
    again = Note.parse(merged.encode())
    assert len(again.signatures) == notes.MAX_SIGNATURES and isinstance(again.signatures[0], Signature)
    assert again.signature_by(own) and len({s.name for s in again.signatures}) == 32


def test_whose_keys_are_of_an_older_epoch_is_told_to_unwrap_again(service: Service, tmp_path: Path) -> None:
    shutil.copytree(service.mechanism.keys, tmp_path / "rotated")
    mechanism_keys.rotate(tmp_path / "rotated", 365, None)
    with service.installation.database.write() as connection:
        mechanisms.add(connection, (tmp_path / "rotated" / "bundle.json").read_bytes())
    service.installation.publisher.publish("demo", Log.RECORDS, now=True)
    service.submit(prepared(tmp_path / "t", {}))
    service.pull(tmp_path / "pulled")
    for keys, code in ((service.mechanism.keys, 1), (tmp_path / "rotated", 0)):
        asked = ["open", str(tmp_path / "pulled"), "--keys", str(keys), "--out", str(tmp_path / "opened")]
        found = CliRunner().invoke(app, asked)
        assert found.exit_code == code, found.output
        assert ("has keys of epoch 2, and these end with epoch 1" in found.output) == bool(code)


def test_where_nothing_was_allowed_for_a_purpose_the_command_says_for_which(
    service: Service, tmp_path: Path
) -> None:
    service.submit(prepared(tmp_path / "t", {}, purposes=("archive",)))
    out, client = tmp_path / "pulled", service.mechanism.client_file
    asked = ["pull", service.url, "--client", str(client), "--purpose", PURPOSE, "--out", str(out)]
    found = CliRunner().invoke(app, asked)
    assert "0 new records in" in found.output and f"for {PURPOSE}" in " ".join(found.output.split())
    asked = ["open", str(out), "--keys", str(service.mechanism.keys), "--out", str(tmp_path / "opened")]
    found = CliRunner().invoke(app, asked)
    assert found.exit_code == 0 and "There is no record in" in found.output
    assert "Readable testimonies" not in found.output and not (tmp_path / "opened").exists()
