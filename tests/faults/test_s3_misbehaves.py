"""The S3 server answers wrongly, half, late or not at all: refused in bounded time, and a repeat succeeds."""

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import pytest

from crypto.age_stream import sealed_length
from intake.settings import MIB
from tests import s3
from tests.faults.ground import Ground, People, check_readable, check_whole, grounds, kept, send
from tests.faults.s3_proxy import Proxy, proxy
from tests.sealed import PATCH, TUS, Sealed
from tests.service import Mechanism, new_receipt, video
from tests.soak import SOAK, rounds

PATIENCE = 60  # seconds: browsers and proxies wait about so long
LONGER = ("503", "hang", "half", "cut", *(["stall"] if SOAK else []))
Behind = tuple[Ground, Proxy]


@pytest.fixture
def behind(tmp_path: Path, demo: Mechanism) -> Iterator[Behind]:
    """A service that reaches its S3 server through the proxy."""
    with ExitStack() as stack:
        between = stack.enter_context(proxy(s3.server()))
        yield stack.enter_context(grounds(tmp_path, demo, "sqlite+s3", s3_endpoint=between.address)), between


def always(between: Proxy, fault: str, *methods: str) -> None:
    between.fault = lambda method, path: fault if not methods or method in methods else None


def well(between: Proxy) -> None:
    between.fault = lambda method, path: None


@pytest.mark.parametrize("fault", ["500", "lost", *(pytest.param(f, marks=pytest.mark.slow) for f in LONGER)])
def test_form_is_refused_in_bounded_time_while_the_store_fails_and_is_taken_afterwards(
    behind: Behind, photo: bytes, fault: str
) -> None:
    ground, between = behind
    receipt, medium = new_receipt(), ("received", "a.jpg", photo)
    always(between, fault)
    begun = time.monotonic()
    answer = send(ground.service, receipt, medium, timeout=2 * PATIENCE)
    assert answer.status_code == 503 and "Невядома, ці захавана" in answer.text
    assert time.monotonic() - begun < PATIENCE
    assert between.faults > 0
    well(between)
    assert kept(ground.service, receipt) is None
    assert send(ground.service, receipt, medium).status_code == 200
    check_whole(ground.service)
    check_readable(ground.service)


@pytest.mark.parametrize(
    "fault",
    ["half", pytest.param("500", marks=pytest.mark.slow), pytest.param("lost", marks=pytest.mark.slow)],
)
def test_upload_is_refused_while_the_store_fails_and_goes_on_afterwards(behind: Behind, fault: str) -> None:
    ground, between = behind
    service = ground.service
    payload = os.urandom(sealed_length(20 * MIB))
    created = service.http.post(
        f"{service.url}/v1/uploads", headers={**TUS, "Upload-Length": str(len(payload))}
    )
    address = created.headers["location"]

    def patch(offset: int) -> httpx.Response:
        headers = {**PATCH, "Upload-Offset": str(offset)}
        return httpx.patch(address, content=payload[offset:], headers=headers, timeout=2 * PATIENCE)

    always(between, fault, "PUT", "POST")
    begun = time.monotonic()
    answer = patch(0)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert time.monotonic() - begun < PATIENCE
    well(between)
    for _ in range(5):
        state = int(service.http.head(address, headers=TUS).headers["upload-offset"])
        if patch(state).status_code == 204:
            break
    assert int(service.http.head(address, headers=TUS).headers["upload-offset"]) == len(payload)
    assert Sealed(service).send().status_code == 201
    check_whole(service)


@pytest.mark.slow
def test_large_form_whose_parts_get_lost_is_whole_or_refused(behind: Behind) -> None:
    ground, between = behind
    random.seed(7)
    between.fault = lambda method, path: random.choice([None, None, None, "lost", "500", "half", "cut"])
    receipts = [new_receipt() for _ in range(rounds(3, 30))]
    statuses: Counter[int] = Counter()
    acknowledged = []
    for receipt in receipts:
        answer = send(ground.service, receipt, ("self", "a.mp4", video(20 * MIB)), timeout=2 * PATIENCE)
        statuses[answer.status_code] += 1
        if answer.status_code == 200:
            acknowledged.append(receipt)
    well(between)
    assert set(statuses) <= {200, 503}
    check_whole(ground.service)
    records = check_readable(ground.service)
    assert {kept(ground.service, receipt) for receipt in acknowledged} <= records


@pytest.mark.slow
def test_people_lose_nothing_that_was_acknowledged_by_a_store_that_fails_now_and_then(
    behind: Behind, photo: bytes
) -> None:
    ground, between = behind
    random.seed(8)
    faults = [None] * 12 + ["lost", "500", "503", "half", "cut"]
    between.fault = lambda method, path: random.choice(faults)
    with People(ground.service, photo) as people:
        people.wait_for(rounds(10, 300), rounds(60, 900))
        well(between)
        people.wait_for(1)
    people.check()


@pytest.mark.slow
def test_store_that_hangs_does_not_hold_up_those_who_do_not_need_it(behind: Behind, photo: bytes) -> None:
    ground, between = behind
    always(between, "hang")

    def person() -> None:
        with suppress(httpx.TransportError):
            send(ground.service, new_receipt(), ("received", "a.jpg", photo), timeout=2 * PATIENCE)

    people = [threading.Thread(target=person, daemon=True) for _ in range(60)]
    for one in people:
        one.start()
    time.sleep(5)
    with httpx.Client(timeout=5) as others:
        for path in ("/v1/mechanisms", "/be/return", "/v1/oprf"):
            assert others.get(ground.service.url + path).status_code == 200
    text = send(ground.service, new_receipt(), timeout=2 * PATIENCE)
    assert text.status_code == 503  # its payloads need the store
    well(between)
