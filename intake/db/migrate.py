"""Bring a database to the schema of this version, or refuse one that is not there yet."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import intake
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
    found.attributes["engine"] = database.engine
    return found


def upgrade(database: Database) -> None:
    """Run what is missing."""
    command.upgrade(config(database), "head")


def require_current(database: Database) -> None:
    """`ConfigurationError` unless the schema is exactly this version's."""
    head = ScriptDirectory.from_config(config(database)).get_current_head()
    with database.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current != head:
        raise ConfigurationError(
            f"the database is at schema {current or 'none'}, this version needs {head}: run 'intake migrate'"
        )
