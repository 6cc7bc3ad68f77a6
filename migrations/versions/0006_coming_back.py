"""Drafts, withdrawals, deletions, messages, restored receipts; profiles and members of mechanisms."""

import sqlalchemy as sa
from alembic import op

from intake.db.types import Hex

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "profiles",
        _mechanism("profiles"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", Hex(), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.PrimaryKeyConstraint("mechanism", "version", name=op.f("pk_profiles")),
    )
    op.create_table(
        "members",
        _mechanism("members"),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("mechanism", "id", name=op.f("pk_members")),
    )
    op.create_table(
        "drafts",
        sa.Column("lookup", Hex(), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("file", sa.LargeBinary(), nullable=False),
        sa.Column("expires", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("lookup", "name", name=op.f("pk_drafts")),
    )
    op.create_index(op.f("ix_drafts_expires"), "drafts", ["expires"])
    op.create_table(
        "withdrawals",
        _record("withdrawals"),
        _mechanism("withdrawals"),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("answer", sa.String(16), nullable=True),
        sa.Column("answered_day", sa.String(10), nullable=True),
        sa.PrimaryKeyConstraint("record", "mechanism", "number", name=op.f("pk_withdrawals")),
    )
    op.create_table(
        "deletions",
        _record("deletions"),
        sa.Column("asked_day", sa.String(10), nullable=False),
        sa.Column("due_day", sa.String(10), nullable=False),
        sa.PrimaryKeyConstraint("record", name=op.f("pk_deletions")),
    )
    op.create_table(
        "messages",
        _record("messages"),
        sa.Column("part", Hex(), nullable=False),
        _mechanism("messages"),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sender", sa.String(16), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("record", "part", name=op.f("pk_messages")),
    )
    op.create_table(
        "standings",
        _record("standings"),
        _mechanism("standings"),
        sa.Column("standing", sa.String(16), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.PrimaryKeyConstraint("record", "mechanism", name=op.f("pk_standings")),
    )
    op.create_table(
        "receipts",
        sa.Column("lookup", Hex(), nullable=False),
        _record("receipts"),
        _mechanism("receipts"),
        sa.Column("auth", Hex(), nullable=False),
        sa.Column("sign_key", Hex(), nullable=False),
        sa.Column("recipient", Hex(), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.PrimaryKeyConstraint("lookup", name=op.f("pk_receipts")),
    )
    op.create_index(op.f("ix_receipts_record"), "receipts", ["record"])
    op.create_table(
        "restorations",
        sa.Column("id", Hex(), nullable=False),
        _record("restorations"),
        _mechanism("restorations"),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("lookup", Hex(), nullable=True),
        sa.Column("auth", Hex(), nullable=True),
        sa.Column("sign_key", Hex(), nullable=True),
        sa.Column("recipient", Hex(), nullable=True),
        sa.Column("asked_day", sa.String(10), nullable=False),
        sa.Column("due_day", sa.String(10), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restorations")),
    )
    op.create_index(op.f("ix_restorations_record"), "restorations", ["record"])
    # Added where it stands: to copy the table would leave its grants in pages that are free.
    op.add_column("grants", sa.Column("locked", sa.Boolean(), nullable=False, server_default=sa.false()))
    _disclose("AND NOT g.locked")


def downgrade() -> None:
    _disclose("")
    op.execute("DELETE FROM grants WHERE locked")
    # Nothing would remember that these are to be deleted: then they are at least released to nobody.
    waiting = "record IN (SELECT record FROM deletions)"
    op.execute(f"DELETE FROM grants WHERE mechanism IS NOT NULL AND {waiting}")
    op.execute(f"DELETE FROM audience WHERE {waiting}")
    op.drop_column("grants", "locked")
    for table in (
        "restorations",
        "receipts",
        "standings",
        "messages",
        "deletions",
        "withdrawals",
        "drafts",
        "members",
        "profiles",
    ):
        op.drop_table(table)


def _record(table: str) -> sa.Column[str]:
    key = sa.ForeignKey("records.id", name=op.f(f"fk_{table}_record"))
    return sa.Column("record", Hex(), key, nullable=False)


def _mechanism(table: str) -> sa.Column[str]:
    key = sa.ForeignKey("mechanisms.id", name=op.f(f"fk_{table}_mechanism"))
    return sa.Column("mechanism", sa.String(32), key, nullable=False)


def _disclose(unlocked: str) -> None:
    """On PostgreSQL: the function of 0005, which from now on leaves out what a legal hold has locked."""
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    schema = connection.dialect.identifier_preparer.quote_identifier(
        connection.execute(sa.text("SELECT current_schema()")).scalar_one()
    )
    text = DISCLOSE.replace("UNLOCKED", unlocked).replace("SCHEMA.", schema + ".")
    connection.exec_driver_sql(text)


# Runs with its owner's rights, and so with nobody's names: every table with its schema, and no schema of
# the caller's on the path. `age(xmin) > 0` holds for rows of transactions before this one only, its own
# subtransactions included: neither the ticket nor the entry can be taken back after it has shown something.
DISCLOSE = """
CREATE OR REPLACE FUNCTION SCHEMA.intake_disclose(wanted bytea)
RETURNS TABLE (what text, id bytea, other bytea, number bigint, data bytea)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    ticket record;
    needed text;
    reader text;
BEGIN
    DELETE FROM SCHEMA.tickets AS t WHERE t.id = wanted AND age(t.xmin) > 0 RETURNING t.* INTO ticket;
    IF ticket.id IS NULL THEN
        RAISE insufficient_privilege USING MESSAGE = 'no such ticket, or not committed';
    END IF;
    IF ticket.kind = 'disclosure' THEN
        needed := CASE WHEN ticket.part IS NULL THEN 'record.opened' ELSE 'part.downloaded' END;
        -- One statement, so that an entry which gets its index meanwhile is in one of the two.
        SELECT e.mechanism INTO reader FROM (
            SELECT mechanism, log, event, record, leaf FROM SCHEMA.log_entries
                WHERE record = ticket.record AND age(xmin) > 0
            UNION ALL
            SELECT mechanism, log, event, record, leaf FROM SCHEMA.log_pending
                WHERE record = ticket.record AND age(xmin) > 0
        ) AS e WHERE e.leaf = ticket.leaf AND e.log = 'access' AND e.event = needed;
        IF reader IS NULL THEN
            RAISE insufficient_privilege USING MESSAGE = 'the entry of the ticket is not there';
        END IF;
    ELSIF ticket.kind <> 'own' THEN
        RAISE insufficient_privilege USING MESSAGE = 'no such kind of ticket';
    END IF;
    -- From here on a null reader is the submitter, whose grants have no mechanism.
    IF ticket.part IS NOT NULL THEN
        RETURN QUERY SELECT 'header', p.id, NULL::bytea, NULL::bigint, p.header FROM SCHEMA.parts AS p
            WHERE p.record = ticket.record AND p.id = ticket.part AND (reader IS NULL OR EXISTS (
                SELECT FROM SCHEMA.grants AS g WHERE g.record = p.record
                AND g.compartment = p.compartment AND g.mechanism = reader UNLOCKED));
        RETURN;
    END IF;
    RETURN QUERY SELECT 'statement', NULL::bytea, s.signature, s.revision::bigint, s.data
        FROM SCHEMA.statements AS s WHERE s.record = ticket.record ORDER BY s.revision;
    RETURN QUERY SELECT 'grant', g.compartment, g.recipient, NULL::bigint, g.file
        FROM SCHEMA.grants AS g
        WHERE g.record = ticket.record AND g.mechanism IS NOT DISTINCT FROM reader UNLOCKED;
    RETURN QUERY SELECT 'part', p.id, NULL::bytea, octet_length(p.header)::bigint, NULL::bytea
        FROM SCHEMA.parts AS p WHERE p.record = ticket.record AND EXISTS (
            SELECT FROM SCHEMA.grants AS g WHERE g.record = p.record
            AND g.compartment = p.compartment AND g.mechanism IS NOT DISTINCT FROM reader UNLOCKED);
END
$body$
"""
