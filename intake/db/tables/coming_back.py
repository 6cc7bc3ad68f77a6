"""What a person leaves, changes and takes back after, or before, a testimony was received.

Days and whole hours only, as in `submissions`. Drafts and messages are age files that this service
cannot open; the signed documents beside them are in the clear, as `docs/threat-model.md` says.
"""

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, String, Table

from intake.db.tables.base import metadata
from intake.db.types import Hex

drafts = Table(
    "drafts",
    metadata,
    Column("lookup", Hex, primary_key=True),  # of lookup and auth of the receipt: submissions.drafts.address
    Column("name", String(64), primary_key=True),  # of a section, or of what the server needs to go on
    Column("file", LargeBinary, nullable=False),  # age file, sealed to the receipt
    Column("expires", Integer, nullable=False, index=True),  # hours since 1970
)

withdrawals = Table(
    "withdrawals",
    metadata,
    Column("record", ForeignKey("records.id"), primary_key=True),
    Column("mechanism", ForeignKey("mechanisms.id"), primary_key=True),
    Column("number", Integer, primary_key=True),  # from 1, of this record and mechanism
    Column("revision", Integer, nullable=False),  # of the statement that no longer names it, or counted then
    Column("document", LargeBinary, nullable=False),  # signed: crypto.withdrawal
    Column("day", String(10), nullable=False),
    Column("outcome", String(16), nullable=False),  # what became of the grants: consent.OUTCOMES
    Column("answer", String(16), nullable=True),  # the mechanism's: consent.ANSWERS
    Column("answered_day", String(10), nullable=True),
)

deletions = Table(
    "deletions",
    metadata,
    Column("record", ForeignKey("records.id"), primary_key=True),
    Column("asked_day", String(10), nullable=False),
    Column("due_day", String(10), nullable=False),
)

handovers = Table(
    "handovers",
    metadata,
    Column("record", ForeignKey("records.id"), primary_key=True),
    Column("mechanism", ForeignKey("mechanisms.id"), primary_key=True),  # has it as the successor …
    Column("origin", ForeignKey("mechanisms.id"), nullable=False),  # … of this one
    Column("day", String(10), nullable=False),
)

messages = Table(
    "messages",
    metadata,
    Column("record", ForeignKey("records.id"), primary_key=True),
    Column("part", Hex, primary_key=True),  # a part of kind `message`, signed apart from the statements
    Column("mechanism", ForeignKey("mechanisms.id"), nullable=False),
    Column("number", Integer, nullable=False),  # from 1, in the order of arrival, with this mechanism
    Column("sender", String(16), nullable=False),  # "submitter" or "mechanism"
    Column("day", String(10), nullable=False),
    Column("document", LargeBinary, nullable=False),  # signed: crypto.message
)

standings = Table(
    "standings",
    metadata,
    Column("record", ForeignKey("records.id"), primary_key=True),
    Column("mechanism", ForeignKey("mechanisms.id"), primary_key=True),
    Column("standing", String(16), nullable=False),  # what became of it, as the mechanism says
    Column("day", String(10), nullable=False),
)

receipts = Table(
    "receipts",
    metadata,
    Column("lookup", Hex, primary_key=True),  # of a receipt that replaces a lost one
    Column("record", ForeignKey("records.id"), nullable=False, index=True),
    Column("mechanism", ForeignKey("mechanisms.id"), nullable=False),  # whose members asked for it
    Column("auth", Hex, nullable=False),  # SHA-256(auth of the receipt)
    Column("sign_key", Hex, nullable=False),  # Ed25519; `recipient` is a fingerprint
    Column("recipient", Hex, nullable=False),
    Column("day", String(10), nullable=False),
)

restorations = Table(
    "restorations",
    metadata,
    Column("id", Hex, primary_key=True),  # SHA-256 of the document
    Column("record", ForeignKey("records.id"), nullable=False, index=True),
    Column("mechanism", ForeignKey("mechanisms.id"), nullable=False),
    Column("document", LargeBinary, nullable=False),  # signed by two members: crypto.restoration
    Column("lookup", Hex, nullable=True),  # the new receipt's, as in `receipts`; of a withdrawal: null
    Column("auth", Hex, nullable=True),
    Column("sign_key", Hex, nullable=True),
    Column("recipient", Hex, nullable=True),
    Column("asked_day", String(10), nullable=False),
    Column("due_day", String(10), nullable=False),
    Column("state", String(16), nullable=False),  # "waiting", "refused" or "done"
)
