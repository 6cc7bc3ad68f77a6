"""The server is killed, without warning, again and again: what was acknowledged is there afterwards."""

import threading
import time
from pathlib import Path

import httpx

from intake.settings import MIB
from tests.program import Program
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


def killable(tmp_path: Path, demo: Mechanism) -> tuple[Service, Program]:
    settings, installation = prepare(tmp_path / "var", free_port(), demo)
    service = Service(settings, installation, demo, settings.public_url, tmp_path)
    return service, Program(settings, tmp_path / "log")


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
