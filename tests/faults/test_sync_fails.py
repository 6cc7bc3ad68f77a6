"""The disk does not take what is synced (EIO, ENOSPC): never a success, and afterwards it works again.

After a failed fsync the kernel may forget what it could not write, and call a second fsync a success.
So a failed one must not be tried again: what was sent has to be written anew.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.faults.ground import Ground, check_readable, check_whole, count, kept, send, straced
from tests.sealed import PATCH, TUS, Sealed
from tests.service import new_receipt

_SYNC = re.compile(r"(fsync|fdatasync)\(\d+<([^>]*)>(?:\(deleted\))?\) += (-?\d+)")


@contextmanager
def failing(
    ground: Ground, trace: Path, error: str, when: str = "", calls: str = "fsync,fdatasync"
) -> Iterator[None]:
    """Calls that sync fail while the block runs."""
    fault = f"inject={calls}:error={error}" + (f":when={when}" if when else "")
    with straced(ground.server.pid, trace, "-y", "-e", "trace=fsync,fdatasync", "-e", fault):
        yield


def syncs(trace: Path) -> list[tuple[str, str, bool]]:
    """(call, path, worked) in the order of the calls' ends."""
    text = trace.read_text("utf-8", "replace")
    return [(call, path, result == "0") for call, path, result in _SYNC.findall(text)]


@pytest.mark.parametrize(("error", "statuses"), [("EIO", {503}), ("ENOSPC", {503, 507})])
def test_form_is_refused_while_nothing_can_be_synced_and_is_taken_afterwards(
    ground: Ground, tmp_path: Path, photo: bytes, error: str, statuses: set[int]
) -> None:
    receipt, medium = new_receipt(), ("received", "a.jpg", photo)
    send(ground.service, new_receipt(), medium)  # what happens only once has happened
    for again in (medium,), (medium,), ():
        with failing(ground, tmp_path / "trace", error):
            assert send(ground.service, receipt, *again).status_code in statuses
        tried = [path for _, path, _ in syncs(tmp_path / "trace") if "/store/" in path]
        assert tried and len(tried) == len(set(tried))  # nothing was synced a second time
    assert kept(ground.service, receipt) is None and count(ground.service) == 1
    assert send(ground.service, receipt, medium).status_code == 200
    assert kept(ground.service, receipt) and count(ground.service) == 2
    check_whole(ground.service)
    check_readable(ground.service)


def test_form_of_which_one_sync_fails_is_refused_whichever_it_is(
    ground: Ground, tmp_path: Path, photo: bytes
) -> None:
    medium = ("received", "a.jpg", photo)
    send(ground.service, new_receipt(), medium)  # SQLite pays no heed to the sync of a new log's folder
    refused = 0
    for which in range(1, 10):
        receipt, before = new_receipt(), count(ground.service)
        with failing(ground, tmp_path / "trace", "EIO", str(which)):
            answer = send(ground.service, receipt, medium)
        failed = [path for _, path, worked in syncs(tmp_path / "trace") if not worked]
        assert answer.status_code == (503 if failed else 200), failed
        refused += bool(failed)
        assert send(ground.service, receipt, medium).status_code == 200
        assert count(ground.service) == before + 1
    assert refused >= 3
    check_whole(ground.service)
    check_readable(ground.service)


@pytest.mark.parametrize("which", [1, 3])
def test_deduplication_epoch_that_cannot_begin_durably_is_a_clear_refusal_and_begins_later(
    ground: Ground, tmp_path: Path, photo: bytes, which: int
) -> None:
    """The first keyed file makes the epoch's key."""
    receipt, medium = new_receipt(), ("received", "a.jpg", photo)
    with failing(ground, tmp_path / "trace", "EIO", str(which)):
        answer = send(ground.service, receipt, medium)
    assert any("/keys/" in path and not worked for _, path, worked in syncs(tmp_path / "trace"))
    assert send(ground.service, receipt, medium).status_code == 200
    assert answer.status_code == 503
    check_readable(ground.service)


@pytest.mark.parametrize("error", ["EIO", "ENOSPC"])
def test_upload_that_cannot_be_synced_is_refused_and_goes_on_from_what_is_durable(
    ground: Ground, tmp_path: Path, error: str
) -> None:
    service = ground.service
    sealed = Sealed(service)
    payload = sealed.narrative.payload
    created = service.http.post(
        f"{service.url}/v1/uploads", headers={**TUS, "Upload-Length": str(len(payload))}
    )
    address = created.headers["location"]

    def patch(data: bytes, offset: int) -> httpx.Response:
        return service.http.patch(address, content=data, headers={**PATCH, "Upload-Offset": str(offset)})

    with failing(ground, tmp_path / "trace", error):
        for data in (payload[:5000], payload):
            answer = patch(data, 0)
            assert answer.status_code in (503, 507) and answer.json()["code"] in (
                "unavailable",
                "storage_full",
            )
        assert service.http.head(address, headers=TUS).headers["upload-offset"] == "0"
    assert patch(payload[:5000], 0).status_code == 204
    with failing(ground, tmp_path / "trace", error):
        assert patch(payload[5000:], 5000).status_code in (503, 507)
    assert service.http.head(address, headers=TUS).headers["upload-offset"] == "5000"
    assert patch(payload[5000:], 5000).status_code == 204
    body = sealed.body()
    body["parts"][0]["upload"] = address.rpartition("/")[2]
    with failing(ground, tmp_path / "trace", error):
        refused = sealed.send(body)
        assert refused.status_code in (503, 507)
    assert sealed.send(body).status_code in (200, 201)
    assert count(service) == 1
    check_whole(service)
    check_readable(service)


def test_database_that_cannot_be_synced_gives_no_token_and_no_content(ground: Ground, tmp_path: Path) -> None:
    """An entry in the access log that is not durable opens nothing."""
    service = ground.service
    assert send(service, new_receipt()).status_code == 200
    with failing(ground, tmp_path / "trace", "EIO"), pytest.raises(Exception, match=r"503|in time"):
        service.pull(tmp_path / "pulled")
    assert not list((tmp_path / "pulled").rglob("*.age"))
    check_readable(service)
