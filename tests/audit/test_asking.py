"""What a witness may stop, and how long anybody waits for it."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from crypto.notes import COSIGNATURE, VerifierKey
from crypto.primitives import SigningKey
from intake.audit import outside, publish
from intake.audit.events import Log
from intake.audit.publish import Inconsistent
from intake.db.tables import audit as t
from intake.upkeep import worker
from tests.audit.test_outside import fresh, name_witness, publish_all, server
from tests.service import Service

KEY = VerifierKey("w.example", COSIGNATURE, SigningKey(bytes(32)).public)


def newest(service: Service, kind: Log) -> int:
    with service.installation.database.read() as connection:
        found = publish.newest(connection, "demo", kind)
    assert found
    return found.size


def stopped(service: Service) -> list[Log]:
    return [kind for kind in Log if service.installation.log_keys.stopped("demo", kind) is not None]


def test_a_checkpoint_that_another_worker_signed_meanwhile_is_no_contradiction(service: Service) -> None:
    def answer(path: str, body: bytes) -> tuple[int, str, bytes]:
        publish_all(service)
        kind = Log.ACCESS if b"/access\n" in body else Log.RECORDS
        return 409, "text/x.tlog.size", f"{newest(service, kind)}\n".encode()

    with server(answer) as url:
        name_witness(service, KEY, url)
        fresh(service).submit_due(everything=True)
    assert stopped(service) == []


def test_a_larger_size_counts_only_in_the_form_in_which_witnesses_give_it(service: Service) -> None:
    for kind, expected in (("text/html", []), ("text/x.tlog.size; charset=utf-8", list(Log))):
        with server(lambda path, body, kind=kind: (409, kind, b"1000000\n")) as url:  # type: ignore[misc]
            if not expected:
                name_witness(service, KEY, url)
            asking = fresh(service)
            move_witness(service, url)
            asking.submit_due()
        assert stopped(service) == expected


def move_witness(service: Service, url: str) -> None:
    with service.installation.database.write() as connection:
        connection.execute(t.witnesses.update().values(url=url))


def test_only_the_second_round_of_contradiction_stops_a_log(service: Service) -> None:
    with server(lambda path, body: (422, "text/plain", b"no")) as url:
        name_witness(service, KEY, url)
        asking = fresh(service)
        asking.submit_due(everything=True)
        assert stopped(service) == []
        asking.submit_due()
    assert stopped(service) == list(Log)
    with pytest.raises(Inconsistent, match="does not continue what it has seen"):
        service.installation.publisher.publish("demo", Log.RECORDS, now=True)


@contextmanager
def dripping() -> Iterator[str]:
    """Headers, a byte at a time, without end."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        over = threading.Event()

        def serve() -> None:
            listening.settimeout(0.2)
            while not over.is_set():
                try:
                    caller, _ = listening.accept()
                except TimeoutError:
                    continue
                with caller:
                    try:
                        caller.sendall(b"HTTP/1.1 200 OK\r\n")
                        while not over.wait(0.1):
                            caller.sendall(b"x")
                    except OSError:
                        pass

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        over.set()
        thread.join()


def test_headers_that_drip_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside, "_TOTAL", 0.5)
    with dripping() as url:
        begun = time.monotonic()
        with pytest.raises(httpx.HTTPError):
            outside.ask(url, b"", "text/plain")
        assert time.monotonic() - begun < 2


def test_the_first_publication_waits_for_witnesses_only_so_long(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = service.installation
    monkeypatch.setattr(worker, "FIRST_SECONDS", 0.3)
    monkeypatch.setattr(worker, "PUBLISH_LOOK_SECONDS", 0.05)
    over, published = threading.Event(), threading.Event()
    monkeypatch.setattr(found.witnesses, "submit_due", lambda **_: over.wait(20))
    monkeypatch.setattr(worker, "publish", lambda _: published.set())

    async def rounds() -> None:
        task = asyncio.create_task(worker._publishing(found))
        try:
            await asyncio.wait_for(asyncio.to_thread(published.wait, 5), 6)
        finally:
            task.cancel()
            over.set()

    asyncio.run(rounds())
    assert published.is_set()


def test_the_first_round_asks_alone(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    found, asked = service.installation, []
    monkeypatch.setattr(found.witnesses, "submit_due", lambda **said: asked.append(said))
    with found.database.alone(worker._OUTSIDE):
        worker.ask_first(found, time.monotonic() + 0.2)
        assert asked == []
    worker.ask_first(found, time.monotonic() + 5)
    assert asked == [{"everything": True}]
