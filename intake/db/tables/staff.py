"""Who enters by the review door: memberships, invitations, passkeys, sessions, and keys sealed to them.

Public keys and sealed files only. Sessions and challenges count in seconds since 1970, and are deleted
when they are over; everything that stays counts in days or whole hours.
"""

from sqlalchemy import JSON, BigInteger, Boolean, Column, ForeignKey, Integer, LargeBinary, String, Table

from intake.db.tables.base import metadata
from intake.db.types import Hex


def _of_a_mechanism() -> Column[str]:
    return Column("mechanism", ForeignKey("mechanisms.id"), primary_key=True)


memberships = Table(
    "memberships",
    metadata,
    _of_a_mechanism(),
    Column("member", String(64), primary_key=True),  # the id of their certificate, in `members`
    Column("document", LargeBinary, nullable=False),  # signed by the root: crypto.membership
    Column("removed_day", String(10), nullable=True),
    Column("removed_epoch", Integer, nullable=True),  # the newest one of the mechanism's keys on that day
)

invitations = Table(
    "invitations",
    metadata,
    Column("secret", Hex, primary_key=True),  # SHA-256 of what the link holds
    Column("mechanism", ForeignKey("mechanisms.id"), nullable=False),
    Column("kind", String(16), nullable=False),  # "join", or "recover": a new passkey for a known member
    Column("member", String(64), nullable=True),  # whom it is for; a new member chooses an id
    Column("roles", JSON, nullable=False),  # as invited; what counts is what the root signs
    Column("days", Integer, nullable=False),  # how long the membership is meant to last
    Column("expires", BigInteger, nullable=False),  # seconds since 1970
    Column("used", Boolean, nullable=False),
)

applications = Table(
    "applications",
    metadata,
    _of_a_mechanism(),
    Column("member", String(64), primary_key=True),
    Column("request", LargeBinary, nullable=False),  # JSON: what the root is asked to sign
    Column("roles", JSON, nullable=False),  # of the invitation, and
    Column("days", Integer, nullable=False),  # for how long
    Column("day", String(10), nullable=False),
)

passkeys = Table(
    "passkeys",
    metadata,
    Column("id", String(1400), primary_key=True),  # credential id, base64url
    Column("mechanism", ForeignKey("mechanisms.id"), nullable=False),
    Column("member", String(64), nullable=False, index=True),
    Column("public_key", LargeBinary, nullable=False),  # COSE
    Column("sign_count", BigInteger, nullable=False),
    Column("name", String(64), nullable=False),
    Column("day", String(10), nullable=False),
)

vaults = Table(
    "vaults",
    metadata,
    _of_a_mechanism(),
    Column("member", String(64), primary_key=True),
    Column("wrapper", String(1400), primary_key=True),  # a passkey's id, or "recovery"
    Column("file", LargeBinary, nullable=False),  # age file of the member's private keys
)

challenges = Table(
    "challenges",
    metadata,
    Column("hash", Hex, primary_key=True),  # SHA-256 of the challenge
    Column("kind", String(16), nullable=False),  # what it may be answered for
    Column("session", Hex, nullable=True),  # whose; null: of somebody not logged in yet
    Column("expires", BigInteger, nullable=False, index=True),
)

sessions = Table(
    "sessions",
    metadata,
    Column("hash", Hex, primary_key=True),  # SHA-256 of the cookie
    Column("mechanism", ForeignKey("mechanisms.id"), nullable=False),
    Column("member", String(64), nullable=False, index=True),
    Column("purpose", String(32), nullable=False),  # of a consent: what the reading is for
    Column("started", BigInteger, nullable=False),
    Column("seen", BigInteger, nullable=False),
    Column("fresh", BigInteger, nullable=False),  # of the newest assertion
)

proposals = Table(
    "proposals",
    metadata,
    Column("id", Hex, primary_key=True),
    Column("mechanism", ForeignKey("mechanisms.id"), nullable=False, index=True),
    Column("kind", String(24), nullable=False),  # what needs two people: people.proposals.KINDS
    Column("subject", JSON, nullable=False),
    Column("proposed_by", String(64), nullable=False),
    Column("day", String(10), nullable=False),
    Column("expires", Integer, nullable=False),  # hours since 1970
    Column("state", String(16), nullable=False),  # "waiting", "approved", "refused"
    Column("decided_by", String(64), nullable=True),
)

wraps = Table(
    "wraps",
    metadata,
    _of_a_mechanism(),
    Column("epoch", Integer, primary_key=True),
    Column("class", String(16), primary_key=True),
    Column("kind", String(16), primary_key=True),  # "member", "client" or "recovery"
    Column("reader", String(64), primary_key=True),
    Column("file", LargeBinary, nullable=False),  # age file of the epoch's identity of that class
)

drills = Table(
    "drills",
    metadata,
    _of_a_mechanism(),
    Column("epoch", Integer, primary_key=True),
    Column("answer", Hex, nullable=False),  # SHA-256 of what whoever recovered the keys will answer
    Column("asked_day", String(10), nullable=False),
    Column("done_day", String(10), nullable=True),
)
