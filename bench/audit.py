"""Row `audit`: what an entry in the log costs a transaction, and proofs and rebuilding at 10⁶ leaves."""

import os
import secrets
import statistics
import threading
import time
from collections.abc import Iterator

from sqlalchemy import insert, text

from bench.report import Line
from bench.stand import Stand
from crypto import merkle
from crypto.merkle import Frontier
from intake.audit import log, tree
from intake.audit.events import Event, Log
from intake.db.engine import Database
from intake.db.tables.people import seen_proofs

DATABASES = {
    "files": ("SQLite", False),
    "postgresql": ("PostgreSQL", False),
    "sequencer": ("PostgreSQL, sequencer", True),
}
WRITERS = (1, 16)
_BULK = 20_000


def audit(stand: Stand) -> Iterator[Line]:
    """Transactions with and without an entry; then a large log on SQLite."""
    for kind, (name, sequencer) in DATABASES.items():
        back_end = "files" if kind == "files" else "postgresql"
        with stand.data(back_end, log_sequencer=sequencer) as (_, installation):
            for writers in WRITERS:
                plain = _rate(installation.database, writers, stand.scale.seconds, audited=False)
                audited = _rate(installation.database, writers, stand.scale.seconds, audited=True)
                what = f"transactions with an entry, {writers} writer{'s' * (writers > 1)}; {name}"
                without = f"the same without: {plain:.0f}/s"
                yield Line("audit", what, f"{audited:.0f}/s", without, audited / plain, "≥ 0.5")
    yield from _large(stand)


def _rate(database: Database, writers: int, seconds: float, *, audited: bool) -> float:
    """Transactions per second that each insert a row, and maybe append an entry."""
    end = time.monotonic() + seconds
    counts = [0] * writers

    def work(number: int) -> None:
        while time.monotonic() < end:
            with database.write() as connection:
                connection.execute(insert(seen_proofs).values(hash=secrets.token_hex(32), expires=0))
                if audited:
                    log.append(connection, "demo", Event.FEED_LISTED, client="bench", start=0, limit=100)
            counts[number] += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds


def _large(stand: Stand) -> Iterator[Line]:
    size = stand.scale.leaves
    with stand.data() as (settings, installation):
        database = installation.database
        path = settings.data_dir / "intake.db"
        before = _bytes(database, path)
        for start in range(0, size, _BULK):
            rows = [{**log._EMPTY, "leaf": os.urandom(65)} for _ in range(min(_BULK, size - start))]
            with database.write(durable=False) as connection:
                log._sequence(connection, "demo", Log.ACCESS, rows)
        with database.read() as connection:
            size = log.size(connection, "demo", Log.ACCESS)
        stored = (_bytes(database, path) - before) / size
        yield Line("audit", f"bytes per leaf without opening, {size} leaves; SQLite", f"{stored:.0f}")
        for name, prove in (("inclusion", _inclusion), ("consistency", _consistency)):
            took = statistics.median(prove(database, size) for _ in range(stand.scale.samples)) * 1000
            yield Line("audit", f"{name} proof at {size} leaves", f"{took:.1f} ms", "10 ms", took / 10, "≤ 1")
        began = time.monotonic()
        frontier = Frontier()
        for start in range(0, size, _BULK):
            with database.read() as connection:
                leaves = tree.leaves(connection, "demo", Log.ACCESS, start, min(start + _BULK, size))
            frontier = frontier.extend(merkle.leaf_hash(leaf) for leaf in leaves)
        took = time.monotonic() - began
        with database.read() as connection:
            assert frontier.root() == tree.root(connection, "demo", Log.ACCESS, size)
        yield Line(
            "audit", f"rebuilding the tree from {size} leaves", f"{took:.1f} s", "10 s", took / 10, "≤ 1"
        )


def _inclusion(database: Database, size: int) -> float:
    began = time.monotonic()
    with database.read() as connection:
        merkle.inclusion_proof(
            secrets.randbelow(size), size, tree.subtrees(connection, "demo", Log.ACCESS, size)
        )
    return time.monotonic() - began


def _consistency(database: Database, size: int) -> float:
    old = 1 + secrets.randbelow(size - 1)
    began = time.monotonic()
    with database.read() as connection:
        merkle.consistency_proof(old, size, tree.subtrees(connection, "demo", Log.ACCESS, size))
    return time.monotonic() - began


def _bytes(database: Database, path: os.PathLike[str]) -> int:
    with database.engine.connect() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    return os.stat(path).st_size
