"""The server is killed, without warning, again and again: what was acknowledged is there afterwards."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx

from intake.settings import MIB
from tests.service import (
    Mechanism,
    Service,
    digits,
    form_fields,
    free_port,
    new_receipt,
    prepare,
    prepared,
    video,
)


class Killable:
    """The real server program, which can be killed and started again on the same data."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.environment = os.environ | {
            "INTAKE_DATA_DIR": str(service.settings.data_dir),
            "INTAKE_PORT": str(service.settings.port),
            "INTAKE_PUBLIC_URL": service.settings.public_url,
            "INTAKE_RESERVE_MIB": "0",
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "intake", "serve"]
        self.process = subprocess.Popen(command, env=self.environment, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                httpx.get(self.service.url, timeout=2)
                return
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError("the server did not start")

    def kill(self) -> None:
        assert self.process
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def killable(tmp_path: Path, demo: Mechanism) -> tuple[Service, Killable]:
    settings, installation = prepare(tmp_path / "var", free_port(), demo)
    service = Service(settings, installation, demo, settings.public_url, tmp_path)
    return service, Killable(service)


def test_client_finishes_a_long_upload_across_kills(tmp_path: Path, demo: Mechanism) -> None:
    service, server = killable(tmp_path, demo)
    server.start()
    clip = video(160 * MIB)
    folder = prepared(tmp_path / "t", {"long.mp4": clip}, origin="self")
    sent: list[str] = []
    sender = threading.Thread(target=lambda: sent.append(service.submit(folder)[1].record))
    sender.start()
    kills = 0
    stages = service.settings.data_dir / "store" / "stages"
    try:
        while sender.is_alive() and kills < 3:
            time.sleep(0.01)
            arrived = sum(p.stat().st_size for p in stages.iterdir()) if sender.is_alive() else 0
            if arrived > (kills + 1) * 36 * MIB:
                server.kill()
                kills += 1
                server.start()
        sender.join(120)
        assert kills >= 2 and len(sent) == 1
        assert service.pull(tmp_path / "pulled").records == sent
        (opened,) = service.open(tmp_path / "pulled", tmp_path / "opened")
        assert opened.problems == {}
        assert (tmp_path / "opened" / sent[0] / "media" / "long.mp4").read_bytes() == clip
    finally:
        server.kill()


def test_every_acknowledged_form_is_there_after_kills(tmp_path: Path, demo: Mechanism, photo: bytes) -> None:
    service, server = killable(tmp_path, demo)
    server.start()
    acknowledged: list[str] = []
    attempted = threading.Event()
    stop = threading.Event()

    def submit() -> None:
        while not stop.is_set():
            receipt = new_receipt()
            fields = form_fields(receipt, ("received", "a.jpg", photo))
            files = [(name, v if isinstance(v, tuple) else (None, v)) for name, v in fields]
            try:
                answer = httpx.post(f"{service.url}/be/submit", files=files, timeout=10)
            except httpx.TransportError:
                time.sleep(0.05)
                continue
            if answer.status_code == 200:
                acknowledged.append(digits(receipt))
                attempted.set()

    writers = [threading.Thread(target=submit) for _ in range(3)]
    for writer in writers:
        writer.start()
    for _ in range(5):
        attempted.clear()
        assert attempted.wait(30)
        time.sleep(0.2)
        server.kill()
        server.start()
    stop.set()
    for writer in writers:
        writer.join(30)
    try:
        assert len(acknowledged) >= 5
        for receipt in acknowledged:
            page = service.http.post(f"{service.url}/be/return", data={"receipt": receipt})
            assert page.status_code == 200 and "a.jpg" in page.text
        service.installation.payloads.maintain(merge_now=True)
        assert service.installation.payloads.unreferenced() == 0
        records = service.pull(tmp_path / "pulled").records
        assert len(records) >= len(acknowledged)
        assert all(o.problems == {} for o in service.open(tmp_path / "pulled", tmp_path / "opened"))
    finally:
        server.kill()
