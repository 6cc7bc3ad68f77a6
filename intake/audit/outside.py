"""What witnesses and timestamp authorities share: others' servers, which may be down, slow or lying.

Nothing here is ever waited for by somebody who submits or reads. An answer is read up to a limit, in
bounded time; after a failure the same one is left alone for a while.
"""

import threading
import time
from concurrent.futures import Future
from contextlib import suppress

import httpx

MAX_ANSWER = 256 * 1024  # bytes
_TIMEOUT = httpx.Timeout(10.0)
_TOTAL = 20.0  # seconds for one answer from the first to the last, however slowly it drips
_PAUSE = 600.0  # seconds after a failure


class Answer:
    """Status, media type and body."""

    def __init__(self, status: int, kind: str, body: bytes) -> None:
        self.status = status
        self.kind = kind
        self.body = body


def ask(url: str, body: bytes, kind: str) -> Answer:
    """POST. Any failure, an answer too long or too slow among them, is `httpx.HTTPError`.

    It is made in a thread of its own: names, connections and headers have no limit that holds for all of
    them together, and may come a byte at a time for ever.
    """
    client = httpx.Client(timeout=_TIMEOUT, follow_redirects=False)
    result: Future[Answer] = Future()

    def work() -> None:
        try:
            result.set_result(_ask(client, url, body, kind))
        except BaseException as error:
            result.set_exception(error)

    threading.Thread(target=work, daemon=True).start()
    try:
        return result.result(_TOTAL)
    except TimeoutError as error:
        raise httpx.ReadTimeout("the answer is too slow") from error
    finally:
        with suppress(RuntimeError):
            client.close()  # what the thread still waits for fails now, or at its next byte


def _ask(client: httpx.Client, url: str, body: bytes, kind: str) -> Answer:
    headers = {"Content-Type": kind, "User-Agent": "intake"}
    with client.stream("POST", url, content=body, headers=headers) as response:
        found = bytearray()
        for piece in response.iter_bytes():
            found += piece
            if len(found) > MAX_ANSWER:
                raise httpx.ReadError("the answer is too long")
        return Answer(response.status_code, response.headers.get("content-type", ""), bytes(found))


class Pauses:
    """Who failed lately."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def due(self, name: str) -> bool:
        """Whether to ask it again."""
        return time.monotonic() >= self._until.get(name, 0.0)

    def failed(self, name: str) -> None:
        """Leave it alone for a while."""
        self._until[name] = time.monotonic() + _PAUSE
