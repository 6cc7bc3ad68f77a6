"""Places for bodies that are being received: few enough for memory, never held for good by the slow.

A body takes a place once it is larger than what may wait in memory without one: a text alone never
needs any. Where all places are taken and somebody waits, whoever has been slow for long must leave; an
upload keeps what came. Nobody is told apart by address.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

from starlette.requests import Request

from intake.errors import Busy, Malformed

FREE = 32 * 1024  # bytes of a body that need no place
SLOW = 4 * 1024  # bytes per second, on average since it took its place
_LOOK = 1.0  # seconds between two looks at who is slow


class Place:
    """One body on its way, with or without a place of its own yet.

    One timer watches over the whole body: one for each piece costs a tenth of the time it takes to
    receive it.
    """

    def __init__(self, idle: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        self._idle = idle
        self._last = self._loop.time()
        self._timer = self._loop.call_at(self._last + idle, self._look)
        self._taken_at: float | None = None
        self._bytes = 0
        self._waiting = False
        self.received = 0
        self.idle = False
        self.evicted = False

    async def next(self, stream: AsyncIterator[bytes]) -> bytes | None:
        """The next piece; None at the end. `Malformed` or `Busy` if it must end here."""
        if self.evicted:
            raise _too_slow()
        self._waiting = True
        try:
            chunk = await anext(stream, None)
        except asyncio.CancelledError:
            if not (self.idle or self.evicted) or self._task is None:
                raise
            self._task.uncancel()
            raise _too_slow() if self.evicted else _stalled(self._idle) from None
        finally:
            self._waiting = False
            self._last = self._loop.time()
        if chunk:
            self.received += len(chunk)
        return chunk

    def taken(self) -> None:
        """It has a place now: from here on its pace counts."""
        self._taken_at, self._bytes = self._loop.time(), self.received

    def rate(self, grace: float) -> float:
        """Bytes per second since then; infinite while it is too young to tell."""
        age = self._loop.time() - (self._taken_at or self._loop.time())
        return (self.received - self._bytes) / age if age > grace else float("inf")

    def evict(self) -> None:
        """Let it end: at once if it waits for its client, else when it does next."""
        self.evicted = True
        self._interrupt()

    def close(self) -> None:
        """The body is over."""
        self._timer.cancel()

    def _look(self) -> None:
        due = self._last + self._idle
        if self._waiting and due <= self._loop.time():
            self.idle = True
            self._interrupt()
        else:
            self._timer = self._loop.call_at(max(due, self._loop.time() + 0.1), self._look)

    def _interrupt(self) -> None:
        if self._waiting and self._task is not None:
            self._task.cancel()


class Places:
    """All places of one process."""

    def __init__(self, limit: int, grace: float) -> None:
        self._free = asyncio.Semaphore(limit)
        self._grace = grace
        self._taken: set[Place] = set()

    async def take(self, place: Place) -> None:
        """Wait for a place; while waiting, have the slowest leave."""
        while True:
            try:
                async with asyncio.timeout(_LOOK):
                    await self._free.acquire()
            except TimeoutError:
                self._evict_slowest()
            else:
                place.taken()
                self._taken.add(place)
                return

    def leave(self, place: Place) -> None:
        """Give a place back, if it was taken."""
        place.close()
        if place in self._taken:
            self._taken.discard(place)
            self._free.release()

    def _evict_slowest(self) -> None:
        staying = [place for place in self._taken if not place.evicted]
        slowest = min(staying, key=lambda place: place.rate(self._grace), default=None)
        if slowest is not None and slowest.rate(self._grace) < SLOW:
            slowest.evict()


async def body_chunks(request: Request, places: Places, idle: float) -> AsyncGenerator[bytes, None]:
    """The body's pieces. Close it (`aclosing`): that gives the place back.

    `Malformed` if nothing comes for `idle` seconds; `Busy` if it must leave for others.
    """
    stream = request.stream()
    place = Place(idle)
    taken = False
    try:
        while (chunk := await place.next(stream)) is not None:
            if not taken and place.received > FREE:
                await places.take(place)
                taken = True
            yield chunk
    finally:
        places.leave(place)


def _stalled(idle: float) -> Malformed:
    return Malformed("malformed", f"nothing came for {idle} seconds")


def _too_slow() -> Busy:
    return Busy("busy", "too slow while others wait; what was uploaded is kept", retry_after=60)
