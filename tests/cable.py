"""A cable between a client and the service, that can be cut in the middle: real sockets, real bytes."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit


class Cable:
    """Carries both directions until `limit` bytes went up, or `last_words` did; then nothing moves any more.

    `sent` is everything that went up; `frozen` is set once nothing moves.
    """

    def __init__(self, url: str, *, limit: int | None = None, last_words: bytes | None = None) -> None:
        self._target = ("127.0.0.1", urlsplit(url).port or 80)
        self._limit, self._last_words = limit, last_words
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self.sent = bytearray()
        self.frozen = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listening.close()
        for end in self._open:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                far = socket.create_connection(self._target)
                self._open += [near, far]
                threading.Thread(target=self._up, args=(near, far), daemon=True).start()
                threading.Thread(target=self._down, args=(far, near), daemon=True).start()

    def _up(self, near: socket.socket, far: socket.socket) -> None:
        with _until_closed(far):
            while not self.frozen.is_set() and (data := near.recv(16 * 1024)):
                with self._lock:
                    self.sent += data
                    over = self._limit is not None and len(self.sent) >= self._limit
                    if over or (self._last_words and self._last_words in self.sent):
                        self.frozen.set()
                far.sendall(data)
            if self.frozen.is_set() and self._last_words:
                while data := near.recv(
                    16 * 1024
                ):  # all of the last request arrives, and its answer does not
                    far.sendall(data)

    def _down(self, far: socket.socket, near: socket.socket) -> None:
        with _until_closed(near):
            while data := far.recv(16 * 1024):
                if not self.frozen.is_set():
                    near.sendall(data)


@contextmanager
def _until_closed(other: socket.socket) -> Iterator[None]:
    with suppress(OSError):
        yield
        other.shutdown(socket.SHUT_WR)
