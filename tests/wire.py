"""A wire between a browser and the service: it records all that goes up, and can be cut and mended."""

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

STEP = 16 * 1024


class Wire:
    """Carries both directions. `sent` is everything that went up; `cuts` are how often it broke so far.

    It breaks each time when as many bytes went up as `cut_at` says next, and is mended at once.
    """

    def __init__(self, url: str, *, cut_at: tuple[int, ...] = ()) -> None:
        self._target = ("127.0.0.1", urlsplit(url).port or 80)
        self._cut_at = list(cut_at)
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self.sent = bytearray()
        self.cuts = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listening.close()
        self._break()

    def leads_to(self, url: str) -> None:
        """From now on to another address; what is open breaks."""
        self._target = ("127.0.0.1", urlsplit(url).port or 80)
        self._break()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                try:
                    far = socket.create_connection(self._target)
                except OSError:  # nobody is there now
                    near.close()
                    continue
                with self._lock:
                    self._open |= {near, far}
                threading.Thread(target=self._carry, args=(near, far, True), daemon=True).start()
                threading.Thread(target=self._carry, args=(far, near, False), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, up: bool) -> None:
        with suppress(OSError):
            while data := source.recv(STEP):
                if up and self._record(data):
                    self._break()
                    return
                try:
                    target.sendall(data)
                except OSError:
                    while source.recv(
                        STEP
                    ):  # answered before all was read: the sender has to get to the answer
                        pass
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    def _record(self, data: bytes) -> bool:
        """Whether the wire breaks now; what did not arrive was sent nevertheless."""
        with self._lock:
            self.sent += data
            if self._cut_at and len(self.sent) >= self._cut_at[0]:
                self._cut_at.pop(0)
                self.cuts += 1
                return True
            return False

    def _break(self) -> None:
        with self._lock:
            ends, self._open = self._open, set()
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
