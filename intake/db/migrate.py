"""Bring a database to the schema of this version, or refuse one that is not there yet."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import intake
from intake.db import roles
from intake.db.engine import Database
from intake.errors import ConfigurationError

_PACKAGE = Path(intake.__file__).parent


def _scripts() -> Path:
    """Inside the installed package, or beside it in a checkout."""
    inside = _PACKAGE / "_migrations"
    return inside if inside.is_dir() else _PACKAGE.parent / "migrations"


def config(database: Database) -> Config:
    """Alembic's configuration for this database, without an ini file."""
    found = Config()
    found.set_main_option("script_location", str(_scripts()))
    found.attributes["engine"] = database.unguarded().engine
    return found


def upgrade(database: Database, app_role: str | None = None) -> list[str]:
    """Run what is missing. On PostgreSQL also: give the service's role its rights.

    The database's URL is then the owner's. Roles that were named once get their rights on what is new
    without being named again; all of them are returned. `ConfigurationError` if the role is unfit.
    """
    if database.engine.dialect.name != "postgresql":
        if app_role:
            raise ConfigurationError("SQLite has no roles: leave --app-role out")
        command.upgrade(config(database), "head")
        return []
    with database.read() as connection:
        roles.require_owner(connection)
    command.upgrade(config(database), "head")
    with database.write() as connection:
        return roles.grant(connection, app_role)


def require_current(database: Database) -> None:
    """`ConfigurationError` unless the schema is exactly this version's."""
    head = ScriptDirectory.from_config(config(database)).get_current_head()
    with database.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current != head:
        raise ConfigurationError(
            f"the database is at schema {current or 'none'}, this version needs {head}: run 'intake migrate'"
        )
