"""The logs: per mechanism what happened to records, and every access. Append-only.

`log_heads` is the sequencer: its row is updated in the transaction that appends, so that indexes have
no gaps and an entry with a lower index is never committed after one with a higher index was seen.
"""

from sqlalchemy import JSON, Column, ForeignKey, ForeignKeyConstraint, Integer, String, Table

from intake.db.tables.base import metadata
from intake.db.types import Hex

log_heads = Table(
    "log_heads",
    metadata,
    Column("mechanism", ForeignKey("mechanisms.id"), primary_key=True),
    Column("log", String(8), primary_key=True),  # "records" or "access"
    Column("size", Integer, nullable=False),
)

log_entries = Table(
    "log_entries",
    metadata,
    Column("mechanism", String(32), primary_key=True),
    Column("log", String(8), primary_key=True),
    Column("index", Integer, primary_key=True),
    Column("event", String(32), nullable=False),
    Column("time", String(13), nullable=False),  # a day in "records", an hour in "access"
    Column("record", Hex, nullable=True, index=True),
    Column("fields", JSON, nullable=False),  # actor, purpose, outcome, …: see audit.events
    ForeignKeyConstraint(["mechanism", "log"], ["log_heads.mechanism", "log_heads.log"]),
)

refusals = Table(
    "refusals",
    metadata,
    Column("hour", String(13), primary_key=True),
    Column("count", Integer, nullable=False),  # of requests by nobody we know: no flood of entries
)
