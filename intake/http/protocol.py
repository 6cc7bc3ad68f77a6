"""uvicorn's HTTP protocol with a limit on heads: of bytes, and of seconds until one is complete.

Without it a connection that never ends its headers, or never sends any, is held in memory for ever.
Large bodies come in larger pieces, and are copied less.
"""

import asyncio
import socket
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD = 64 * 1024  # bytes
HEAD_SECONDS = 30.0
LARGE = 64 * 1024  # bytes of a body that came at once: more of it is to come
PIECE = 256 * 1024  # bytes that the kernel shall gather of such a body


class GuardedProtocol(HttpToolsProtocol):
    """Closes, without an answer, whoever does not send a head in time or in size."""

    def connection_made(self, transport: Any) -> None:
        """A client is there: its first head is awaited."""
        super().connection_made(transport)
        self._head = 0
        self._timer: asyncio.TimerHandle | None = None
        self._large = False
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """Bytes of heads and bodies."""
        super().data_received(data)
        if self._timer is not None:
            self._head += len(data)
            if self._head > MAX_HEAD:
                self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self._head_is_here()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """The first byte of a head."""
        super().on_message_begin()
        self._await_head()

    def on_headers_complete(self) -> None:
        """The head is complete."""
        self._head_is_here()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """The body's next bytes; uvicorn appends them to those that nobody has fetched yet.

        To empty `bytes` nothing is copied, and nothing when they are fetched. Only what comes in several
        pieces is gathered in a bytearray.
        """
        waiting = self.cycle and self.cycle.body
        if waiting is not None and not waiting:
            self.cycle.body = b""  # type: ignore[assignment]
        elif isinstance(waiting, bytes):
            self.cycle.body = bytearray(waiting)
        super().on_body(body)
        if not self._large and len(body) >= LARGE:
            self._large = True
            self._gather()

    def _gather(self) -> None:
        """Have the kernel keep up to 256 KiB for this connection until they are read.

        At its usual 128 KiB pieces are half as large, and each costs a turn through all layers. Linux
        makes its buffer twice as large as SO_RCVLOWAT and goes on adapting it to the network, which
        SO_RCVBUF would end.
        """
        connection = self.transport.get_extra_info("socket")
        for bytes_ in (PIECE, 1):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, bytes_)

    def _await_head(self) -> None:
        self._head_is_here()
        self._timer = self.loop.call_later(HEAD_SECONDS, self.transport.abort)

    def _head_is_here(self) -> None:
        self._head = 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
