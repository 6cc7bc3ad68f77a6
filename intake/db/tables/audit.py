"""The logs: per mechanism what happened to records, and every access. Append-only Merkle trees.

`log_heads` is the sequencer: its row is updated in the transaction that appends, so that indexes have
no gaps and an entry with a lower index is never committed after one with a higher index was seen.
What an entry says is in its opening alone; erasing a record removes opening, record and event, and the
leaf stays. With the sequencer of its own (PostgreSQL), entries wait in `log_pending` for their index.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
)

from intake.db.tables.base import metadata
from intake.db.types import Hex

log_heads = Table(
    "log_heads",
    metadata,
    Column("mechanism", ForeignKey("mechanisms.id"), primary_key=True),
    Column("log", String(8), primary_key=True),  # "records" or "access"
    Column("size", BigInteger, nullable=False),
)


def _of_a_log() -> tuple[Column[str], Column[str]]:
    return (
        Column("mechanism", String(32), primary_key=True),
        Column("log", String(8), primary_key=True),
    )


def _log() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["mechanism", "log"], ["log_heads.mechanism", "log_heads.log"])


log_entries = Table(
    "log_entries",
    metadata,
    *_of_a_log(),
    Column("index", BigInteger, primary_key=True),
    Column("leaf", LargeBinary, nullable=False),  # 65 bytes: docs/wire.md, "Log leaves"
    Column("event", String(32), nullable=True),
    Column("record", Hex, nullable=True),
    Column("counter", Integer, nullable=True),  # of the record's entries, in all logs together
    Column("opening", LargeBinary, nullable=True),
    _log(),
    Index("ix_log_entries_record_counter", "record", "counter"),
)

log_pending = Table(
    "log_pending",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("mechanism", String(32), nullable=False),
    Column("log", String(8), nullable=False),
    Column("leaf", LargeBinary, nullable=False),
    Column("event", String(32), nullable=True),
    Column("record", Hex, nullable=True),
    Column("counter", Integer, nullable=True),
    Column("opening", LargeBinary, nullable=True),
    _log(),
    Index("ix_log_pending_mechanism_log", "mechanism", "log"),
)

log_tiles = Table(
    "log_tiles",
    metadata,
    *_of_a_log(),
    Column("level", Integer, primary_key=True),
    Column("index", BigInteger, primary_key=True),
    Column("root", LargeBinary, nullable=False),
    Column("hashes", LargeBinary, nullable=False),  # 256 of them: tiles are written once, when full
    _log(),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    *_of_a_log(),
    Column("size", BigInteger, primary_key=True),
    Column("slot", BigInteger, nullable=False),  # start of the publishing period, seconds since 1970
    Column("note", LargeBinary, nullable=False),  # signed by the log
    _log(),
)


def _of_a_checkpoint() -> ForeignKeyConstraint:
    names = ["mechanism", "log", "size"]
    return ForeignKeyConstraint(names, [f"checkpoints.{name}" for name in names])


cosignatures = Table(
    "cosignatures",
    metadata,
    *_of_a_log(),
    Column("size", BigInteger, primary_key=True),
    Column("key", String(2048), primary_key=True),  # the witness's verifier key
    Column("line", String(4096), nullable=False),  # its signature line
    _of_a_checkpoint(),
)

witnesses = Table(
    "witnesses",
    metadata,
    Column("key", String(2048), primary_key=True),  # its verifier key (C2SP signed-note)
    Column("url", String(1024), nullable=False),  # of its add-checkpoint interface (C2SP tlog-witness)
)

timestamp_authorities = Table(
    "timestamp_authorities",
    metadata,
    Column("name", String(256), primary_key=True),
    Column("url", String(1024), nullable=False),
    Column("root", LargeBinary, nullable=False),  # PEM certificates that its tokens lead to
)

timestamps = Table(
    "timestamps",
    metadata,
    *_of_a_log(),
    Column("size", BigInteger, primary_key=True),
    Column("authority", String(256), primary_key=True),
    Column("day", String(10), nullable=False),
    Column("token", LargeBinary, nullable=False),  # RFC 3161, of the checkpoint's note
    _of_a_checkpoint(),
)

refusals = Table(
    "refusals",
    metadata,
    Column("hour", String(13), primary_key=True),
    Column("count", Integer, nullable=False),  # of requests by nobody we know: no flood of entries
)

tickets = Table(
    "tickets",
    metadata,
    Column("id", Hex, primary_key=True),  # 32 random bytes
    Column("record", Hex, nullable=False),
    Column("part", Hex, nullable=True),  # null: the record without its parts
    Column("kind", String(16), nullable=False),  # "disclosure" or "own"
    Column("leaf", LargeBinary, nullable=True),  # of the entry that says so; own records need none
    Column("expires", Integer, nullable=False, index=True),  # hours since 1970
)
