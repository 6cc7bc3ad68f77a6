"""Alembic's entry: uses the engine that `intake.db.migrate` hands over. Both databases."""

from alembic import context

from intake.db.tables import metadata

engine = context.config.attributes["engine"]

with engine.connect() as connection:
    if connection.dialect.name == "sqlite":
        # A table is altered by making it anew, and what refers to it must not mind. Outside of a
        # transaction, where alone this has an effect; checked before the end.
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
    context.configure(
        connection=connection,
        target_metadata=metadata,
        # SQLite cannot alter a table; migrations that need it use op.batch_alter_table, on both.
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
        if connection.dialect.name == "sqlite":
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            if broken:
                raise RuntimeError(f"the migration would leave {len(broken)} rows that refer to nothing")
    connection.commit()
    if connection.dialect.name == "sqlite":
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")
