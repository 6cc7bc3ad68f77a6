"""Everything a request may need, built once by `app` and handed to each door."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from crypto.receipt import Receipt, ReceiptKeys
from intake import logs
from intake.errors import Busy, Unavailable
from intake.http.assets import Assets
from intake.http.pages import Pages
from intake.http.places import Places, body_chunks
from intake.installation import Installation, open_installation
from intake.settings import Settings
from intake.store.blobs import Stage

T = TypeVar("T")
_STORE_THREADS = 32
_STORE_WAIT = 10.0  # seconds
_TIDY_WAIT = 2.0
_ENTRIES_PER_SECOND, _ENTRIES_AT_ONCE = 20, 400  # at the review door: a challenge is kept for minutes


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
    console: Assets | None  # what the review door serves
    oprf_bucket: TokenBucket
    entry_bucket: TokenBucket  # of strangers: before anybody is known
    session_bucket: TokenBucket  # of who is logged in: strangers cannot empty it
    receipt_slots: asyncio.Semaphore
    places: Places
    store_slots: asyncio.Semaphore
    store_threads: CapacityLimiter
    tidy_threads: CapacityLimiter
    tidying: set[asyncio.Task[None]]  # so that none is forgotten before it is done

    async def derive(self, receipt: Receipt) -> ReceiptKeys:
        """A receipt's keys, in a thread, few at a time: each evaluation takes 19 MiB and some 40 ms."""
        async with self.receipt_slots:
            return await run_in_threadpool(receipt.keys)


def build(settings: Settings, assets: Assets | None = None, console: Assets | None = None) -> Services:
    """Open the installation for a web application."""
    return Services(
        **vars(open_installation(settings)),
        pages=Pages(settings.quit_url, assets),
        console=console,
        # Each worker has its share of what all together may evaluate.
        oprf_bucket=TokenBucket(
            settings.oprf_per_second / settings.workers, settings.oprf_burst / settings.workers
        ),
        entry_bucket=_entries(settings),
        session_bucket=_entries(settings),
        receipt_slots=asyncio.Semaphore(settings.receipt_concurrency),
        places=Places(settings.max_active_uploads, settings.body_idle_seconds),
        store_slots=asyncio.Semaphore(_STORE_THREADS),
        store_threads=CapacityLimiter(_STORE_THREADS),
        tidy_threads=CapacityLimiter(_STORE_THREADS),
        tidying=set(),
    )


def _entries(settings: Settings) -> TokenBucket:
    return TokenBucket(_ENTRIES_PER_SECOND / settings.workers, _ENTRIES_AT_ONCE / settings.workers)


def services(request: Request) -> Services:
    """The services of the application that this request came to."""
    found: Services = request.app.state.services
    return found


async def in_thread(work: Callable[[], T]) -> T:
    """Run something that blocks, and that does not wait for the blob store."""
    return await run_in_threadpool(work)


async def in_store(found: Services, work: Callable[[], T]) -> T:
    """Run something that may wait for the blob store, in threads of its own.

    A store that hangs then holds up what needs it, and nothing else; whoever comes after that is told
    `Unavailable` in seconds.
    """
    try:
        async with asyncio.timeout(_STORE_WAIT):
            await found.store_slots.acquire()
    except TimeoutError as error:
        raise Unavailable("unavailable", "the blob store is too slow at the moment") from error
    try:
        return await to_thread.run_sync(work, limiter=found.store_threads)
    finally:
        found.store_slots.release()


async def tidy(found: Services, work: Callable[[], object]) -> None:
    """Let go of what was not stored. Nobody's answer waits long for it; it goes on by itself."""

    async def run() -> None:
        try:
            await to_thread.run_sync(work, limiter=found.tidy_threads)
        except Exception as error:
            logs.event("tidying_failed", logging.WARNING, error=error)

    task = asyncio.create_task(run())
    found.tidying.add(task)
    task.add_done_callback(found.tidying.discard)
    await asyncio.wait((task,), timeout=_TIDY_WAIT)


async def pause() -> None:
    """Let other requests have their turn."""
    await asyncio.sleep(0)


def breather(found: Services) -> Callable[[Stage | None], Awaitable[None]]:
    """Lets others run; sends on what a stage holds, in a thread, when it is full."""

    async def breathe(stage: Stage | None) -> None:
        if stage is not None and stage.full:
            await in_store(found, stage.flush)
        else:
            await pause()

    return breathe


def body(request: Request) -> AsyncGenerator[bytes, None]:
    """The request's body, in its place among others: see `places`."""
    found = services(request)
    return body_chunks(request, found.places, found.settings.body_idle_seconds)
