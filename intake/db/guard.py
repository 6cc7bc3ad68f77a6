"""Which columns hold content, and on SQLite the guard that keeps queries from reading them.

Content is what a reader could open with a key: headers of parts, grants, and the signed statements. A
connection of the service cannot read it, whatever module asks and whatever the SQL is. `db.content` can,
for a ticket. On PostgreSQL the same is a matter of roles: `db.roles`.
"""

import sqlite3

from sqlalchemy import Engine, event

CONTENT: dict[str, frozenset[str]] = {
    "parts": frozenset({"header"}),
    "grants": frozenset({"file"}),
    "statements": frozenset({"data", "signature"}),
}


def _authorize(
    action: int, first: str | None, second: str | None, _database: str | None, _by: str | None
) -> int:
    """SQLite asks this for each table and column while it prepares a statement.

    Besides reading, what would make the rule miss: another name for a table, another connection to the
    file, the schema's own table. Views and triggers are asked for what they read themselves.
    """
    table = (first or "").lower()
    denied = (
        (action == sqlite3.SQLITE_READ and (second or "").lower() in CONTENT.get(table, ()))
        or (action == sqlite3.SQLITE_READ and table == "sqlite_dbpage")
        or (action == sqlite3.SQLITE_ALTER_TABLE and (second or "").lower() in CONTENT)
        or action == sqlite3.SQLITE_ATTACH
        or (action == sqlite3.SQLITE_PRAGMA and table == "writable_schema")
    )
    return sqlite3.SQLITE_DENY if denied else sqlite3.SQLITE_OK


def guard(engine: Engine) -> None:
    """Every connection of this engine, for its whole life.

    The answer never changes for a connection, so that no statement which was prepared while something
    was allowed can be run again when it is not: content has connections of its own.
    """

    @event.listens_for(engine, "connect")
    def _connect(connection: sqlite3.Connection, _: object) -> None:
        connection.set_authorizer(_authorize)
