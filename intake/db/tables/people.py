"""Mechanisms, their profiles, members and API clients. Public keys only."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, ForeignKey, Integer, LargeBinary, String, Table

from intake.db.tables.base import metadata
from intake.db.types import Hex

mechanisms = Table(
    "mechanisms",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("root", Hex, nullable=False),  # Ed25519 public key; never changes for a mechanism
    Column("bundle", LargeBinary, nullable=False),  # newest signed bundle, as imported
    Column("version", Integer, nullable=False),  # counts imports
    Column("open", Boolean, nullable=False),  # takes new testimonies
)

profiles = Table(
    "profiles",
    metadata,
    Column("mechanism", ForeignKey("mechanisms.id"), primary_key=True),
    Column("version", Integer, primary_key=True),  # from 1; the newest counts, consents refer to theirs
    Column("data", LargeBinary, nullable=False),  # signed by the root: crypto.profiles
    Column("sha256", Hex, nullable=False),
    Column("day", String(10), nullable=False),  # of the import
)

members = Table(
    "members",
    metadata,
    Column("mechanism", ForeignKey("mechanisms.id"), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("certificate", LargeBinary, nullable=False),  # signed by the root: crypto.members
    Column("revoked", Boolean, nullable=False),
)

clients = Table(
    "clients",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("mechanism", ForeignKey("mechanisms.id"), nullable=False),
    Column("jwk", JSON, nullable=False),  # public key for private_key_jwt
    Column("purposes", JSON, nullable=False),  # what it may ask a token for
    Column("witness", String(512), nullable=True),  # verifier key with which it cosigns checkpoints
    Column("revoked", Boolean, nullable=False),
    Column("classes", JSON, nullable=False),  # of compartments that it is given, as far as consents go
    Column("recipient", String(2048), nullable=True),  # age key of its own
)

tokens = Table(
    "tokens",
    metadata,
    Column("hash", Hex, primary_key=True),  # SHA-256 of the opaque token
    Column("client", ForeignKey("clients.id"), nullable=False),
    Column("thumbprint", String(64), nullable=False),  # RFC 7638, of the DPoP key it is bound to
    Column("purpose", String(32), nullable=False),
    Column("expires", BigInteger, nullable=False, index=True),  # seconds since 1970
)

seen_proofs = Table(
    "seen_proofs",
    metadata,
    Column("hash", Hex, primary_key=True),  # SHA-256 of key and jti: nothing is accepted twice
    Column("expires", BigInteger, nullable=False, index=True),
)

disclosures = Table(
    "disclosures",
    metadata,
    Column("token", Hex, primary_key=True),  # SHA-256 of a program's token, or of a session's cookie
    Column("subject", String(128), primary_key=True),  # what was disclosed under this token, and logged
    Column("leaf", LargeBinary, nullable=True),  # of that entry, if it is about a record
)
