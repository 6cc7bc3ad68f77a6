"""Places for bodies that are being received: few enough for memory, never held for good by the slow.

A body takes a place once it is larger than what may wait in memory without one: a text alone never
needs any. Where all places are taken and somebody waits, whoever has been slow for long must leave; an
upload keeps what came. Nobody is told apart by address.
"""

import asyncio
from collections.abc import AsyncGenerator

from starlette.requests import Request

from intake.errors import Busy, Malformed

FREE = 32 * 1024  # bytes of a body that need no place
SLOW = 4 * 1024  # bytes per second, on average since it took its place
_LOOK = 1.0  # seconds between two looks at who is slow


class Place:
    """One body on its way."""

    def __init__(self) -> None:
        self._begun = asyncio.get_running_loop().time()
        self._bytes = 0
        self.waiting: asyncio.Timeout | None = None
        self.evicted = False

    def received(self, count: int) -> None:
        """Count what came."""
        self._bytes += count

    def rate(self, grace: float) -> float:
        """Bytes per second; infinite while it is too young to tell."""
        age = asyncio.get_running_loop().time() - self._begun
        return self._bytes / age if age > grace else float("inf")

    def evict(self) -> None:
        """Let it end: at once if it waits for its client, else when it does next."""
        self.evicted = True
        if self.waiting is not None:
            self.waiting.reschedule(asyncio.get_running_loop().time())


class Places:
    """All places of one process."""

    def __init__(self, limit: int, grace: float) -> None:
        self._free = asyncio.Semaphore(limit)
        self._grace = grace
        self._taken: set[Place] = set()

    async def take(self) -> Place:
        """Wait for a place; while waiting, have the slowest leave."""
        while True:
            try:
                async with asyncio.timeout(_LOOK):
                    await self._free.acquire()
            except TimeoutError:
                self._evict_slowest()
            else:
                place = Place()
                self._taken.add(place)
                return place

    def leave(self, place: Place) -> None:
        """Give a place back."""
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
    place: Place | None = None
    received = 0
    try:
        while True:
            try:
                async with asyncio.timeout(idle) as waiting:
                    if place:
                        place.waiting = waiting
                    chunk = await anext(stream)
            except StopAsyncIteration:
                return
            except TimeoutError as error:
                if place and place.evicted:
                    raise _too_slow() from error
                raise Malformed("malformed", f"nothing came for {idle} seconds") from error
            finally:
                if place:
                    place.waiting = None
            received += len(chunk)
            if place is None and received > FREE:
                place = await places.take()
            if place:
                place.received(len(chunk))
                if place.evicted:
                    raise _too_slow()
            yield chunk
    finally:
        if place:
            places.leave(place)


def _too_slow() -> Busy:
    return Busy("busy", "too slow while others wait; what was uploaded is kept", retry_after=60)
