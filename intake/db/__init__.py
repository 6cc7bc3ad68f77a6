"""Tables, and how they are reached: SQLAlchemy Core, the same on SQLite and PostgreSQL."""
