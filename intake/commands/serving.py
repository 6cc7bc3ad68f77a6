"""What uvicorn imports in each worker process: factories without arguments."""

import ctypes

from fastapi import FastAPI

from intake import app, logs, settings


def whole() -> FastAPI:
    """All doors."""
    return app.whole_app(_loaded())


def public() -> FastAPI:
    """The door to the internet."""
    return app.public_app(_loaded())


def feed() -> FastAPI:
    """The door for mechanisms' programs."""
    return app.feed_app(_loaded())


def review() -> FastAPI:
    """The door for members of mechanisms."""
    return app.review_app(_loaded())


def _loaded() -> settings.Settings:
    _keep_memory()
    loaded = settings.load()
    logs.configure(loaded.log_level)
    return loaded


def _keep_memory() -> None:
    """Let glibc reuse the memory of received pieces instead of giving each back to the kernel.

    uvicorn hands on pieces of some 250 KiB, which malloc would map and unmap one by one: 200,000 page
    faults for each GiB, a sixth of the processor time of an upload. One arena, since one thread
    allocates most.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for option, value in ((-3, 64 << 20), (-1, 512 << 20), (-2, 32 << 20), (-8, 1)):
            mallopt(option, value)  # M_MMAP_THRESHOLD, M_TRIM_THRESHOLD, M_TOP_PAD, M_ARENA_MAX
