"""The server dies between its commit and its answer: sent again, the testimony is stored once."""

import json
import secrets
import threading
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.faults.ground import (
    Ground,
    check_whole,
    count,
    on_killable_back_ends,
    send,
    straced,
    wait_until,
)
from tests.sealed import Sealed
from tests.service import new_receipt
from tests.soak import rounds

Send = Callable[[], httpx.Response]


def form(ground: Ground) -> Send:
    """A form, the same each time it is sent."""
    receipt = new_receipt()
    return lambda: send(ground.service, receipt)


def submission(ground: Ground) -> Send:
    """A sealed submission, uploaded, under one idempotency key."""
    body = json.dumps(Sealed(ground.service).body())
    headers = {"Idempotency-Key": secrets.token_hex(16), "Content-Type": "application/json"}
    url = f"{ground.service.url}/v1/submissions"
    return lambda: httpx.post(url, content=body, headers=headers, timeout=30)


@pytest.mark.soak
@on_killable_back_ends
@pytest.mark.parametrize("make", [form, submission])
def test_testimony_whose_answer_was_lost_in_a_kill_is_there_once_when_it_is_sent_again(
    ground: Ground, make: Callable[[Ground], Send], tmp_path: Path
) -> None:
    server = ground.server
    for _ in range(rounds(1, 10)):
        before = count(ground.service)
        send_it = make(ground)
        answers: list[int] = []

        def person(send_it: Send = send_it, answers: list[int] = answers) -> None:
            try:
                answers.append(send_it().status_code)
            except httpx.TransportError:
                answers.append(0)

        # Writes to sockets wait a little: time enough to see the commit before the answer.
        fault = "inject=write,writev:delay_enter=300000"
        with straced(server.pid, tmp_path / "trace", "-e", "trace=write,writev", "-e", fault):
            thread = threading.Thread(target=person, daemon=True)
            thread.start()
            wait_until(lambda before=before: count(ground.service) > before, 30)
            server.kill()
            thread.join(30)
        assert answers == [0]
        server.start()
        assert count(ground.service) == before + 1
        assert send_it().status_code == 200
        assert count(ground.service) == before + 1
    check_whole(ground.service)
