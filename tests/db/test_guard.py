"""No query of the service reads content, whatever its SQL; on PostgreSQL its role has no right to."""

import ast
import sqlite3
from contextlib import ExitStack
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from crypto import statement
from intake.audit.events import LOG_OF, Event
from intake.db import content, guard, migrate, roles, tickets
from intake.db.engine import Database
from intake.db.tables import metadata
from intake.db.tables import submissions as t
from intake.errors import ConfigurationError, Unavailable
from tests.db.test_tickets import logged, some_part, ticket
from tests.postgres import APP, app_role, owners, postgres
from tests.sealed import Sealed
from tests.service import Service, on_every_database
from tests.test_house import modules


@pytest.fixture
def record(service: Service) -> str:
    return str(Sealed(service).send().json()["record"])


@pytest.fixture
def database(service: Service) -> Database:
    return service.installation.database


# --- what queries cannot do ---

COLUMNS = [(table, column) for table, columns in guard.CONTENT.items() for column in sorted(columns)]
QUERIES = [
    *(f"SELECT {column} FROM {table}" for table, column in COLUMNS),
    *(f"SELECT * FROM {table}" for table in guard.CONTENT),
    *(f"SELECT count(*) FROM {table} WHERE length({column}) > 0" for table, column in COLUMNS),
    *(f"UPDATE {table} SET {column} = {column} RETURNING {column}" for table, column in COLUMNS),
    "SELECT max(x) FROM (SELECT length(header) AS x FROM parts) AS y",
    "WITH y AS (SELECT file FROM grants) SELECT count(*) FROM y WHERE file IS NOT NULL",
    "CREATE TABLE copied AS SELECT * FROM grants",
    "ALTER TABLE parts RENAME TO other",
    "ALTER TABLE parts RENAME COLUMN header TO other",
]


@on_every_database
def test_no_query_of_the_service_reads_content(database: Database, record: str) -> None:
    for query in QUERIES:
        with pytest.raises(Unavailable), database.write() as connection:
            connection.execute(text(query)).all()
        with pytest.raises(DBAPIError), database.engine.connect() as connection:
            connection.exec_driver_sql(query).all()
    for column in (t.parts.c.header, t.grants.c.file, t.statements.c.data, t.statements.c.signature):
        with pytest.raises(Unavailable), database.read() as connection:
            connection.execute(select(column)).all()


@on_every_database
def test_what_was_prepared_where_it_is_allowed_is_refused_where_it_is_not(
    service: Service, database: Database, record: str
) -> None:
    query = select(t.parts.c.header).where(t.parts.c.record == record)
    for _ in range(12):  # psycopg prepares what it sees for the sixth time; sqlite3 keeps what it prepared
        with service.owner.read() as connection:
            assert connection.execute(query).all()
        assert content.header(database, ticket(database, record, some_part(database, record)))
        with pytest.raises(Unavailable), database.read() as connection:
            connection.execute(query).all()


def test_a_guarded_connection_forgets_what_it_prepared_before(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "a.db", cached_statements=128) as connection:
        connection.execute("CREATE TABLE parts (id, header)")
        connection.execute("INSERT INTO parts VALUES (1, 'secret')")
        assert connection.execute("SELECT header FROM parts").fetchall() == [("secret",)]
        connection.set_authorizer(guard._authorize)
        with pytest.raises(sqlite3.DatabaseError, match="prohibited"):
            connection.execute("SELECT header FROM parts").fetchall()
    connection.close()


def test_sqlites_ways_around_a_tables_name_are_closed(service: Service, record: str, tmp_path: Path) -> None:
    path = service.installation.database.engine.url.database
    for query in (
        f"ATTACH '{path}' AS other",
        f"VACUUM INTO '{tmp_path}/copy.db'",
        "PRAGMA writable_schema = ON",
        "SELECT data FROM sqlite_dbpage",
    ):
        with pytest.raises(DBAPIError), service.installation.database.engine.connect() as connection:
            connection.exec_driver_sql(query).all()
    with service.installation.database.write() as connection:  # made, and then of no use
        connection.exec_driver_sql("CREATE VIEW seen AS SELECT header AS h FROM parts")
    with pytest.raises(Unavailable), service.installation.database.read() as connection:
        connection.exec_driver_sql("SELECT h FROM seen").all()
    assert not (tmp_path / "copy.db").exists()


# --- PostgreSQL's roles ---


def test_rights_name_every_table_and_tickets_the_events_that_exist() -> None:
    assert set(roles.RIGHTS) == set(metadata.tables)
    assert (tickets.RECORD_EVENT, tickets.PART_EVENT) == (Event.RECORD_OPENED, Event.PART_DOWNLOADED)
    assert tickets.LOG == LOG_OF[Event.RECORD_OPENED] == LOG_OF[Event.PART_DOWNLOADED]


