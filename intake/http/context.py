"""Everything a request may need, built once by `app` and handed to each door."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from crypto.receipt import Receipt, ReceiptKeys
from intake.errors import Busy, Malformed
from intake.http.pages import Pages
from intake.installation import Installation, open_installation
from intake.settings import Settings
from intake.store.blobs import Stage

T = TypeVar("T")


class TokenBucket:
    """One bucket for all clients together: addresses say nothing behind Tor, and are never kept."""

    def __init__(self, per_second: float, burst: float) -> None:
        self._rate = per_second
        self._burst = burst
        self._level = float(burst)
        self._at = time.monotonic()

    def take(self, count: int) -> None:
        """`Busy`, with the seconds to wait, if the bucket does not hold that many."""
        now = time.monotonic()
        self._level = min(self._burst, self._level + (now - self._at) * self._rate)
        self._at = now
        if count > self._level:
            raise Busy(
                "busy", "too many evaluations", retry_after=int((count - self._level) / self._rate) + 1
            )
        self._level -= count


@dataclass(frozen=True)
class Services(Installation):
    """An installation, and what only its web applications need."""

    pages: Pages
    oprf_bucket: TokenBucket
    receipt_slots: asyncio.Semaphore
    upload_slots: asyncio.Semaphore

    async def derive(self, receipt: Receipt) -> ReceiptKeys:
        """A receipt's keys, in a thread, few at a time: each evaluation takes 19 MiB and some 40 ms."""
        async with self.receipt_slots:
            return await run_in_threadpool(receipt.keys)


def build(settings: Settings) -> Services:
    """Open the installation for a web application."""
    return Services(
        **vars(open_installation(settings)),
        pages=Pages(settings.quit_url),
        # Each worker has its share of what all together may evaluate.
        oprf_bucket=TokenBucket(
            settings.oprf_per_second / settings.workers, settings.oprf_burst / settings.workers
        ),
        receipt_slots=asyncio.Semaphore(settings.receipt_concurrency),
        upload_slots=asyncio.Semaphore(settings.max_active_uploads),
    )


def services(request: Request) -> Services:
    """The services of the application that this request came to."""
    found: Services = request.app.state.services
    return found


async def in_thread(work: Callable[[], T]) -> T:
    """Run something that blocks."""
    return await run_in_threadpool(work)


async def pause() -> None:
    """Let other requests have their turn."""
    await asyncio.sleep(0)


async def breathe(stage: Stage | None) -> None:
    """Let others run; send on what a stage holds, in a thread, when it is full."""
    if stage is not None and stage.full:
        await in_thread(stage.flush)
    else:
        await pause()


async def body_chunks(request: Request) -> AsyncIterator[bytes]:
    """The body's pieces; `Malformed` if nothing comes for too long, so that nobody holds a place idly."""
    stream = request.stream()
    seconds = services(request).settings.body_idle_seconds
    while True:
        try:
            async with asyncio.timeout(seconds):
                chunk = await anext(stream)
        except StopAsyncIteration:
            return
        except TimeoutError as error:
            raise Malformed("malformed", f"nothing came for {seconds} seconds") from error
        yield chunk
