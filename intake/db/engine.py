"""One database, two ways in: `read()` and `write()`. Synchronous; call from a worker thread.

Neither can read content (`db.guard`; on PostgreSQL, if the service has a role of its own, `db.roles`).
`db.content` can, for a ticket; `unguarded()` is for what operators run.
"""

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, select, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, TimeoutError

from intake.db.guard import guard
from intake.errors import Unavailable

LOCK_SECONDS = 15  # a lock that nobody lets go of is an answer after this long, not after minutes


class Database:
    """A connection pool with the transaction rules of its back end."""

    def __init__(self, url: str, *, sequencer: bool = False) -> None:
        """With `sequencer`, log entries get their indexes apart from the action: see `audit.log`."""
        self.engine = self._whole = _engine(url)
        if self.engine.dialect.name == "sqlite":
            self._whole = _engine(url)  # connects only when it is used
            guard(self.engine)
        self.sequencer = sequencer
        self._readers = self.engine
        if self.engine.dialect.name == "postgresql":
            # One snapshot for all of a reader's statements, as SQLite gives it by itself.
            self._readers = self.engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        # SQLite has one writer. Without a lock of our own, writers wait by sleeping and retrying,
        # which lets some starve; with it they queue (p99 of a small commit 132 → 24 ms when tried).
        self._writer = threading.Lock() if self.engine.dialect.name == "sqlite" else _NoLock()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent view; nothing written here is kept."""
        with _unavailable(), self._readers.connect() as connection:
            yield connection

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[Connection]:
        """A transaction: kept when the block is left, undone if it raises.

        With `durable` it survives a loss of power. Without, it survives the process, and may vanish with
        the power together with everything after it: for what can be done again.
        """
        with self._writer, _unavailable(), self.engine.connect() as connection:
            connection.info["write"] = "FULL" if durable else "NORMAL"
            connection.info["sequencer"] = self.sequencer
            try:
                with connection.begin():
                    if not durable and connection.dialect.name == "postgresql":
                        connection.execute(text("SET LOCAL synchronous_commit TO off"))
                    yield connection
            finally:
                connection.info.pop("write", None)

    def unguarded(self) -> "Database":
        """The same database, content included: for `db.content`, migrations, and what operators run.

        A service has no other use for it. On PostgreSQL it changes nothing: who reads content there
        connects as the owner of the tables.
        """
        if self.engine is self._whole:
            return self
        found = copy(self)  # with the same lock: writers of both queue
        found.engine = found._readers = self._whole
        return found

    def together(self, connection: Connection, task: int) -> None:
        """Keep `apart` out of this task until the transaction ends. SQLite has one writer anyway."""
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock_shared(task)))

    def apart(self, connection: Connection, task: int) -> None:
        """Wait until no transaction is `together` in this task, and keep others out until this one ends."""
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(task)))

    @contextmanager
    def alone(self, task: int) -> Iterator[bool]:
        """True if no other worker, on any machine, is at this task; it is held until the block ends.

        A process that dies lets go of it.
        """
        if self.engine.dialect.name == "postgresql":
            with _unavailable(), self.engine.connect() as connection:
                taken = bool(connection.execute(select(func.pg_try_advisory_lock(task))).scalar_one())
                connection.commit()
                try:
                    yield taken
                finally:
                    if taken:
                        connection.execute(select(func.pg_advisory_unlock(task)))
        else:
            with open(f"{self.engine.url.database}.task{task}", "w") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    yield False
                else:
                    yield True

    def forget(self) -> None:
        """What was deleted is gone from SQLite's write-ahead log, too, as soon as no reader needs it."""
        if self.engine.dialect.name == "sqlite":
            with self.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def check(self) -> None:
        """`Unavailable` unless the database answers."""
        with self.read() as connection:
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()
        self._whole.dispose()


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
        # A server that is gone is an answer after seconds, not minutes, too.
        limits = f"-c lock_timeout={LOCK_SECONDS}s -c idle_in_transaction_session_timeout=120s"
        connect = {"connect_timeout": 5, "options": limits, "keepalives_idle": 10, "keepalives_interval": 5}
        return create_engine(url, pool_size=16, max_overflow=8, pool_pre_ping=True, connect_args=connect)
    engine = create_engine(url, pool_size=8, max_overflow=32, connect_args={"timeout": LOCK_SECONDS})

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _: object) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",  # a commit is on disk when it returns
            "foreign_keys=ON",
            "secure_delete=ON",  # a withdrawn grant is overwritten, not only unlinked
            f"busy_timeout={LOCK_SECONDS * 1000}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        write = connection.info.get("write")
        if write:  # how a commit in WAL mode is written: with fsync, or without
            connection.exec_driver_sql(f"PRAGMA synchronous={write}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine
