"""Records, their parts and grants, and the payloads that parts share.

Times are days, or whole hours for deadlines. What is here in the clear is what `docs/threat-model.md`
says is in the clear.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    String,
    Table,
    false,
)

from intake.db.tables.base import metadata
from intake.db.types import Hex

records = Table(
    "records",
    metadata,
    Column("id", Hex, primary_key=True),
    Column("lookup", Hex, nullable=False, unique=True),  # HMAC(pepper, lookup of the receipt)
    Column("auth", Hex, nullable=False),  # SHA-256(auth of the receipt)
    Column("record_key", Hex, nullable=True),  # K_record: ties log entries to the record; erased with it
    Column("share", Hex, nullable=True),  # with K_record, lets the submitter verify; erased with it
    Column("entries", Integer, nullable=False),  # how many log entries are about it
    Column("received_day", String(10), nullable=False),
    Column("revision", Integer, nullable=False),
)

statements = Table(
    "statements",
    metadata,
    Column("record", ForeignKey("records.id"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("data", LargeBinary, nullable=False),  # the signed bytes
    Column("signature", Hex, nullable=False),
    Column("hash", Hex, nullable=False),  # docs/wire.md, "Statement": what can be known without reading it
)

audience = Table(
    "audience",
    metadata,
    Column("record", ForeignKey("records.id"), primary_key=True),
    Column("mechanism", ForeignKey("mechanisms.id"), primary_key=True, index=True),
    Column("purposes", JSON, nullable=False),
    Column("expires", String(10), nullable=True),
    Column("successor", Boolean, nullable=False),
)

payloads = Table(
    "payloads",
    metadata,
    Column("blob", Hex, primary_key=True),  # random name in the blob store
    Column("payload_id", Hex, nullable=False, index=True),  # SHA-256 of its bytes
    Column("size", BigInteger, nullable=False),
    Column("merge_after", Integer, nullable=True, index=True),  # hours since 1970; null: settled
)

parts = Table(
    "parts",
    metadata,
    Column("record", ForeignKey("records.id"), primary_key=True),
    Column("id", Hex, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("compartment", Hex, nullable=False),
    Column("header", LargeBinary, nullable=False),
    Column("blob", ForeignKey("payloads.blob"), nullable=False, index=True),
)

compartments = Table(
    "compartments",
    metadata,
    Column("record", ForeignKey("records.id"), primary_key=True),
    Column("id", Hex, primary_key=True),
    Column("class", String(16), nullable=False),
    Column("generation", Integer, nullable=False),
)

grants = Table(
    "grants",
    metadata,
    Column("record", Hex, primary_key=True),
    Column("compartment", Hex, primary_key=True),
    Column("recipient", Hex, primary_key=True),  # fingerprint of the key it is sealed to
    Column("mechanism", ForeignKey("mechanisms.id"), nullable=True),  # null: the submitter's own
    Column("file", LargeBinary, nullable=False),
    Column(
        "locked", Boolean, nullable=False, server_default=false()
    ),  # kept under a legal hold, released to nobody
    ForeignKeyConstraint(["record", "compartment"], ["compartments.record", "compartments.id"]),
)

uploads = Table(
    "uploads",
    metadata,
    Column("id", Hex, primary_key=True),  # SHA-256 of the name the client holds
    Column("length", BigInteger, nullable=False),
    Column("durable", BigInteger, nullable=False),  # bytes that are on disk for certain
    Column("blob", Hex, nullable=True),  # set when complete
    Column("payload_id", Hex, nullable=True),
    Column("expires", Integer, nullable=False, index=True),  # hours since 1970
    Column("writer", Hex, nullable=True),  # the request that may move `durable`
)

answers = Table(
    "answers",
    metadata,
    Column("key", Hex, primary_key=True),  # SHA-256 of the idempotency key
    Column("body", Hex, nullable=False),  # what was asked; for the form keyed by the receipt
    Column("record", Hex, nullable=False),
    Column("expires", Integer, nullable=True, index=True),  # hours since 1970; null: as long as the record
)
