"""The server dies at each single system call of a submission that writes: nothing is half-stored."""

import re
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from crypto.receipt import Receipt
from tests.faults.ground import (
    Ground,
    check_readable,
    check_whole,
    count,
    kept,
    on_killable_back_ends,
    send,
    straced,
)
from tests.service import new_receipt, prepared
from tests.soak import rounds

CALLS = (
    "write,pwrite64,writev,sendto,sendmsg,ftruncate,fsync,fdatasync,"
    "openat,link,linkat,rename,renameat,renameat2,unlink,unlinkat,utimensat"
)
_CALL = re.compile(r"^(\d+) +(\w+)\(")
Way = Callable[[Ground, Receipt, bytes], bool]


def by_form(ground: Ground, receipt: Receipt, photo: bytes) -> bool:
    """A form; whether it was acknowledged."""
    try:
        answer = send(ground.service, receipt, ("received", "a.jpg", photo))
    except httpx.TransportError:
        return False
    assert answer.status_code == 200
    return True


def sealed(ground: Ground, receipt: Receipt, photo: bytes) -> bool:
    """The client, which goes on by itself when the server is there again."""
    path = ground.service.scratch / "sealed" / "".join(receipt.digits())
    ground.service.submit(prepared(path, {"a.jpg": photo}), receipt)
    return True


def calls_of(way: Way, ground: Ground, photo: bytes, trace: Path) -> list[tuple[str, int]]:
    """Each (system call, how often a thread made it so far) of one undisturbed submission."""
    way(ground, new_receipt(), photo)  # what happens only once has happened
    with straced(ground.server.pid, trace, "-e", f"trace={CALLS}"):
        way(ground, new_receipt(), photo)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for line in trace.read_text("utf-8", "replace").splitlines():
        if match := _CALL.match(line):
            counts[match[2]][match[1]] += 1
    return [(call, n) for call in sorted(counts) for n in range(1, max(counts[call].values()) + 1)]


@pytest.mark.slow
@on_killable_back_ends
@pytest.mark.parametrize("way", [by_form, sealed])
def test_server_that_dies_at_any_write_leaves_all_of_a_testimony_or_nothing(
    ground: Ground, way: Way, photo: bytes, tmp_path: Path
) -> None:
    points = calls_of(way, ground, photo, tmp_path / "trace")
    assert len(points) > 15
    step = max(1, len(points) // rounds(4, len(points)))
    deaths = 0
    for call, number in points[step // 2 :: step]:
        before = count(ground.service)
        receipt = new_receipt()
        acknowledged: list[bool] = []
        person = threading.Thread(
            target=lambda r=receipt, a=acknowledged: a.append(way(ground, r, photo)),
            daemon=True,
        )
        fault = f"inject={call}:signal=SIGKILL:when={number}"
        with straced(ground.server.pid, tmp_path / "trace", "-e", f"trace={call}", "-e", fault):
            person.start()
            deadline = time.monotonic() + 30
            while person.is_alive() and not ground.server.died() and time.monotonic() < deadline:
                time.sleep(0.01)
        if ground.server.died():
            deaths += 1
            ground.server.kill()
            ground.server.start()
        person.join(60)
        record = kept(ground.service, receipt)
        assert acknowledged and (record or acknowledged == [False]), (call, number)
        if way is by_form:
            assert way(ground, receipt, photo)
            assert record in (None, kept(ground.service, receipt)), (call, number)
        assert count(ground.service) == before + 1, (call, number)
        check_whole(ground.service)
    assert deaths >= 2
    check_readable(ground.service)
