"""A service with the console that was built, and a Chromium."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.console import built_console
from tests.service import Mechanism, Service, running
from tests.tools import browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


@pytest.fixture
def service(tmp_path: Path, demo: Mechanism) -> Iterator[Service]:
    with running(tmp_path, demo, console_dir=built_console()) as found:
        yield found
