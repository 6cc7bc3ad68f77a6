"""Reviewing: assignments, approvals, openings, notes, cases, deadlines."""

import sqlalchemy as sa
from alembic import op

from intake.db.types import Hex

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("memberships", sa.Column("removed_epoch", sa.Integer(), nullable=True))
    op.create_table(
        "citations",
        sa.Column("mechanism", sa.String(32), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["mechanism"], ["mechanisms.id"], name=op.f("fk_citations_mechanism")),
        sa.PrimaryKeyConstraint("mechanism", name=op.f("pk_citations")),
    )
    op.create_table(
        "statuses",
        sa.Column("record", Hex(), nullable=False),
        sa.Column("mechanism", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("changed_by", sa.String(64), nullable=True),
        sa.Column("day", sa.String(10), nullable=False),
        sa.ForeignKeyConstraint(["mechanism"], ["mechanisms.id"], name=op.f("fk_statuses_mechanism")),
        sa.ForeignKeyConstraint(["record"], ["records.id"], name=op.f("fk_statuses_record")),
        sa.PrimaryKeyConstraint("record", "mechanism", name=op.f("pk_statuses")),
    )
    op.create_table(
        "assignments",
        sa.Column("record", Hex(), nullable=False),
        sa.Column("mechanism", sa.String(32), nullable=False),
        sa.Column("member", sa.String(64), nullable=False),
        sa.Column("assigned_by", sa.String(64), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.ForeignKeyConstraint(["mechanism"], ["mechanisms.id"], name=op.f("fk_assignments_mechanism")),
        sa.ForeignKeyConstraint(["record"], ["records.id"], name=op.f("fk_assignments_record")),
        sa.PrimaryKeyConstraint("record", "mechanism", "member", name=op.f("pk_assignments")),
    )
    op.create_index(op.f("ix_assignments_member"), "assignments", ["member"])
    op.create_table(
        "member_grants",
        sa.Column("record", Hex(), nullable=False),
        sa.Column("mechanism", sa.String(32), nullable=False),
        sa.Column("member", sa.String(64), nullable=False),
        sa.Column("compartment", Hex(), nullable=False),
        sa.Column("file", sa.LargeBinary(), nullable=False),
        sa.Column("expires", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["mechanism"], ["mechanisms.id"], name=op.f("fk_member_grants_mechanism")),
        sa.ForeignKeyConstraint(["record"], ["records.id"], name=op.f("fk_member_grants_record")),
        sa.PrimaryKeyConstraint(
            "record", "mechanism", "member", "compartment", name=op.f("pk_member_grants")
        ),
    )
    op.create_table(
        "identity_requests",
        sa.Column("id", Hex(), nullable=False),
        sa.Column("record", Hex(), nullable=False),
        sa.Column("mechanism", sa.String(32), nullable=False),
        sa.Column("member", sa.String(80), nullable=False),
        sa.Column("asked_by", sa.String(64), nullable=False),
        sa.Column("classes", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("entry", Hex(), nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("decided_by", sa.String(64), nullable=True),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("expires", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["mechanism"], ["mechanisms.id"], name=op.f("fk_identity_requests_mechanism")
        ),
        sa.ForeignKeyConstraint(["record"], ["records.id"], name=op.f("fk_identity_requests_record")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_requests")),
    )
    op.create_index(op.f("ix_identity_requests_record"), "identity_requests", ["record"])
    op.create_table(
        "openings",
        sa.Column("mechanism", sa.String(32), nullable=False),
        sa.Column("reader", sa.String(80), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("record", Hex(), nullable=False),
        sa.ForeignKeyConstraint(["mechanism"], ["mechanisms.id"], name=op.f("fk_openings_mechanism")),
        sa.ForeignKeyConstraint(["record"], ["records.id"], name=op.f("fk_openings_record")),
        sa.PrimaryKeyConstraint("mechanism", "reader", "day", "record", name=op.f("pk_openings")),
    )
    op.create_table(
        "budgets",
        sa.Column("mechanism", sa.String(32), nullable=False),
        sa.Column("reader", sa.String(80), nullable=False),
        sa.Column("daily", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["mechanism"], ["mechanisms.id"], name=op.f("fk_budgets_mechanism")),
        sa.PrimaryKeyConstraint("mechanism", "reader", name=op.f("pk_budgets")),
    )
    op.create_table(
        "alarms",
        sa.Column("id", Hex(), nullable=False),
        sa.Column("mechanism", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("reader", sa.String(80), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("seen_by", sa.String(64), nullable=True),
        sa.ForeignKeyConstraint(["mechanism"], ["mechanisms.id"], name=op.f("fk_alarms_mechanism")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarms")),
    )
    op.create_index(op.f("ix_alarms_mechanism"), "alarms", ["mechanism"])
    op.create_table(
        "triage_seen",
        sa.Column("record", Hex(), nullable=False),
        sa.Column("mechanism", sa.String(32), nullable=False),
        sa.Column("member", sa.String(64), nullable=False),
        sa.Column("part", Hex(), nullable=False),
        sa.ForeignKeyConstraint(["mechanism"], ["mechanisms.id"], name=op.f("fk_triage_seen_mechanism")),
        sa.ForeignKeyConstraint(["record"], ["records.id"], name=op.f("fk_triage_seen_record")),
        sa.PrimaryKeyConstraint("record", "mechanism", "member", "part", name=op.f("pk_triage_seen")),
    )
    op.create_table(
        "workspaces",
        sa.Column("id", Hex(), nullable=False),
        sa.Column("mechanism", sa.String(32), nullable=False),
        sa.Column("record", Hex(), nullable=True),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("gone", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["mechanism"], ["mechanisms.id"], name=op.f("fk_workspaces_mechanism")),
        sa.ForeignKeyConstraint(["record"], ["records.id"], name=op.f("fk_workspaces_record")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workspaces")),
    )
    op.create_index(op.f("ix_workspaces_mechanism"), "workspaces", ["mechanism"])
    op.create_index(op.f("ix_workspaces_record"), "workspaces", ["record"])
    op.create_table(
        "workspace_grants",
        sa.Column("workspace", Hex(), nullable=False),
        sa.Column("reader", sa.String(64), nullable=False),
        sa.Column("file", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"], name=op.f("fk_workspace_grants_workspace")),
        sa.PrimaryKeyConstraint("workspace", "reader", name=op.f("pk_workspace_grants")),
    )
    op.create_table(
        "work",
        sa.Column("part", Hex(), nullable=False),
        sa.Column("workspace", Hex(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("member", sa.String(64), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("about", Hex(), nullable=True),
        sa.Column("compartment", Hex(), nullable=True),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("header", sa.LargeBinary(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["about"], ["records.id"], name=op.f("fk_work_about")),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"], name=op.f("fk_work_workspace")),
        sa.PrimaryKeyConstraint("part", name=op.f("pk_work")),
    )
    op.create_index(op.f("ix_work_about"), "work", ["about"])
    op.create_index(op.f("ix_work_workspace"), "work", ["workspace"])
    op.create_table(
        "work_files",
        sa.Column("part", Hex(), nullable=False),
        sa.Column("entry", Hex(), nullable=False),
        sa.Column("header", sa.LargeBinary(), nullable=False),
        sa.Column("blob", Hex(), nullable=False),
        sa.ForeignKeyConstraint(["blob"], ["payloads.blob"], name=op.f("fk_work_files_blob")),
        sa.ForeignKeyConstraint(["entry"], ["work.part"], name=op.f("fk_work_files_entry")),
        sa.PrimaryKeyConstraint("part", name=op.f("pk_work_files")),
    )
    op.create_index(op.f("ix_work_files_blob"), "work_files", ["blob"])
    op.create_index(op.f("ix_work_files_entry"), "work_files", ["entry"])
    op.create_table(
        "case_records",
        sa.Column("workspace", Hex(), nullable=False),
        sa.Column("record", Hex(), nullable=False),
        sa.Column("added_by", sa.String(64), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.ForeignKeyConstraint(["record"], ["records.id"], name=op.f("fk_case_records_record")),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"], name=op.f("fk_case_records_workspace")),
        sa.PrimaryKeyConstraint("workspace", "record", name=op.f("pk_case_records")),
    )
    op.create_table(
        "deadlines",
        sa.Column("id", Hex(), nullable=False),
        sa.Column("workspace", Hex(), nullable=False),
        sa.Column("due", sa.String(10), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("member", sa.String(64), nullable=False),
        sa.Column("done_day", sa.String(10), nullable=True),
        sa.ForeignKeyConstraint(["workspace"], ["workspaces.id"], name=op.f("fk_deadlines_workspace")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadlines")),
    )
    op.create_index(op.f("ix_deadlines_workspace"), "deadlines", ["workspace"])
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        schema = connection.dialect.identifier_preparer.quote_identifier(
            connection.execute(sa.text("SELECT current_schema()")).scalar_one()
        )
        connection.exec_driver_sql(TRIAGE.replace("SCHEMA.", schema + "."))
        connection.exec_driver_sql(
            f"REVOKE ALL ON FUNCTION {schema}.intake_disclose_triage(bytea, bytea[]) FROM PUBLIC"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION intake_disclose_triage(bytea, bytea[])")
    op.drop_table("deadlines")
    op.drop_table("case_records")
    op.drop_table("work_files")
    op.drop_table("work")
    op.drop_table("workspace_grants")
    op.drop_table("workspaces")
    op.drop_table("triage_seen")
    op.drop_table("alarms")
    op.drop_table("budgets")
    op.drop_table("openings")
    op.drop_table("identity_requests")
    op.drop_table("member_grants")
    op.drop_table("assignments")
    op.drop_table("statuses")
    op.drop_table("citations")
    op.drop_column("memberships", "removed_epoch")


# As `intake_disclose` (0005), for the triage cards of many records in one answer, which is one entry. Only
# compartments of that class, with a grant to the mechanism in whose log the entry stands; and only of the
# records that the entry names, by the hash in its opening (docs/wire.md, "Log leaves").
TRIAGE = """
CREATE FUNCTION SCHEMA.intake_disclose_triage(wanted bytea, listed bytea[])
RETURNS TABLE (what text, record bytea, id bytea, other bytea, data bytea)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $body$
#variable_conflict use_column
DECLARE
    ticket record;
    reader text;
    said text;
    released bytea[];
BEGIN
    DELETE FROM SCHEMA.tickets AS t WHERE t.id = wanted AND t.kind = 'triage' AND age(t.xmin) > 0
        RETURNING t.* INTO ticket;
    IF ticket.id IS NULL THEN
        RAISE insufficient_privilege USING MESSAGE = 'no such ticket, or not committed';
    END IF;
    SELECT e.mechanism, convert_from(e.opening, 'UTF8')::jsonb #>> '{fields,listed,1}' INTO reader, said
    FROM (
        SELECT mechanism, log, event, leaf, opening FROM SCHEMA.log_entries
            WHERE leaf = ticket.leaf AND age(xmin) > 0
        UNION ALL
        SELECT mechanism, log, event, leaf, opening FROM SCHEMA.log_pending
            WHERE leaf = ticket.leaf AND age(xmin) > 0
    ) AS e WHERE e.log = 'access' AND e.event = 'triage.listed';
    IF reader IS NULL OR said IS DISTINCT FROM (
        SELECT encode(sha256(convert_to(
            '[' || coalesce(string_agg('"' || encode(id, 'hex') || '"', ',' ORDER BY n), '') || ']', 'UTF8'
        )), 'hex') FROM unnest(listed) WITH ORDINALITY AS l (id, n)
    ) THEN
        RAISE insufficient_privilege USING MESSAGE = 'no entry of the ticket, or one of other records';
    END IF;
    released := ARRAY(
        SELECT a.record FROM SCHEMA.audience AS a WHERE a.record = ANY (listed) AND a.mechanism = reader
        AND NOT EXISTS (SELECT FROM SCHEMA.deletions AS d WHERE d.record = a.record));
    RETURN QUERY SELECT 'grant', g.record, g.compartment, g.recipient, g.file
        FROM SCHEMA.grants AS g JOIN SCHEMA.compartments AS c ON c.record = g.record AND c.id = g.compartment
        WHERE g.record = ANY (released) AND g.mechanism = reader AND NOT g.locked AND c.class = 'triage';
    RETURN QUERY SELECT 'header', p.record, p.id, p.compartment, p.header
        FROM SCHEMA.parts AS p JOIN SCHEMA.compartments AS c ON c.record = p.record AND c.id = p.compartment
        WHERE p.record = ANY (released) AND p.kind = 'triage' AND c.class = 'triage' AND EXISTS (
            SELECT FROM SCHEMA.grants AS g WHERE g.record = p.record
            AND g.compartment = p.compartment AND g.mechanism = reader AND NOT g.locked);
END
$body$
"""
