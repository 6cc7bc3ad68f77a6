"""Fixtures: a mechanism's keys, made once, and a running service for each test that asks for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service import FILES, Mechanism, Service, make_mechanism, running


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Mechanism:
    """A mechanism whose people made their keys offline."""
    return make_mechanism(tmp_path_factory.mktemp("demo-keys"), "demo")


@pytest.fixture
def service(tmp_path: Path, demo: Mechanism) -> Iterator[Service]:
    """A fresh, live service that knows the mechanism `demo`."""
    with running(tmp_path, demo) as found:
        yield found


@pytest.fixture(scope="session")
def photo() -> bytes:
    """A phone's JPEG, with EXIF and GPS."""
    return (FILES / "phone.jpg").read_bytes()
