"""Seen from below: bytes are durable before they have a name, names before rows, rows before the answer."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.faults.ground import Ground, send, straced
from tests.sealed import Sealed
from tests.service import new_receipt

CALLS = "fsync,fdatasync,link,linkat,rename,renameat,renameat2,pwrite64,write,writev,sendto,sendmsg"
_WHOLE = re.compile(r"^(\d+) +(\w+)\((.*)\) += (-?\d+)")
_BEGUN = re.compile(r"^(\d+) +(\w+)\((.*) <(?:unfinished|detached) \.\.\.>$")
_ENDED = re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>.*\) += (-?\d+)")


@dataclass
class Call:
    """A system call: where in the trace it begins and where it has ended; `inf` if that was not seen any more."""

    name: str
    arguments: str
    begun: int
    ended: float


def calls(trace: Path) -> list[Call]:
    """All, in the order in which they began. The last answer can arrive before the tracer saw its call end."""
    found: list[Call] = []
    open_calls: dict[str, Call] = {}
    for number, line in enumerate(trace.read_text("utf-8", "replace").splitlines()):
        if match := _WHOLE.match(line):
            found.append(Call(match[2], match[3], number, number))
        elif match := _BEGUN.match(line):
            open_calls[match[1]] = Call(match[2], match[3], number, math.inf)
            found.append(open_calls[match[1]])
        elif (match := _ENDED.match(line)) and match[1] in open_calls:
            open_calls.pop(match[1]).ended = number
    return found


def is_sync(call: Call) -> bool:
    return call.name in ("fsync", "fdatasync")


def check_order(done: list[Call], answer: str, publications: int) -> None:
    """The chain of one request, from its blobs to its answer."""
    (answered,) = [c for c in done if c.name.startswith(("write", "send")) and answer in c.arguments]
    wal = [c for c in done if "-wal>" in c.arguments]
    last_write = max(c.ended for c in wal if c.name == "pwrite64" and c.ended < answered.begun)
    committed = [c for c in wal if is_sync(c) and last_write < c.begun and c.ended < answered.begun]
    assert committed, "the answer was written before the commit was synced"
    first_row = min(c.begun for c in wal if c.name == "pwrite64")
    names = [c for c in done if c.name.startswith(("link", "rename")) and "/blobs/" in c.arguments]
    assert len(names) == publications
    for name in names:
        blob = re.findall(r'"([^"]*/blobs/[^"]*)"', name.arguments)[-1]
        folder = blob.rpartition("/")[0]
        source = list(before(done, name))
        assert source, "a name was given to bytes that were not synced"
        synced = [c for c in done if is_sync(c) and f"<{folder}>" in c.arguments and c.begun > name.ended]
        assert synced, "the folder was not synced after the name"
        assert synced[0].ended < committed[0].begun
    assert all(name.ended < committed[0].begun for name in names) and first_row < answered.begun


def before(done: list[Call], name: Call) -> Iterator[Call]:
    """Syncs of the file that is given a name."""
    number = re.search(r"/proc/self/fd/(\d+)", name.arguments)
    path = re.findall(r'"([^"]*)"', name.arguments)[0]
    for call in done:
        same = call.arguments.startswith(f"{number[1]}<") if number else path in call.arguments
        if same and is_sync(call) and call.ended < name.begun:
            yield call


def test_form_is_durable_in_order_before_it_is_answered(ground: Ground, tmp_path: Path, photo: bytes) -> None:
    send(ground.service, new_receipt())
    with straced(ground.server.pid, tmp_path / "trace", "-y", "-s", "200", "-e", f"trace={CALLS}"):
        assert send(ground.service, new_receipt(), ("received", "a.jpg", photo)).status_code == 200
    check_order(calls(tmp_path / "trace"), "HTTP/1.1 200", publications=5)


def test_upload_and_submission_are_durable_in_order_before_they_are_answered(
    ground: Ground, tmp_path: Path
) -> None:
    send(ground.service, new_receipt())
    sealed = Sealed(ground.service)
    with straced(ground.server.pid, tmp_path / "upload", "-y", "-s", "200", "-e", f"trace={CALLS}"):
        body = sealed.body()
    done = calls(tmp_path / "upload")
    created = max(c.ended for c in done if "HTTP/1.1 201" in c.arguments)
    check_order([c for c in done if c.begun > created], "HTTP/1.1 204", publications=1)
    with straced(ground.server.pid, tmp_path / "submit", "-y", "-s", "200", "-e", f"trace={CALLS}"):
        assert sealed.send(body).status_code == 201
    check_order(calls(tmp_path / "submit"), "HTTP/1.1 201", publications=0)
