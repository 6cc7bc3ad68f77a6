"""The disk is full: refused with a clear word, reading goes on, and with room again so does everything."""

import os
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from crypto.age_stream import sealed_length
from intake.client import api
from intake.settings import MIB
from tests.faults.ground import Ground, check_readable, check_whole, count, grounds, kept, send, wait_until
from tests.sealed import PATCH, TUS, Sealed
from tests.service import Mechanism, new_receipt, prepared, video
from tests.tools import missing, require_program

DISK, RESERVE = 64, 16  # MiB


@contextmanager
def small_disk(scratch: Path) -> Iterator[Path]:
    """A folder on a file system of its own, with little room."""
    mount = require_program("mount", "a small file system is mounted with it")
    if os.geteuid() != 0:
        missing("a small file system", "mounting one needs root")
    folder = scratch / "disk"
    folder.mkdir()
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", f"size={DISK}m", "tmpfs", str(folder)], capture_output=True, text=True
    )
    if done.returncode:
        missing("a small file system", done.stderr)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def small(tmp_path: Path, demo: Mechanism) -> Iterator[Ground]:
    """A server on a small disk of which a part is held in reserve."""
    with small_disk(tmp_path) as folder, grounds(folder, demo, reserve_mib=RESERVE) as ground:
        yield ground


def free(ground: Ground) -> float:
    """MiB."""
    status = os.statvfs(ground.data)
    return status.f_bavail * status.f_frsize / MIB


@contextmanager
def filled(ground: Ground, left: float) -> Iterator[None]:
    """Something else takes the room, but for `left` MiB."""
    ballast = ground.data.parent / "ballast"
    with ballast.open("wb", buffering=0) as file:
        os.posix_fallocate(file.fileno(), 0, max(1, int((free(ground) - left) * MIB)))
    try:
        yield
    finally:
        ballast.unlink()


def names(ground: Ground) -> set[str]:
    return set(ground.service.installation.store.names())


def test_without_room_files_are_refused_and_texts_and_reading_go_on(
    small: Ground, photo: bytes, tmp_path: Path
) -> None:
    service = small.service
    first, refused = new_receipt(), new_receipt()
    assert send(service, first, ("received", "a.jpg", photo)).status_code == 200
    before = names(small)
    sealed = Sealed(service)
    with filled(small, RESERVE - 4):
        answer = send(service, refused, ("received", "a.jpg", photo))
        assert answer.status_code == 507 and "няма месца" in answer.text
        created = service.http.post(f"{service.url}/v1/uploads", headers={**TUS, "Upload-Length": "2064"})
        assert (created.status_code, created.json()["code"]) == (507, "storage_full")
        assert names(small) == before and kept(service, refused) is None
        for _ in range(20):
            assert send(service, new_receipt()).status_code == 200  # a text, from the reserve
        assert kept(service, first)
        assert len(check_readable(service)) == 21  # with its entries in the access log
    assert send(service, refused, ("received", "a.jpg", photo)).status_code == 200
    assert sealed.send().status_code == 201
    check_whole(service)
    assert len(check_readable(service)) == 23


def test_form_larger_than_the_room_is_refused_and_leaves_nothing(small: Ground) -> None:
    service = small.service
    receipt = new_receipt()
    for origin in ("self", "received"):  # sealed as it comes; through the spool
        answer = send(service, receipt, (origin, "a.mp4", video(DISK * MIB)))
        assert answer.status_code == 507
        assert "Nothing" in answer.text or "Нічога" in answer.text
    assert names(small) == set() and count(service) == 0
    wait_until(lambda: free(small) > DISK - 4, 10)
    assert send(service, receipt, ("self", "a.mp4", video(8 * MIB))).status_code == 200
    check_whole(service)


def test_files_that_arrive_never_take_the_reserve_from_texts_and_readers(small: Ground) -> None:
    service = small.service
    assert send(service, new_receipt()).status_code == 200
    lowest = [free(small)]
    over = threading.Event()

    def watch() -> None:
        while not over.is_set():
            lowest.append(free(small))
            time.sleep(0.002)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    answers = []
    people = [
        threading.Thread(
            target=lambda: answers.append(
                send(service, new_receipt(), ("self", "a.mp4", video(DISK * MIB)), timeout=60).status_code
            ),
            daemon=True,
        )
        for _ in range(2)
    ]
    for person in people:
        person.start()
    texts = [send(service, new_receipt()).status_code for _ in range(10)]
    for person in people:
        person.join(60)
    over.set()
    watcher.join(5)
    assert answers == [507, 507] and texts == [200] * 10
    assert min(lowest) > RESERVE / 2  # MiB


def test_upload_that_met_a_full_disk_goes_on_when_there_is_room(small: Ground) -> None:
    service = small.service
    payload = os.urandom(sealed_length(30 * MIB))
    created = service.http.post(
        f"{service.url}/v1/uploads", headers={**TUS, "Upload-Length": str(len(payload))}
    )
    address = created.headers["location"]

    def patch(offset: int, end: int) -> httpx.Response:
        headers = {**PATCH, "Upload-Offset": str(offset)}
        return service.http.patch(address, content=payload[offset:end], headers=headers)

    assert patch(0, 5 * MIB).status_code == 204
    with filled(small, RESERVE + 4):
        answer = patch(5 * MIB, len(payload))
        assert (answer.status_code, answer.json()["code"]) == (507, "storage_full")
        state = int(service.http.head(address, headers=TUS).headers["upload-offset"])
        assert state >= 5 * MIB
    assert patch(state, len(payload)).status_code == 204
    assert int(service.http.head(address, headers=TUS).headers["upload-offset"]) == len(payload)


@pytest.mark.slow
def test_client_is_told_that_the_disk_is_full_and_succeeds_when_there_is_room(
    small: Ground, tmp_path: Path
) -> None:
    service, receipt = small.service, new_receipt()
    testimony = prepared(tmp_path / "t", {"a.mp4": video(4 * MIB)})
    with filled(small, RESERVE - 4), pytest.raises((api.ApiError, api.Offline)) as refused:
        service.submit(testimony, receipt)
    assert "507" in str(refused.value) and count(service) == 0
    _, sent = service.submit(testimony, receipt)
    assert check_readable(service) == {sent.record}


def test_disk_without_any_room_is_a_clear_refusal_even_for_texts_and_then_works_again(
    small: Ground, photo: bytes
) -> None:
    service = small.service
    first, text = new_receipt(), new_receipt()
    assert send(service, first, ("received", "a.jpg", photo)).status_code == 200
    with filled(small, 0):
        for _ in range(5):
            assert send(service, text).status_code == 507
        page = service.http.get(f"{service.url}/be/")
        assert page.status_code == 200
    assert kept(service, first)
    assert send(service, text).status_code == 200
    check_whole(service)
    assert len(check_readable(service)) == 2
