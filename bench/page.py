"""For row `browser`: the page itself, with a server beside it. What it loads, when it can be used, how
smoothly it seals, and how much memory that takes."""

import gzip
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, Page, Response, expect

from bench.report import Line
from bench.stand import MIB, Stand
from tests import driven
from tests.driven import Driven
from tests.sealing_pages import PHONE, WAIT, fill, photos, received, send, to_form, watched
from tests.service import video
from tests.web.test_build import build, kilobytes, loaded

THROTTLED = 4  # times slower: the page's own thread, as CDP does it; workers keep their speed
MEGABYTES = 50
FIRST_KB = 70
LONG_TASK = 50  # ms: what the browser reports
_USABLE = "() => document.querySelector('[data-way=sealed]')?.checkVisibility() && performance.now()"
_WATCH = """
globalThis.longTasks = [];
new PerformanceObserver((list) => longTasks.push(...list.getEntries().map((entry) => entry.duration)))
  .observe({ type: "longtask" });
"""


def page_lines(stand: Stand, chromium: Browser) -> Iterator[Line]:
    """Each line beside what it should be, or beside the same with less to do."""
    build(stand.folder / "page")
    film = _film(stand.folder / "film.mp4", MEGABYTES * 10**6)
    pictures = photos(stand.folder, 10)
    with stand.server(web_dir=stand.folder / "page" / "dist") as server:
        url = server.settings.public_url
        yield from _loaded(chromium, url, stand.folder / "page" / "dist")
        for rate in (1, THROTTLED):
            yield from _usable(stand, chromium, url, rate)
        for rate in (1, THROTTLED):
            yield from _sealed(chromium, url, [*pictures, film], rate)
        small = _memory(url, film)
        large = _memory(url, _film(stand.folder / "large.mp4", stand.scale.browser_mib * MIB))
    what = f"most memory of the page and its worker while sealing {stand.scale.browser_mib} MiB"
    yield Line("browser", what, f"{large:.0f} MiB", f"{MEGABYTES} MB", large / small, "≤ 1.5")


def _loaded(chromium: Browser, url: str, built: Path) -> Iterator[Line]:
    with _page(chromium) as page:
        answers: list[Response] = []
        page.context.on("response", lambda response: answers.append(response))
        to_form(page, url)
        everything = sum(len(gzip.compress(a.body(), 9)) for a in answers if a.status == 200) / 1000
    first = kilobytes(loaded(built, "page", dynamic=False) | loaded(built, "worker", dynamic=False))
    against = f"{FIRST_KB} kB"
    what = "programs to the first usable form"
    yield Line("browser", what, f"{first:.0f} kB gzipped", against, first / FIRST_KB, "≤ 1")
    what = "the same with what seals, loaded then, with pages, style and icon"
    yield Line("browser", what, f"{everything:.0f} kB gzipped")


def _usable(stand: Stand, chromium: Browser, url: str, rate: int) -> Iterator[Line]:
    taken = []
    for _ in range(stand.scale.rounds + 2):
        with _page(chromium, rate) as page:  # nothing in the cache
            page.goto(f"{url}/be/", wait_until="commit")
            taken.append(float(page.wait_for_function(_USABLE, timeout=WAIT).json_value()))
    yield Line("browser", f"until the first page seals{_slow(rate)}", f"{median(taken):.0f} ms")


def _sealed(chromium: Browser, url: str, files: list[Path], rate: int) -> Iterator[Line]:
    with _page(chromium, rate) as page:
        page.add_init_script(_WATCH)
        asked = watched(page)
        to_form(page, url)
        fill(page, [("received", files)])
        expect(page.locator(".chosen canvas")).to_have_count(len(files) - 1, timeout=WAIT)
        choosing = max(page.evaluate("longTasks.splice(0)"), default=0)
        started = time.monotonic()
        send(page)
        received(page, asked)
        seconds = time.monotonic() - started
        sealing = max(page.evaluate("longTasks"), default=0)
    size = sum(path.stat().st_size for path in files) / 10**6
    what = f"{len(files)} files of {size:.0f} MB sealed and sent{_slow(rate)}"
    yield Line("browser", what, f"{seconds:.1f} s ({size / seconds:.0f} MB/s)")
    for during, longest in (("thumbnails are made", choosing), ("it seals and sends", sealing)):
        value = f"{longest:.0f} ms" if longest else f"none over {LONG_TASK} ms"
        yield Line(
            "browser",
            f"longest task of the page while {during}{_slow(rate)}",
            value,
            f"{LONG_TASK} ms",
            (longest or LONG_TASK) / LONG_TASK,
            "" if rate > 1 else "≤ 1",
        )


def _memory(url: str, film: Path) -> float:
    """Without playwright: what tells it of the network keeps every body that was sent."""
    with Driven() as page:
        driven.to_form(page, url)
        most = 0.0
        driven.fill_and_send(page, [("self", [film])])
        while page.evaluate("document.querySelector('#received').hidden"):
            most = max(most, page.renderers_mib())
            assert page.evaluate("document.querySelector('#sealing-error')?.hidden ?? true")
    return most


@contextmanager
def _page(chromium: Browser, rate: int = 1) -> Iterator[Page]:
    options: Any = {"viewport": PHONE}
    context = chromium.new_context(**options)
    page = context.new_page()
    page.set_default_timeout(WAIT)
    if rate > 1:
        context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": rate})
    try:
        yield page
    finally:
        context.close()


def _film(path: Path, size: int) -> Path:
    """Begins like a video; the rest is a hole, which is read like any other bytes."""
    with path.open("wb") as file:
        file.write(video(MIB))
        file.truncate(size)
    return path


def _slow(rate: int) -> str:
    return f", {rate} × slower" if rate > 1 else ""
