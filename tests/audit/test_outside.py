"""Witnesses and timestamp authorities: real ones, and ones that are down, slow or lying."""

import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from crypto import checkpoints
from crypto.notes import VerifierKey
from intake.audit import outside, publish, timestamps, witness
from intake.audit.events import Log
from intake.db.tables import audit as t
from tests.golang import SOURCES, build
from tests.service import Service, form_fields, new_receipt
from tests.tools import require_program

Answer = Callable[[str, bytes], tuple[int, str, bytes]]


@contextmanager
def server(answer: Answer) -> Iterator[str]:
    """An HTTP server on loopback whose answers a test makes up; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, kind, data = answer(self.path, body)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_port}"
        listening.shutdown()


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(SOURCES / "witness" / "main.go", tmp_path_factory.mktemp("witness"))


@contextmanager
def go_witness(program: Path, service: Service) -> Iterator[tuple[VerifierKey, str]]:
    """A witness in Go that knows this service's logs; its key and address."""
    keys = [
        key.text
        for kind in Log
        for key in service.installation.log_keys.verifiers(service.installation.log_keys.name("demo", kind))
        if key.kind == 1
    ]
    running = subprocess.Popen([program, "witness.example", *keys], stdout=subprocess.PIPE, text=True)
    try:
        assert running.stdout
        url, key = running.stdout.readline().split()
        yield VerifierKey.parse(key), url
    finally:
        running.kill()
        running.communicate()


def name_witness(service: Service, key: VerifierKey, url: str) -> None:
    with service.installation.database.write() as connection:
        witness.add(connection, key.text, url)


def publish_all(service: Service) -> None:
    for kind in Log:
        service.installation.publisher.publish("demo", kind, now=True)


def fresh(service: Service) -> witness.Witnesses:
    """As after a pause."""
    return witness.Witnesses(service.installation.database, service.installation.publisher)


def test_witness_in_go_cosigns_every_checkpoint_and_readers_see_it(service: Service, program: Path) -> None:
    with go_witness(program, service) as (key, url):
        name_witness(service, key, url)
        asking = fresh(service)
        assert asking.submit_due() == 2
        for _ in range(3):
            service.send_form(form_fields(new_receipt()))
            publish_all(service)
            assert asking.submit_due() == 2
        assert asking.submit_due() == 0
        for kind in Log:
            origin = service.installation.log_keys.name("demo", kind)
            served = service.http.get(f"{service.url}/log/demo/{kind}/checkpoint").content
            log_keys = service.installation.log_keys.verifiers(origin)
            verified = checkpoints.verify(served, origin, log_keys, [key], quorum=1)
            assert verified.witnesses[0].time


def test_witness_that_has_seen_more_stops_the_signing_of_that_log(service: Service, program: Path) -> None:
    """A whole machine came back from a backup: its database and its memory beside the keys."""
    database = service.installation.database
    with go_witness(program, service) as (key, url):
        name_witness(service, key, url)
        publish_all(service)
        fresh(service).submit_due()
        with database.write() as connection:  # what the backup had: a smaller log, and nothing of the rest
            size = publish.newest(connection, "demo", Log.RECORDS)
            assert size
            here = t.checkpoints.c.log == "records"
            connection.execute(t.cosignatures.delete().where(t.cosignatures.c.log == "records"))
            connection.execute(t.checkpoints.delete().where(here, t.checkpoints.c.size == size.size))
            own = t.log_entries.c
            connection.execute(
                t.log_entries.delete().where(own.log == "records", own.index >= size.size - 16)
            )
            heads = t.log_heads.update().where(t.log_heads.c.log == "records")
            connection.execute(heads.values(size=size.size - 16))
        (service.settings.keys_dir / "log" / "newest.demo.records").unlink()
        fresh(service).submit_due(everything=True)
        with pytest.raises(publish.Inconsistent, match="witness"):
            service.installation.publisher.publish("demo", Log.RECORDS, now=True)
        assert service.installation.publisher.publish("demo", Log.ACCESS, now=True)
        assert service.send_form(form_fields(new_receipt())).status_code == 200


def test_another_history_under_the_same_size_is_noticed_by_the_witness(
    service: Service, program: Path
) -> None:
    with go_witness(program, service) as (key, url):
        name_witness(service, key, url)
        fresh(service).submit_due()
        with service.installation.database.write() as connection:
            connection.execute(t.cosignatures.delete())
            newest = publish.newest(connection, "demo", Log.ACCESS)
            assert newest
            forged = checkpoints.Checkpoint(publish.parse(newest.note).origin, newest.size, bytes(32))
            note = service.installation.log_keys.sign(forged, 0)
            same = (t.checkpoints.c.log == "access") & (t.checkpoints.c.size == newest.size)
            connection.execute(t.checkpoints.update().where(same).values(note=note))
        asking = fresh(service)
        asking.submit_due()
        asking.submit_due()  # a first time may be something in between that says so
        with pytest.raises(publish.Inconsistent):
            service.installation.publisher.publish("demo", Log.ACCESS, now=True)


def closed_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def slow(path: str, body: bytes) -> tuple[int, str, bytes]:
    time.sleep(3)
    return 200, "text/plain", b""


