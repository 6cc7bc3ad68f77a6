"""A log of many entries: checked, backed up, restored and published again with the same root."""

import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from intake.audit import log, publish, tree
from intake.audit.events import Log
from intake.upkeep import check_logs
from tests.service import Mechanism, prepare
from tests.soak import rounds

ENTRIES = rounds(30_000, 1_000_000)


@pytest.mark.slow
def test_log_with_many_entries_is_the_same_after_check_backup_and_restore(
    tmp_path: Path, demo: Mechanism
) -> None:
    _, found = prepare(tmp_path / "var", 8000, demo)
    database, keys = found.database, found.log_keys
    left = ENTRIES
    while left > 0:
        with database.write(durable=False) as connection:
            log.pad(connection, "demo", Log.ACCESS, min(left, 10_000))
        left -= 10_000
    assert found.publisher.publish("demo", Log.ACCESS, now=True)
    with database.read() as connection:
        size = log.size(connection, "demo", Log.ACCESS)
        root = tree.root(connection, "demo", Log.ACCESS, size)
    assert size >= ENTRIES
    steps: list[int] = []
    assert list(check_logs.check(database, keys, lambda what, done, total: steps.append(done))) == []
    assert max(steps) == size

    backup = tmp_path / "backup.db"
    with sqlite3.connect(tmp_path / "var" / "intake.db") as source, sqlite3.connect(backup) as target:
        source.backup(target)
    database.close()
    for path in (tmp_path / "var").glob("intake.db*"):
        path.unlink()
    shutil.copy(backup, tmp_path / "var" / "intake.db")
    os.chmod(tmp_path / "var" / "intake.db", 0o600)

    assert found.publisher.compare_all() == []
    with database.read() as connection:
        assert tree.root(connection, "demo", Log.ACCESS, size) == root
        newest = publish.newest(connection, "demo", Log.ACCESS)
    assert newest and publish.parse(newest.note).root == root
    assert found.publisher.publish("demo", Log.ACCESS, now=True)
    database.close()
