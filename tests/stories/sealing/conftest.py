"""A service with what `make web` builds, and a browser on a phone that runs it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.sealing_pages import PHONE, WAIT
from tests.service import Mechanism, Service, running
from tests.tools import browser
from tests.web.test_build import build


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """What `make web` builds, and its manifest's hash."""
    folder = tmp_path_factory.mktemp("sealing") / "web"
    _, manifest = build(folder)
    return folder / "dist", manifest


@pytest.fixture
def service(built: tuple[Path, str], tmp_path: Path, demo: Mechanism) -> Iterator[Service]:
    with running(tmp_path, demo, web_dir=built[0]) as found:
        yield found


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    opened = chromium.new_context(viewport=PHONE)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    opened = context.new_page()
    opened.set_default_timeout(WAIT)
    return opened
