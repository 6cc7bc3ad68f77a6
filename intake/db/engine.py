"""One database, two ways in: `read()` and `write()`. Synchronous; call from a worker thread."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, TimeoutError

from intake.errors import Unavailable


class Database:
    """A connection pool with the transaction rules of its back end."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        # SQLite has one writer. Without a lock of our own, writers wait by sleeping and retrying,
        # which lets some starve; with it they queue (p99 of a small commit 132 → 24 ms when tried).
        self._writer = threading.Lock() if self.engine.dialect.name == "sqlite" else _NoLock()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent view; nothing written here is kept."""
        with _unavailable(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction: durable when the block is left, undone if it raises."""
        with self._writer, _unavailable(), self.engine.connect() as connection:
            connection.info["write"] = True
            try:
                with connection.begin():
                    yield connection
            finally:
                connection.info.pop("write", None)

    def check(self) -> None:
        """`Unavailable` unless the database answers."""
        with self.read() as connection:
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


class _NoLock:
    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


@contextmanager
def _unavailable() -> Iterator[None]:
    """A database that does not do what it should is one answer, whatever the reason.

    Integrity and data errors are about what was asked, and pass.
    """
    try:
        yield
    except (IntegrityError, DataError):
        raise
    except (DBAPIError, TimeoutError) as error:
        raise Unavailable("unavailable", "the database does not answer") from error


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, pool_size=16, max_overflow=8, pool_pre_ping=True)
    engine = create_engine(url, pool_size=8, max_overflow=32, connect_args={"timeout": 15})

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _: object) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",  # a commit is on disk when it returns
            "foreign_keys=ON",
            "secure_delete=ON",  # a withdrawn grant is overwritten, not only unlinked
            "busy_timeout=15000",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        write = connection.info.get("write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine
