"""Clients that send slowly, endlessly or nothing: memory stays bounded, and others are served."""

import resource
import selectors
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from intake.settings import MIB
from tests.faults.ground import Ground, check_readable, grounds, memory_mib, send
from tests.sealed import TUS
from tests.service import Mechanism, new_receipt
from tests.tools import missing

FORM = "POST /en/submit HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n"
FIELD = b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n'


def connect(ground: Ground) -> socket.socket:
    return socket.create_connection(("127.0.0.1", ground.service.settings.port), timeout=20)


def p99(ground: Ground, times: int = 60) -> float:
    """Seconds within which 99 of 100 others got a page."""
    waited = []
    with httpx.Client(timeout=20) as client:
        for _ in range(times):
            begun = time.monotonic()
            assert client.get(f"{ground.service.url}/v1/mechanisms").status_code == 200
            waited.append(time.monotonic() - begun)
    return sorted(waited)[int(times * 0.99) - 1]


@contextmanager
def dripping(sockets: list[socket.socket], pause: float, byte: bytes = b"x") -> Iterator[None]:
    """A byte on each connection, and again after a pause, until the block ends."""
    over = threading.Event()

    def drip() -> None:
        while not over.wait(pause):
            for one in sockets:
                with suppress(OSError):
                    one.send(byte, socket.MSG_DONTWAIT)

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(10)


@contextmanager
def many(ground: Ground, number: int, begin: bytes = b"") -> Iterator[list[socket.socket]]:
    """Connections that each sent `begin`."""
    with ExitStack() as stack:
        sockets = []
        for _ in range(number):
            one = stack.enter_context(connect(ground))
            one.sendall(begin)
            sockets.append(one)
        yield sockets


@pytest.mark.slow
def test_ten_thousand_idle_connections_cost_little_and_others_are_served(ground: Ground) -> None:
    number = 10_000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < number + 1000:
        missing("ten thousand connections", f"only {hard} files may be open")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        before = memory_mib(ground.server.pid)
        with many(ground, number):
            assert p99(ground) < 1
            assert send(ground.service, new_receipt()).status_code == 200
            assert memory_mib(ground.server.pid) - before < 200  # MiB; some 15 KiB each
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert p99(ground) < 1


def test_heads_that_come_byte_by_byte_do_not_hold_up_others(ground: Ground) -> None:
    before = memory_mib(ground.server.pid)
    head = FORM.encode() + b"X-Slow: "
    with many(ground, 500, head) as sockets, dripping(sockets, 0.2):
        assert p99(ground) < 1
        assert send(ground.service, new_receipt()).status_code == 200
        assert memory_mib(ground.server.pid) - before < 60


def test_head_without_end_is_refused(ground: Ground) -> None:
    before = memory_mib(ground.server.pid)
    with connect(ground) as one:
        one.sendall(b"GET /en/ HTTP/1.1\r\nHost: x\r\nX-Long: ")
        sent = 0
        with suppress(ConnectionError):
            while sent < 64 * MIB:
                sent += one.send(b"x" * 65536)
    assert memory_mib(ground.server.pid) - before < 40
    assert p99(ground) < 1


@pytest.mark.slow
def test_bodies_that_come_byte_by_byte_do_not_keep_others_from_sending(
    tmp_path: Path, demo: Mechanism
) -> None:
    """As many as may be received at once, none ever idle for long."""
    begun = FORM.encode() + b"Content-Length: 100000\r\n\r\n" + FIELD % b"receipt"
    with (
        grounds(tmp_path, demo, max_active_uploads=8, body_idle_seconds=3) as ground,
        many(ground, 40, begun) as sockets,
        dripping(sockets, 1),
    ):
        time.sleep(2)
        assert send(ground.service, new_receipt(), timeout=15).status_code == 200
        created = httpx.post(f"{ground.service.url}/v1/uploads", headers={**TUS, "Upload-Length": "2064"})
        assert created.status_code == 201
        assert p99(ground) < 1
        check_readable(ground.service)


def push(
    ground: Ground, head: bytes, begin: bytes, piece: bytes, most: int, seconds: float
) -> tuple[int, bytes]:
    """Send without end; (bytes sent until the server closed, what it answered)."""
    with connect(ground) as one, selectors.DefaultSelector() as ready:
        one.sendall(head + begin)
        one.setblocking(False)
        ready.register(one, selectors.EVENT_READ | selectors.EVENT_WRITE)
        sent, answer = 0, b""
        deadline = time.monotonic() + seconds
        with suppress(ConnectionError):
            while sent < most and time.monotonic() < deadline:
                for _, what in ready.select(1):
                    if what & selectors.EVENT_READ:
                        data = one.recv(65536)
                        if not data:
                            return sent, answer
                        answer += data
                    elif what & selectors.EVENT_WRITE:
                        sent += one.send(piece)
        return sent, answer


GIB = 1024 * MIB
ENDLESS = {
    "a field": FIELD % b"narrative",
    "a file": FIELD.replace(b"%s", b'x"; filename="a.mp4'),
    "after the end": b"--b--\r\n",
}
RECEIPT = FIELD % b"receipt" + b"%s\r\n"


@pytest.mark.slow
@pytest.mark.parametrize("where", ENDLESS)
def test_body_of_ten_gigabytes_is_cut_off_and_memory_stays_flat(
    tmp_path: Path, demo: Mechanism, where: str
) -> None:
    with grounds(tmp_path, demo, max_file_mib=16) as ground:
        before = memory_mib(ground.server.pid)
        receipt = " ".join(new_receipt().digits()).encode()
        head = FORM.encode() + b"Content-Length: %d\r\n\r\n" % (10 * GIB)
        begin = RECEIPT % receipt + ENDLESS[where]
        got: list[tuple[int, bytes]] = []
        endless = threading.Thread(
            target=lambda: got.append(push(ground, head, begin, b"x" * 262_144, 10 * GIB, 40)), daemon=True
        )
        endless.start()
        time.sleep(0.5)
        assert p99(ground) < 1
        assert send(ground.service, new_receipt()).status_code == 200
        endless.join(60)
        sent, answer = got[0]
        assert memory_mib(ground.server.pid, "VmHWM") - before < 80
        assert answer.startswith((b"HTTP/1.1 413", b"HTTP/1.1 400", b"HTTP/1.1 422"))
        assert sent < 2 * GIB, "the connection should be closed some time after the refusal"
        check_readable(ground.service)
