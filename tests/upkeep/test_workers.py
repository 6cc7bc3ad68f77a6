"""Several workers, no state in any of them: what one began another finishes, and chores are done once."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from crypto.age_stream import sealed_length
from intake.db.engine import Database
from intake.upkeep.worker import maintain
from tests.postgres import postgres
from tests.sealed import PATCH, TUS
from tests.service import Service, form_fields, free_port, new_receipt, serving


@contextmanager
def second_worker(service: Service) -> Iterator[str]:
    """Another server of the same installation; its address."""
    port = free_port()
    with serving(service.settings.model_copy(update={"port": port}), port):
        yield f"http://127.0.0.1:{port}"


several = pytest.mark.parametrize("service", ["postgresql", "postgresql+s3"], indirect=True)


@several
def test_an_upload_begun_on_one_worker_is_finished_on_another(service: Service) -> None:
    length = sealed_length(3_000_000)
    data = os.urandom(length)
    with second_worker(service) as other:
        created = service.http.post(
            f"{service.url}/v1/uploads", headers={**TUS, "Upload-Length": str(length)}
        )
        path = "/v1/uploads/" + created.headers["location"].rpartition("/")[2]
        step = length // 7
        addresses = [service.url, other] * 4
        for start, address in zip(range(0, length, step), addresses, strict=True):
            state = service.http.head(addresses[start // step - 1] + path, headers=TUS)
            assert state.headers["upload-offset"] == str(start)
            sent = service.http.patch(
                address + path,
                content=data[start : start + step],
                headers={**PATCH, "Upload-Offset": str(start)},
            )
            assert sent.status_code == 204
    claimed = service.installation.uploads.claim([path.rpartition("/")[2]])
    payload = claimed[path.rpartition("/")[2]][1]
    blob = service.installation.store.open(payload.blob)
    assert blob.read(0, length) == data
    assert list(service.installation.store.stages()) == []


@several
def test_of_two_workers_that_append_at_once_no_bytes_mix(service: Service) -> None:
    """A phone changes its network: its old request still runs on one worker when the new one comes."""
    length = sealed_length(2_000_000)
    data = os.urandom(length)
    with second_worker(service) as other:
        for _ in range(4):
            created = service.http.post(
                f"{service.url}/v1/uploads", headers={**TUS, "Upload-Length": str(length)}
            )
            name = created.headers["location"].rpartition("/")[2]
            statuses: list[int] = []

            def send(address: str, name: str = name, statuses: list[int] = statuses) -> None:
                for _ in range(100):
                    at = f"{address}/v1/uploads/{name}"
                    offset = int(httpx.head(at, headers=TUS, timeout=60).headers["upload-offset"])
                    if offset == length:
                        return
                    piece = data[offset : offset + 700_000]
                    sent = httpx.patch(
                        at, content=piece, headers={**PATCH, "Upload-Offset": str(offset)}, timeout=60
                    )
                    statuses.append(sent.status_code)

            both = [threading.Thread(target=send, args=(address,)) for address in (service.url, other)]
            for one in both:
                one.start()
            for one in both:
                one.join()
            assert set(statuses) <= {204, 409}
            payload = service.installation.uploads.claim([name])[name][1]
            blob = service.installation.store.open(payload.blob)
            assert blob.read(0, length) == data
            blob.close()


@several
def test_workers_that_maintain_at_once_merge_each_payload_once(
    service: Service, tmp_path: Path, photo: bytes
) -> None:
    for _ in range(12):
        service.send_form(form_fields(new_receipt(), ("received", "a.jpg", photo)))
    reports = []
    rounds = [
        threading.Thread(target=lambda: reports.append(maintain(service.installation, merge_now=True)))
        for _ in range(4)
    ]
    for one in rounds:
        one.start()
    for one in rounds:
        one.join()
    assert sum(report.merged for report in reports if report) == 11
    service.pull(tmp_path / "pulled")
    assert all(o.problems == {} for o in service.open(tmp_path / "pulled", tmp_path / "opened"))


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_task_is_held_by_one_and_let_go_when_its_process_dies(tmp_path: Path, kind: str) -> None:
    with ExitStack() as stack:
        url = f"sqlite:///{tmp_path}/a.db" if kind == "sqlite" else stack.enter_context(postgres())
        one, two = Database(url), Database(url)
        with one.alone(7) as mine:
            assert mine
            with two.alone(7) as theirs:
                assert not theirs
            with two.alone(8) as other:
                assert other
        with two.alone(7) as theirs:
            assert theirs
        holder = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "import sys\nfrom intake.db.engine import Database\n"
                f"with Database({url!r}).alone(7) as mine:\n    print(mine, flush=True)\n    sys.stdin.read()",
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert holder.stdout and holder.stdout.readline() == b"True\n"
        with one.alone(7) as mine:
            assert not mine
        holder.kill()
        holder.communicate()
        for _ in range(100):  # PostgreSQL notices that its client is gone
            with one.alone(7) as mine:
                if mine:
                    break
        assert mine
        one.close()
        two.close()