LIES: dict[str, Answer | None] = {
    "is down": None,
    "is slow": slow,
    "answers 500": lambda path, body: (500, "text/plain", b"no"),
    "sends garbage": lambda path, body: (200, "text/plain", b"\xff\x00garbage" * 100),
    "sends too much": lambda path, body: (200, "text/plain", b"x" * 1_000_000),
    "claims a size that is no number": lambda path, body: (409, "text/x.tlog.size", b"-3\n"),
    "signs with another key": lambda path, body: (
        200,
        "text/plain",
        "— witness.example AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n".encode(),
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_intake_and_reading_go_on_whatever_a_witness_or_an_authority_does(
    service: Service, lie: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(outside, "_TIMEOUT", httpx.Timeout(1.0))
    monkeypatch.setattr(outside, "_TOTAL", 1.0)
    key = VerifierKey("witness.example", 4, bytes(range(32)))
    answer = LIES[lie]
    with server(answer or slow) as url:
        address = url if answer else closed_port()
        name_witness(service, key, address)
        root, _ = authority_keys(tmp_path)
        with service.installation.database.write() as connection:
            timestamps.add(connection, "authority", address, root.read_bytes())
        asking = threading.Thread(target=fresh(service).submit_due)
        stamping = threading.Thread(target=timestamps.Timestamps(service.installation.database).request_due)
        asking.start()
        stamping.start()
        assert service.send_form(form_fields(new_receipt())).status_code == 200
        assert service.pull(tmp_path / "pulled").records
        publish_all(service)
        asking.join(30)
        stamping.join(30)
        assert not asking.is_alive() and not stamping.is_alive()
    with service.installation.database.read() as connection:
        kept = connection.execute(select(t.cosignatures.c.key)).scalars().all()
        assert key.text not in kept
        assert connection.execute(select(t.timestamps)).all() == []
    assert service.installation.publisher.publish("demo", Log.RECORDS, now=True)


def openssl(*arguments: str, cwd: Path) -> None:
    program = require_program("openssl", "a timestamp authority for tests")
    subprocess.run([program, *arguments], cwd=cwd, check=True, capture_output=True)


def authority_keys(folder: Path) -> tuple[Path, Path]:
    """(root certificate, folder) of a timestamp authority made with openssl."""
    made = folder / "tsa"
    made.mkdir(exist_ok=True)
    (made / "ext").write_text("extendedKeyUsage=critical,timeStamping\n")
    (made / "serial").write_text("01\n")
    (made / "conf").write_text(
        "[tsa]\ndefault_tsa=t\n[t]\nserial=serial\ncrypto_device=builtin\nsigner_cert=signer.pem\n"
        "signer_key=signer.key\nsigner_digest=sha256\ndefault_policy=1.2.3.4.1\n"
        "digests=sha256,sha512\naccuracy=secs:1\nordering=no\ntsa_name=no\ness_cert_id_chain=no\n"
    )
    new = ("-newkey", "rsa:2048", "-nodes", "-days", "30")
    openssl("req", "-x509", *new, "-subj", "/CN=root", "-keyout", "root.key", "-out", "root.pem", cwd=made)
    openssl("req", *new[:3], "-subj", "/CN=tsa", "-keyout", "signer.key", "-out", "signer.csr", cwd=made)
    openssl(
        *("x509", "-req", "-in", "signer.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial"),
        *("-extfile", "ext", "-days", "30", "-out", "signer.pem"),
        cwd=made,
    )
    return made / "root.pem", made


def authority(made: Path) -> Answer:
    """An authority that answers with openssl, by the keys in this folder."""

    def stamp(path: str, body: bytes) -> tuple[int, str, bytes]:
        (made / "query.tsq").write_bytes(body)
        options = ("-config", "conf", "-section", "t", "-queryfile", "query.tsq", "-out", "reply.tsr")
        openssl("ts", "-reply", *options, cwd=made)
        return 200, "application/timestamp-reply", (made / "reply.tsr").read_bytes()

    return stamp


def test_authority_of_openssl_stamps_one_checkpoint_of_each_log_a_day(
    service: Service, tmp_path: Path
) -> None:
    root, made = authority_keys(tmp_path)

    with server(authority(made)) as url:
        with service.installation.database.write() as connection:
            timestamps.add(connection, "openssl", url, root.read_bytes())
        asking = timestamps.Timestamps(service.installation.database)
        assert asking.request_due() == 2
        publish_all(service)
        assert asking.request_due() == 0  # once a day
    with service.installation.database.read() as connection:
        rows = connection.execute(select(t.timestamps)).all()
        notes = {
            (row.log, row.size): bytes(row.note) for row in connection.execute(select(t.checkpoints)).all()
        }
    for row in rows:  # and openssl itself finds that each is of that checkpoint
        (made / "note").write_bytes(notes[row.log, row.size])
        (made / "token.tsr").write_bytes(row.token)
        openssl("ts", "-verify", "-data", "note", "-in", "token.tsr", "-CAfile", "root.pem", cwd=made)


def test_token_of_an_authority_with_another_root_is_refused(service: Service, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    root, _ = authority_keys(tmp_path / "a")
    _, other = authority_keys(tmp_path / "b")

    with server(authority(other)) as url:
        with service.installation.database.write() as connection:
            timestamps.add(connection, "openssl", url, root.read_bytes())
        assert timestamps.Timestamps(service.installation.database).request_due() == 0
    assert (other / "reply.tsr").exists()  # it did answer, and properly
