"""Fixtures: a mechanism's keys, made once, and a running service for each test that asks for one."""

import gc
import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from sqlalchemy import Engine, create_engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

from intake.db import engine
from tests import s3
from tests.postgres import postgres
from tests.service import FILES, Mechanism, Service, make_mechanism, running

settings.register_profile("shared machine", deadline=None)  # how long an example takes says nothing there
settings.load_profile("shared machine")

# Each client would read the world's authorities anew, which takes longer than most requests of tests; no test
# speaks TLS with anybody. One authority, because the S3 client does not begin without any.
os.environ["SSL_CERT_FILE"] = str(FILES / "authority.pem")
os.environ["SSL_CERT_DIR"] = str(FILES)


def _compile_once() -> None:
    """A statement is compiled once for each kind of database, and not anew for every test's own one.

    Engines have caches of their own, in which a statement's key names the dialect's instance.
    """
    statements: LRUCache[Any, Any] = LRUCache(4000)

    def create(*arguments: Any, **options: Any) -> Engine:
        made = create_engine(*arguments, **options)
        made._compiled_cache = statements
        return made

    DefaultDialect.__eq__ = lambda one, other: type(one) is type(other)  # type: ignore[method-assign]
    DefaultDialect.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]
    engine.create_engine = create  # type: ignore[attr-defined]


_compile_once()


def pytest_collection_finish() -> None:
    """What is loaded stays: the collector need not walk through it, and seldom through all that tests leave."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(700, 10, 100)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Mechanism:
    """A mechanism whose people made their keys offline."""
    return make_mechanism(tmp_path_factory.mktemp("demo-keys"), "demo")


@pytest.fixture
def service(request: pytest.FixtureRequest, tmp_path: Path, demo: Mechanism) -> Iterator[Service]:
    """A fresh, live service that knows the mechanism `demo`, on SQLite unless the test says otherwise."""
    with ExitStack() as stack:
        overrides = {}
        where = getattr(request, "param", "sqlite")
        if where.startswith("postgresql"):
            overrides["database_url"] = stack.enter_context(postgres(made=False))
        if where.endswith("+s3"):
            overrides |= {"store_url": s3.started().place(), "s3_endpoint": s3.server()}
            stack.enter_context(s3.credentials())
        yield stack.enter_context(running(tmp_path, demo, **overrides))


@pytest.fixture(scope="session")
def photo() -> bytes:
    """A phone's JPEG, with EXIF and GPS."""
    return (FILES / "phone.jpg").read_bytes()
