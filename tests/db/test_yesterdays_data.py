"""An installation of the first release, with testimonies in it, comes through every migration unharmed.

`installation-0001.json` holds the rows of one: a sealed submission, one by the form with the same video, a
pull, an upload in progress. It was made by that release, and stays as it is.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import JSON, Boolean, MetaData, insert, select

from crypto import log_leaf
from crypto.log_leaf import LogLeaf, Opening
from intake.audit.events import Log
from intake.audit.keys import LogKeys
from intake.audit.publish import Cadence, Publisher
from intake.db import migrate
from intake.db.engine import Database
from intake.db.tables import audit as logs
from intake.db.tables import submissions as t
from intake.store.local import LocalStore
from intake.upkeep.check import check
from tests.postgres import APP, owners, postgres

OLD: dict[str, list[dict[str, Any]]] = json.loads(
    Path(__file__).with_name("installation-0001.json").read_text()
)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """At the first schema, with the rows."""
    if request.param == "sqlite":
        found = Database(f"sqlite:///{tmp_path}/test.db").unguarded()
        load(found)
        yield found
        found.close()
        return
    with postgres() as url:
        found = Database(owners(url))
        load(found)
        yield found
        found.close()


def load(database: Database) -> None:
    command.upgrade(migrate.config(database), "0001")
    metadata = MetaData()
    metadata.reflect(database.engine)
    with database.write() as connection:
        for table in metadata.sorted_tables:
            rows = [row_of(table, row) for row in OLD.get(table.name, [])]
            if rows:
                connection.execute(insert(table), rows)


def row_of(table: Any, row: dict[str, Any]) -> dict[str, Any]:
    """Values as the reflected column takes them: JSON and truth are texts and numbers in the file."""

    def value(name: str, raw: Any) -> Any:
        kind = table.columns[name].type
        if isinstance(raw, dict):
            return bytes.fromhex(raw["hex"])
        if isinstance(kind, JSON):
            return json.loads(raw)
        return bool(raw) if isinstance(kind, Boolean) else raw

    return {name: value(name, raw) for name, raw in row.items()}


def findings(database: Database, folder: Path) -> list[str]:
    """What `intake check` finds, blobs apart: they are not in the file."""
    keys = LogKeys(folder / "keys", "https://intake.example.org")
    found = check(database, LocalStore(folder / "store"), keys, read_data=False)
    return [f"{f.where}: {f.what}" for f in found if not f.where.startswith(("blob", "upload"))]


def test_testimonies_and_log_entries_come_through_every_migration(database: Database, tmp_path: Path) -> None:
    sqlite = database.engine.dialect.name == "sqlite"
    migrate.upgrade(database, None if sqlite else APP)
    migrate.require_current(database)
    assert findings(database, tmp_path) == []
    with database.read() as connection:
        records = connection.execute(select(t.records)).all()
        entries = connection.execute(select(logs.log_entries)).all()
        uploads = connection.execute(select(t.uploads)).all()
    assert len(records) == 2 and len(uploads) == 1 and all(r.share for r in records)
    assert len(entries) == len(OLD["log_entries"])
    by_place = {(e.log, e._mapping["index"]): e for e in entries}
    keys = {r.id: bytes.fromhex(r.record_key) for r in records}
    counters: dict[str, list[int]] = {}
    for old in OLD["log_entries"]:
        new = by_place[old["log"], old["index"]]
        opening = Opening.parse(bytes(new.opening))
        log_leaf.verify_opening(LogLeaf.parse(bytes(new.leaf)), opening)
        said = opening.values
        assert (said["event"], said["day"]) == (old["event"], old["time"][:10]) == (new.event, said["day"])
        assert {n: v for n, v in json.loads(old["fields"]).items() if v is not None}.items() <= said.items()
        if old["record"]:
            record = old["record"]["hex"]
            assert said["record"] == new.record == record
            log_leaf.verify_tag(LogLeaf.parse(bytes(new.leaf)), keys[record], new.counter)
            counters.setdefault(record, []).append(new.counter)
    assert all(sorted(found) == list(range(len(found))) for found in counters.values())
    assert {r.id: r.entries for r in records} == {record: len(found) for record, found in counters.items()}


def test_what_was_not_signed_yet_can_go_back_and_come_again(database: Database, tmp_path: Path) -> None:
    sqlite = database.engine.dialect.name == "sqlite"
    migrate.upgrade(database, None if sqlite else APP)
    command.downgrade(migrate.config(database), "0001")
    with database.engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT event, time FROM log_entries ORDER BY log, 1, 2").all()
    assert sorted(map(tuple, found)) == sorted((e["event"], e["time"]) for e in OLD["log_entries"])
    migrate.upgrade(database, None if sqlite else APP)
    assert findings(database, tmp_path) == []


def test_signed_logs_are_not_thrown_away_by_a_downgrade(database: Database, tmp_path: Path) -> None:
    sqlite = database.engine.dialect.name == "sqlite"
    migrate.upgrade(database, None if sqlite else APP)
    keys = LogKeys(tmp_path / "keys", "https://intake.example.org")
    assert Publisher(database, keys, Cadence(3600, 16)).publish("demo", Log.RECORDS)
    with pytest.raises(RuntimeError, match="checkpoints were signed"):
        command.downgrade(migrate.config(database), "0001")
    command.upgrade(migrate.config(database), "head")
    assert findings(database, tmp_path) == []
