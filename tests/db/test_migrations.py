"""The schema: migrations make exactly the tables, on both databases, up and down, with data in them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import MetaData, insert, inspect, select

from intake.db import migrate
from intake.db.engine import Database
from intake.db.tables import metadata
from intake.db.tables import submissions as t
from intake.db.tables.coming_back import deletions
from intake.db.tables.people import mechanisms
from intake.db.tables.review import identity_requests
from intake.errors import ConfigurationError, Unavailable
from tests.postgres import owners, postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        found = Database(f"sqlite:///{tmp_path}/test.db")
        yield found
        found.close()
        return
    with postgres() as url:
        found = Database(owners(url))
        yield found
        found.close()


def test_migrations_make_the_tables_and_go_back(database: Database) -> None:
    with pytest.raises(ConfigurationError, match="intake migrate"):
        migrate.require_current(database)
    migrate.upgrade(database)
    migrate.require_current(database)
    command.check(migrate.config(database))  # raises if tables and migrations differ
    assert set(metadata.tables) <= set(inspect(database.engine).get_table_names())

    row = {"id": "demo", "root": "ab" * 32, "bundle": b"{}", "version": 1, "open": True}
    with database.write() as connection:
        connection.execute(insert(mechanisms).values(**row))
    migrate.upgrade(database)
    with database.read() as connection:
        assert dict(connection.execute(select(mechanisms)).one()._mapping) == row
    command.downgrade(migrate.config(database), "base")
    assert set(inspect(database.engine).get_table_names()) <= {"alembic_version"}


def test_what_waits_to_be_deleted_is_released_to_nobody_after_going_back(database: Database) -> None:
    migrate.upgrade(database)
    kept, waits, day = "ab" * 32, "cd" * 32, "2026-01-01"
    with database.unguarded().write() as connection:
        row = {"id": "demo", "root": "ab" * 32, "bundle": b"{}", "version": 1, "open": True}
        connection.execute(insert(mechanisms).values(**row))
        for record in (kept, waits):
            secret = {"lookup": record, "auth": record, "entries": 0, "received_day": day, "revision": 1}
            connection.execute(insert(t.records).values(id=record, **secret))
            here = {"record": record, "mechanism": "demo"}
            connection.execute(insert(t.audience).values(**here, purposes=["archive"], successor=False))
            made = {"record": record, "id": "ef" * 16, "class": "account", "generation": 0}
            connection.execute(insert(t.compartments).values(made))
            grant = {"compartment": "ef" * 16, "recipient": "ab" * 32, "file": b"age", "locked": False}
            connection.execute(insert(t.grants).values(**here, **grant))
        connection.execute(insert(deletions).values(record=waits, asked_day=day, due_day=day))
    command.downgrade(migrate.config(database), "0005")
    with database.unguarded().read() as connection:
        for table in (t.audience, t.grants):
            assert list(connection.execute(select(table.c.record)).scalars()) == [kept]


def test_a_request_that_named_an_entry_for_its_reason_goes_on_without_words(database: Database) -> None:
    settings, day = migrate.config(database), "2026-01-01"
    command.upgrade(settings, "0009")
    then = MetaData()
    then.reflect(database.engine, only=["mechanisms", "records", "identity_requests"])
    old = then.tables["identity_requests"]
    with database.unguarded().write() as connection:
        row = {"id": "demo", "root": "ab" * 32, "bundle": b"{}", "version": 1, "open": True}
        connection.execute(insert(mechanisms).values(**row))
        secret = {"lookup": "ab" * 32, "auth": "ab" * 32, "entries": 0, "received_day": day, "revision": 1}
        connection.execute(insert(t.records).values(id="cd" * 32, **secret))
        asked = {
            "record": bytes.fromhex("cd" * 32),
            "mechanism": "demo",
            "member": "rita",
            "asked_by": "rita",
        }
        asked |= {"id": bytes(16), "entry": bytes(16), "classes": ["identity"], "reason": "contact"}
        connection.execute(insert(old).values(**asked, state="waiting", day=day, expires=9))
    migrate.upgrade(database)
    with database.read() as connection:
        found = connection.execute(select(identity_requests)).one()
    assert (found.id, found.member, found.words) == ("00" * 16, "rita", None)
    command.downgrade(settings, "0009")
    with database.read() as connection:
        assert connection.execute(select(old.c.entry)).scalar_one() is None


def test_a_write_that_raises_leaves_nothing(database: Database) -> None:
    migrate.upgrade(database)
    with pytest.raises(RuntimeError), database.write() as connection:
        connection.execute(insert(mechanisms).values(id="demo", root="ab", bundle=b"", version=1, open=True))
        raise RuntimeError("after the insert")
    with database.read() as connection:
        assert connection.execute(select(mechanisms)).first() is None


def test_sqlite_commits_are_durable_and_deletions_overwritten(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/test.db")
    with database.read() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}
    database.close()


def test_a_database_that_is_gone_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        Database(f"sqlite:///{tmp_path}/no/such/folder/test.db").check()
