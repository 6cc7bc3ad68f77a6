"""A server that can be killed, for each test that asks for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.ground import Ground, grounds
from tests.service import Mechanism


@pytest.fixture
def ground(request: pytest.FixtureRequest, tmp_path: Path, demo: Mechanism) -> Iterator[Ground]:
    """On SQLite and files, unless the test says otherwise."""
    with grounds(tmp_path, demo, getattr(request, "param", "sqlite")) as made:
        yield made
