"""What reviewers do with records: assignments, approvals, openings, notes, cases, deadlines.

Ids of members and days are in the clear, as `docs/threat-model.md` says; whatever somebody writes is sealed
to a workspace, a key pair of the mechanism's people that the submitter does not hold.
"""

from sqlalchemy import JSON, Column, ForeignKey, Integer, LargeBinary, String, Table

from intake.db.tables.base import metadata
from intake.db.types import Hex


def _record() -> Column[str]:
    return Column("record", ForeignKey("records.id"), primary_key=True)


def _mechanism() -> Column[str]:
    return Column("mechanism", ForeignKey("mechanisms.id"), primary_key=True)


citations = Table(
    "citations",
    metadata,
    _mechanism(),
    Column("last", Integer, nullable=False),  # of `statuses.number`: none is given twice, erased or not
)

statuses = Table(
    "statuses",
    metadata,
    _record(),
    _mechanism(),
    Column("number", Integer, nullable=False),  # by which the mechanism cites it: from 1
    Column("status", String(16), nullable=False),  # reviewing.assignments.STATUSES
    Column("changed_by", String(64), nullable=True),
    Column("day", String(10), nullable=False),
)

assignments = Table(
    "assignments",
    metadata,
    _record(),
    _mechanism(),
    Column("member", String(64), primary_key=True, index=True),
    Column("assigned_by", String(64), nullable=False),
    Column("day", String(10), nullable=False),
)

member_grants = Table(
    "member_grants",
    metadata,
    _record(),
    _mechanism(),
    Column("member", String(64), primary_key=True),
    Column("compartment", Hex, primary_key=True),
    Column("file", LargeBinary, nullable=False),  # age file of the compartment's identity
    Column("expires", Integer, nullable=True),  # hours since 1970; null: while assigned
)

identity_requests = Table(
    "identity_requests",
    metadata,
    Column("id", Hex, primary_key=True),
    Column("record", ForeignKey("records.id"), nullable=False, index=True),
    Column("mechanism", ForeignKey("mechanisms.id"), nullable=False),
    Column("member", String(80), nullable=False),  # for whom: a member, or with "client:" a program
    Column("asked_by", String(64), nullable=False),  # a member
    Column("classes", JSON, nullable=False),  # "identity", "sensitive"
    Column("reason", String(32), nullable=False),  # reviewing.approvals.REASONS
    Column("words", LargeBinary, nullable=True),  # the reason in words, sealed to custodians: crypto.reason
    Column("state", String(16), nullable=False),  # "waiting", "approved", "refused"
    Column("decided_by", String(64), nullable=True),
    Column("day", String(10), nullable=False),
    Column("expires", Integer, nullable=True),  # hours since 1970: of the waiting, then of what was approved
)

openings = Table(
    "openings",
    metadata,
    _mechanism(),
    Column("reader", String(80), primary_key=True),  # a member, or with "client:" a program
    Column("day", String(10), primary_key=True),
    _record(),
)

budgets = Table(
    "budgets",
    metadata,
    _mechanism(),
    Column("reader", String(80), primary_key=True),
    Column("daily", Integer, nullable=False),
)

alarms = Table(
    "alarms",
    metadata,
    Column("id", Hex, primary_key=True),
    Column("mechanism", ForeignKey("mechanisms.id"), nullable=False, index=True),
    Column("kind", String(24), nullable=False),
    Column("reader", String(80), nullable=False),
    Column("day", String(10), nullable=False),
    Column("seen_by", String(64), nullable=True),
)

triage_seen = Table(
    "triage_seen",
    metadata,
    _record(),
    _mechanism(),
    Column("member", String(64), primary_key=True),
    Column("part", Hex, primary_key=True),  # the card: a revision may bring another one
)

workspaces = Table(
    "workspaces",
    metadata,
    Column("id", Hex, primary_key=True),  # 16 bytes
    Column("mechanism", ForeignKey("mechanisms.id"), nullable=False, index=True),
    Column("record", ForeignKey("records.id"), nullable=True, index=True),  # null: of a case
    Column("document", LargeBinary, nullable=False),  # signed by a member: crypto.workspace
    Column("day", String(10), nullable=False),
    Column("entries", Integer, nullable=False),  # how many there were in `work`: the last one's number
    Column("gone", Integer, nullable=False, default=0),  # of these, deleted with what they were about
)

workspace_grants = Table(
    "workspace_grants",
    metadata,
    Column("workspace", ForeignKey("workspaces.id"), primary_key=True),
    Column("reader", String(64), primary_key=True),  # a member; "epoch:N": the account key of that epoch
    Column("file", LargeBinary, nullable=False),
)

work = Table(
    "work",
    metadata,
    Column("part", Hex, primary_key=True),
    Column("workspace", ForeignKey("workspaces.id"), nullable=False, index=True),
    Column("number", Integer, nullable=False),  # from 1, in the workspace
    Column("kind", String(16), nullable=False),  # crypto.work.KINDS
    Column("member", String(64), nullable=False),
    Column("day", String(10), nullable=False),
    # The part that it refers to, by itself or through other entries: whose it is, and where it lies.
    Column("about", ForeignKey("records.id"), nullable=True, index=True),
    Column("compartment", Hex, nullable=True),
    Column("document", LargeBinary, nullable=False),  # signed by the member: crypto.work
    Column("header", LargeBinary, nullable=False),
    Column("payload", LargeBinary, nullable=False),  # small: words
)

work_files = Table(
    "work_files",
    metadata,
    Column("part", Hex, primary_key=True),
    Column("entry", ForeignKey("work.part"), nullable=False, index=True),
    Column("header", LargeBinary, nullable=False),
    Column("blob", ForeignKey("payloads.blob"), nullable=False, index=True),
)

case_records = Table(
    "case_records",
    metadata,
    Column("workspace", ForeignKey("workspaces.id"), primary_key=True),
    _record(),
    Column("added_by", String(64), nullable=False),
    Column("day", String(10), nullable=False),
)

deadlines = Table(
    "deadlines",
    metadata,
    Column("id", Hex, primary_key=True),
    Column("workspace", ForeignKey("workspaces.id"), nullable=False, index=True),
    Column("due", String(10), nullable=False),
    Column("kind", String(24), nullable=False),  # casework.deadlines.KINDS
    Column("member", String(64), nullable=False),  # whose
    Column("done_day", String(10), nullable=True),
)
