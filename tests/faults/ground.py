"""What fault tests stand on: a server that can be killed, people who send, and what must hold after all."""

import secrets
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from crypto.encoding import b64u_encode
from crypto.receipt import Receipt
from intake.db.tables.submissions import answers, parts, payloads, records
from tests import postgres, s3
from tests.program import Program
from tests.service import Mechanism, Service, form_fields, free_port, new_receipt, prepare, prepared
from tests.tools import missing, require_program

BACK_ENDS = ("sqlite", pytest.param("postgresql+s3", marks=pytest.mark.slow))
on_killable_back_ends = pytest.mark.parametrize("ground", BACK_ENDS, indirect=True)


@dataclass
class Ground:
    """An installation, its server as a program, and the servers that it stands on, if they are its own."""

    service: Service
    server: Program
    database: postgres.Server | None = None
    bucket: s3.Server | None = None

    @property
    def data(self) -> Path:
        return self.service.settings.data_dir


@contextmanager
def grounds(
    scratch: Path, mechanism: Mechanism, back_end: str = "sqlite", *, own: bool = False, **overrides: Any
) -> Iterator[Ground]:
    """A fresh installation with its server running; with `own`, on servers that the test may kill."""
    with ExitStack() as stack:
        database = bucket = None
        if back_end.startswith("postgresql"):
            if own:
                database = postgres.Server()
                stack.callback(database.stop)
            overrides["database_url"] = stack.enter_context(postgres.postgres(database))
        if back_end.endswith("+s3"):
            if own:
                bucket = s3.Server()
                stack.callback(bucket.stop)
            used = bucket or s3.started()
            overrides = {"store_url": used.place(), "s3_endpoint": used.address} | overrides
            stack.enter_context(s3.credentials())
        settings, installation = prepare(scratch / "var", free_port(), mechanism, **overrides)
        stack.callback(installation.database.close)
        service = Service(settings, installation, mechanism, settings.public_url, scratch)
        stack.callback(service.http.close)
        server = Program(settings, scratch / "log")
        server.start()
        stack.callback(server.kill)
        yield Ground(service, server, database, bucket)


def send(
    service: Service, receipt: Receipt, *media: tuple[str, str, bytes], timeout: float = 30, **more: str
) -> httpx.Response:
    """A form over a connection of its own."""
    fields = form_fields(receipt, *media, **more)
    files = [(name, v if isinstance(v, tuple) else (None, v)) for name, v in fields]
    return httpx.post(f"{service.url}/be/submit", files=files, timeout=timeout)


def kept(service: Service, receipt: Receipt) -> str | None:
    """The record that was received with this receipt, asked of the server."""
    keys = receipt.keys()
    value = f"Intake-Receipt {b64u_encode(keys.lookup)}.{b64u_encode(keys.auth)}"
    answer = service.http.get(f"{service.url}/v1/mailbox", headers={"Authorization": value})
    if answer.status_code == 404:
        return None
    assert answer.status_code == 200, answer.text
    return str(answer.json()["record"])


def count(service: Service) -> int:
    """Records that there are."""
    with service.installation.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(records)).scalar_one())


def check_whole(service: Service) -> None:
    """Nothing is half-stored: each row has its blob, whole, and each record its answer."""
    found = service.installation
    assert found.payloads.unreferenced() == 0
    with found.database.read() as connection:
        rows = connection.execute(select(payloads)).all()
        assert connection.execute(select(func.count()).select_from(answers)).scalar_one() == count(service)
        referred = set(connection.execute(select(parts.c.blob)).scalars())
    assert referred == {row.blob for row in rows}
    for row in rows:
        blob = found.store.open(row.blob)
        digest = sha256()
        for start in range(0, blob.size, 1 << 20):
            digest.update(blob.read(start, 1 << 20))
        blob.close()
        assert (blob.size, digest.hexdigest()) == (row.size, row.payload_id)


def check_readable(service: Service) -> set[str]:
    """Every record is pulled by the mechanism's program and opens without a problem; their ids."""
    out = service.scratch / secrets.token_hex(4)
    pulled = service.pull(out / "pulled").records
    for opened in service.open(out / "pulled", out / "opened"):
        assert opened.problems == {}
    assert len(set(pulled)) == len(pulled) == count(service)
    return set(pulled)


@dataclass
class People:
    """People who send, one testimony after another, until the block ends. They take refusals as they come."""

    service: Service
    photo: bytes
    by_form: int = 2
    sealed: int = 1
    receipts: list[Receipt] = field(default_factory=list)
    sealed_records: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    def __enter__(self) -> "People":
        self._stop = threading.Event()
        work = [self._form] * self.by_form + [self._sealed] * self.sealed
        self._threads = [threading.Thread(target=w, args=(i,), daemon=True) for i, w in enumerate(work)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)

    @property
    def acknowledged(self) -> int:
        return len(self.receipts) + len(self.sealed_records)

    def wait_for(self, more: int, seconds: float = 60) -> None:
        """Until so many more were acknowledged."""
        wanted = self.acknowledged + more
        wait_until(lambda: self.acknowledged >= wanted, seconds, lambda: f"statuses: {self.statuses}")

    def check(self) -> None:
        """All that was acknowledged is there, whole, and readable; answers were success or a refusal."""
        assert set(self.statuses) <= {200, 503}, self.statuses
        check_whole(self.service)
        records = check_readable(self.service)
        assert {kept(self.service, receipt) for receipt in self.receipts} <= records
        assert set(self.sealed_records) <= records

    def _form(self, _: int) -> None:
        while not self._stop.is_set():
            receipt = new_receipt()
            try:
                answer = send(self.service, receipt, ("received", "a.jpg", self.photo), timeout=60)
            except httpx.TransportError:
                time.sleep(0.05)
                continue
            self.statuses[answer.status_code] += 1
            if answer.status_code == 200:
                self.receipts.append(receipt)
            else:
                time.sleep(0.05)

    def _sealed(self, number: int) -> None:
        for turn in range(10_000):
            if self._stop.is_set():
                return
            path = self.service.scratch / "sent" / f"{number}-{turn}"
            testimony = prepared(path, {"a.jpg": self.photo})
            with suppress(Exception):  # what the client gave up was not acknowledged
                self.sealed_records.append(self.service.submit(testimony)[1].record)


def wait_until(holds: Any, seconds: float, message: Any = lambda: "") -> None:
    """Look again and again; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain {message()}"
        time.sleep(0.02)


@contextmanager
def straced(pid: int, output: Path, *options: str) -> Iterator[None]:
    """strace on all threads of a running process until the block ends; it is let go unharmed."""
    strace = require_program("strace", "faults are injected into system calls with it")
    messages = output.with_suffix(".messages")
    with messages.open("wb") as log:
        tracer = subprocess.Popen(
            [strace, "-f", "-p", str(pid), "-o", str(output), *options], stderr=log, start_new_session=True
        )
    try:
        deadline = time.monotonic() + 20
        while b"attached" not in messages.read_bytes():
            if tracer.poll() is not None or time.monotonic() > deadline:
                missing("strace of another process", messages.read_text())
            time.sleep(0.01)
        yield
    finally:
        if tracer.poll() is None:
            tracer.send_signal(signal.SIGTERM)
        try:
            tracer.wait(5)
        except subprocess.TimeoutExpired:  # it may wait for ever for a thread that was killed
            tracer.kill()
            tracer.wait(5)


def memory_mib(pid: int, which: str = "VmRSS") -> float:
    """Resident memory of a process; `VmHWM` is the most it ever had."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(which):
            return int(line.split()[1]) / 1024
    raise AssertionError(f"{which} is not there")
