"""HTTP to the service: one place for retries and for turning answers into errors."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

_AGAIN = (429, 500, 502, 503, 504, 507)
# After a broken connection the server may still be busy with what is left of the old one.
_AGAIN_CODES = ("upload_busy", "offset")
_FIRST = 60.0  # seconds
Fresh = Callable[[], dict[str, str]]


class ApiError(Exception):
    """The service refused. `status` is HTTP's, `code` the service's own name of the reason."""

    def __init__(self, status: int, code: str, detail: str, values: dict[str, Any]) -> None:
        super().__init__(f"{detail} ({status} {code})")
        self.status = status
        self.code = code
        self.values = values


class Offline(Exception):
    """The service could not be reached for as long as we were willing to try."""


class Api:
    """A connection that does not give up early. `patience` is in seconds, for one request.

    Until the service has answered at all, it is a minute at most: an address that is wrong shows soon.
    """

    def __init__(
        self,
        url: str,
        *,
        patience: float = 3600,
        waiting: Callable[[float], None] = lambda seconds: None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self._patience = patience
        self._waiting = waiting
        self._reached = False
        timeout = httpx.Timeout(30, read=120)
        self.http = httpx.Client(
            timeout=timeout,
            transport=transport,
            headers={"User-Agent": "intake"},
            event_hooks={"response": [self._answered]},
        )

    def get(self, path: str, **options: Any) -> Any:
        """JSON of a GET, retried."""
        return self.request("GET", path, **options).json()

    def post(self, path: str, body: Any, **options: Any) -> Any:
        """JSON of a POST, retried: only for requests that may be repeated."""
        return self.request("POST", path, json=body, **options).json()

    def request(
        self,
        method: str,
        path: str,
        *,
        headers: Fresh | None = None,
        data: Fresh | None = None,
        **options: Any,
    ) -> httpx.Response:
        """Send until an answer comes. `headers` and `data` (a form) are called for each try: proofs and
        assertions are used once."""
        for attempt in self.attempts():
            with attempt:
                if data is not None:
                    options["data"] = data()
                response = self.http.request(
                    method, self.absolute(path), headers=headers() if headers else None, **options
                )
                check(response)
                return response
        raise Offline("unreachable")

    def absolute(self, path: str) -> str:
        """A full address; absolute ones are left alone."""
        return path if path.startswith("http") else self.url + path

    def attempts(self) -> "Attempts":
        """Tries with growing pauses. A try that fails for good, or too late, raises."""
        return Attempts(self._patience if self._reached else min(self._patience, _FIRST), self._waiting)

    def _answered(self, _: httpx.Response) -> None:
        self._reached = True

    def close(self) -> None:
        """Close connections."""
        self.http.close()


class Attempts:
    """Iterates over tries. Patience counts from the start, or from the last `progress`."""

    def __init__(self, patience: float, waiting: Callable[[float], None]) -> None:
        self._patience = patience
        self._waiting = waiting
        self.progress()

    def progress(self) -> None:
        """Something was achieved: be as patient as at first."""
        self._deadline = time.monotonic() + self._patience
        self._pause = 0.5

    def __iter__(self) -> "Iterator[Attempt]":
        while True:
            attempt = Attempt()
            yield attempt
            if attempt.error is None:
                return
            wanted = attempt.wait or self._pause * random.uniform(0.7, 1.3)
            if time.monotonic() + wanted > self._deadline:
                raise Offline(f"the service did not answer in time: {attempt.error}") from attempt.error
            self._waiting(wanted)
            time.sleep(wanted)
            self._pause = min(self._pause * 2, 30)


class Attempt:
    """Context of one try: remembers a passing failure, lets others through."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.wait = 0.0

    def __enter__(self) -> "Attempt":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, httpx.TransportError):
            self.error = error
            return True
        if isinstance(error, ApiError) and (error.status in _AGAIN or error.code in _AGAIN_CODES):
            self.error = error
            self.wait = min(float(error.values.get("retry_after", 0)), 60.0)
            return True
        return False


def check(response: httpx.Response) -> None:
    """`ApiError` unless the answer is a success."""
    if response.is_success:
        return
    response.read()
    try:
        body = response.json()
    except ValueError:
        body = {}
    if not isinstance(body, dict):
        body = {}
    code = str(body.get("code") or body.get("error") or "unknown")
    detail = str(body.get("detail") or body.get("error_description") or f"HTTP {response.status_code}")
    raise ApiError(response.status_code, code, detail, body)


@contextmanager
def api(url: str, **options: Any) -> Iterator[Api]:
    """An `Api` that is closed at the end."""
    opened = Api(url, **options)
    try:
        yield opened
    finally:
        opened.close()
