"""Row `puts`: small blobs published per second by the blob stores themselves."""

import hashlib
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from bench.report import Line
from bench.stand import BACK_ENDS, Stand
from intake.store.blobs import BlobStore

SIZE = 20_000  # bytes: a sealed narrative with its padding
THREADS = (1, 16)


def puts(stand: Stand) -> Iterator[Line]:
    """Files, and S3, from one thread and from many."""
    first = None
    for back_end in BACK_ENDS:
        with stand.data(back_end) as (settings, installation):
            for threads in THREADS:
                rate = _rate(installation.store, threads, stand.scale.seconds)
                first = first or rate
                store = "S3" if settings.store_url else "files"
                what = f"blobs of {SIZE // 1000} kB, {threads} thread{'s' * (threads > 1)}; {store}"
                yield Line("puts", what, f"{rate:.0f}/s", "files, 1 thread", rate / first)


def _rate(store: BlobStore, threads: int, seconds: float) -> float:
    data = os.urandom(SIZE)
    digest = hashlib.sha256(data).hexdigest()
    end = time.monotonic() + seconds

    def work(_: int) -> int:
        done = 0
        while time.monotonic() < end:
            stage = store.stage()
            stage.write(data)
            store.publish([(stage, digest)])
            done += 1
        return done

    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(work, range(threads))) / seconds