@pytest.mark.parametrize("service", ["postgresql"], indirect=True)
def test_the_services_role_adds_to_the_logs_and_never_rewrites_them(
    service: Service, database: Database, record: str
) -> None:
    for query in (
        "UPDATE log_entries SET leaf = ''",
        "UPDATE log_entries SET index = 0",
        "DELETE FROM log_entries",
        "DELETE FROM log_tiles",
        "UPDATE checkpoints SET note = ''",
        "UPDATE statements SET data = ''",
        "UPDATE records SET auth = ''",
        "SELECT id FROM tickets",
        "DELETE FROM tickets WHERE kind = 'own' RETURNING id",
        "CREATE TABLE grants2 (x int)",
        "CREATE FUNCTION public.length(bytea) RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "ALTER FUNCTION intake_disclose(bytea) SET search_path = public",
        f"SET ROLE {service.owner.engine.url.username}",
    ):
        with pytest.raises(Unavailable), database.write() as connection:
            connection.exec_driver_sql(query)
    with database.read() as connection:
        assert not content.owner_reads_content(connection)
    with service.owner.read() as connection:
        assert content.owner_reads_content(connection)


@pytest.mark.parametrize("service", ["postgresql"], indirect=True)
def test_a_service_without_a_second_role_reads_in_the_same_way(service: Service, record: str) -> None:
    with service.owner.write() as connection:
        made = tickets.issue(connection, record, None, logged(connection, record))
    assert content.of_record(service.owner, made).grants
    with pytest.raises(Unavailable):
        content.of_record(service.owner, made)


def test_roles_that_were_named_once_keep_their_rights_and_unfit_ones_are_refused() -> None:
    with postgres() as url:
        owner = Database(owners(url))
        assert migrate.upgrade(owner) == []
        assert migrate.upgrade(owner, app_role(url)) == [APP] == migrate.upgrade(owner)
        for unfit in ("nobody_knows", owner.engine.url.username, "postgres"):
            with pytest.raises(ConfigurationError, match="role"):
                migrate.upgrade(owner, unfit)
        service = Database(url)
        for work in (migrate.upgrade, content.require_owner):
            with pytest.raises(ConfigurationError, match="owns the tables"):
                work(service)
        service.close()
        with owner.write() as connection:
            connection.exec_driver_sql("GRANT SELECT ON parts TO PUBLIC")
        with pytest.raises(ConfigurationError, match=r"parts\.header all the same"):
            migrate.upgrade(owner)
        owner.close()


# --- the code ---


def test_few_modules_can_read_content_and_one_makes_tickets() -> None:
    """What is written here is all there is: somebody who adds to it has to say why."""
    calls: dict[str, set[str]] = {"unguarded": set(), "Ticket": set(), "issue": set(), "own": set()}
    columns = set()
    for name, tree in modules("intake"):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = getattr(node.func, "attr", getattr(node.func, "id", ""))
                of = ast.unparse(node.func)
                if called in ("unguarded", "Ticket") or of.startswith("tickets."):
                    calls.get(called, set()).add(name)
            if isinstance(node, ast.Attribute) and ast.unparse(node).endswith(
                (".c.header", ".c.file", "statements.c.data", "statements.c.signature")
            ):
                columns.add(name)
    assert calls == {
        "unguarded": {"intake.db.content", "intake.db.migrate", "intake.upkeep.check", "intake.upkeep.move"},
        "Ticket": {"intake.db.tickets"},
        "issue": {"intake.sharing.access"},
        "own": {"intake.submissions.mailbox"},
    }
    own_tables = {"intake.people.vaults", "intake.reviewing.work", "intake.submissions.drafts"}
    assert columns == {"intake.db.content", *own_tables}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_statements_that_were_there_get_their_hash(kind: str, tmp_path: Path) -> None:
    with ExitStack() as stack:
        url = f"sqlite:///{tmp_path}/a.db" if kind == "sqlite" else owners(stack.enter_context(postgres()))
        database = Database(url)
        command.upgrade(migrate.config(database), "0004")
        row = {"record": "ab" * 32, "revision": 1, "data": b'{"v":1}', "signature": "cd" * 64}
        values = dict.fromkeys(("lookup", "auth"), "ef" * 32) | {"entries": 0, "received_day": "2026-01-01"}
        with database.unguarded().write() as connection:
            connection.execute(insert(t.records).values(id=row["record"], revision=1, **values))
            connection.execute(insert(t.statements).values(**row))
        migrate.upgrade(database)
        with database.read() as connection:
            kept = connection.execute(select(t.statements.c.hash)).scalar_one()
        assert kept == statement.statement_hash(b'{"v":1}')
        command.downgrade(migrate.config(database), "0004")
        database.close()
