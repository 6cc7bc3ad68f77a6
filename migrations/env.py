"""Alembic's entry: uses the engine that `intake.db.migrate` hands over. Both databases."""

from alembic import context

from intake.db.tables import metadata

engine = context.config.attributes["engine"]

with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        # SQLite cannot alter a table; migrations that need it use op.batch_alter_table, on both.
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
