"""A proxy in front of an S3 server that misbehaves when told to. Requests pass unchanged otherwise."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

Fault = Callable[[str, str], str | None]  # (method, path) → a fault's name, or None


class Proxy:
    """HTTP/1.1 on loopback. `fault` says, for each request, what goes wrong with it.

    "500", "503": that answer, the server never sees the request · "hang": no answer at all · "stall": the
    server gets it, its answer never comes · "half": half of the body reaches the server, then both ends
    are closed · "cut": half of the answer · "lost": the server gets all, the answer is a closed connection.
    """

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._target = (parts.hostname or "", parts.port or 80)
        self.fault: Fault = lambda method, path: None
        self.faults = 0
        self.address = ""
        self._loop = asyncio.new_event_loop()

    async def serve(self) -> None:
        self._server = await asyncio.start_server(self._connection, "127.0.0.1", 0)
        self.address = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while await self._request(reader, writer):
                pass
        writer.close()

    async def _request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        method, path, _ = head.split(b"\r\n")[0].decode().split(" ")
        body = await reader.readexactly(_length(head))
        fault = self.fault(method, path)
        if fault:
            self.faults += 1
        if fault in ("500", "503"):
            writer.write(f"HTTP/1.1 {fault} Fault\r\nContent-Length: 0\r\n\r\n".encode())
            await writer.drain()
            return True
        if fault == "hang":
            await asyncio.sleep(3600)
        there, back = await asyncio.open_connection(*self._target, limit=1 << 20)
        try:
            if fault == "half":
                back.write(head + body[: len(body) // 2])
                await back.drain()
                return False
            back.write(head + body)
            await back.drain()
            answer = await there.readuntil(b"\r\n\r\n")
            if fault == "lost":
                return False
            if fault == "stall":
                await asyncio.sleep(3600)
            content = b"" if method == "HEAD" else await _content(there, answer)
            whole = answer + content
            writer.write(whole[: len(whole) // 2] if fault == "cut" else whole)
            await writer.drain()
            return fault != "cut"
        finally:
            back.close()


def _header(head: bytes, name: bytes) -> bytes:
    for line in head.split(b"\r\n")[1:]:
        key, _, value = line.partition(b":")
        if key.lower() == name:
            return value.strip()
    return b""


def _length(head: bytes) -> int:
    return int(_header(head, b"content-length") or 0)


async def _content(reader: asyncio.StreamReader, head: bytes) -> bytes:
    if b"chunked" not in _header(head, b"transfer-encoding"):
        status = head.split(b" ", 2)[1]
        return b"" if status in (b"204", b"304") else await reader.readexactly(_length(head))
    found = b""
    while True:
        line = await reader.readuntil(b"\r\n")
        piece = await reader.readexactly(int(line.split(b";")[0], 16) + 2)
        found += line + piece
        if line.split(b";")[0].strip() == b"0":
            return found


@contextmanager
def proxy(target: str) -> Iterator[Proxy]:
    """A proxy that runs in a thread until the block ends."""
    made = Proxy(target)
    loop = made._loop
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(made.serve(), loop).result(10)
    try:
        yield made
    finally:

        async def end() -> None:
            made._server.close()
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(end(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
