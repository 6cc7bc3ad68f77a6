"""Content is read for a ticket only: the tickets, and on PostgreSQL the function that takes one."""

import hashlib

import sqlalchemy as sa
from alembic import op

from intake.db.types import Hex

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

STATEMENTS = sa.table(
    "statements",
    sa.column("record", Hex()),
    sa.column("revision"),
    sa.column("data"),
    sa.column("hash", Hex()),
)


def upgrade() -> None:
    op.create_table(
        "tickets",
        sa.Column("id", Hex(), nullable=False),
        sa.Column("record", Hex(), nullable=False),
        sa.Column("part", Hex(), nullable=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=True),
        sa.Column("expires", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
    )
    op.create_index(op.f("ix_tickets_expires"), "tickets", ["expires"])
    # A download that goes on after this is logged once more: its first entry's leaf is not known.
    op.execute("DELETE FROM disclosures")
    op.add_column("disclosures", sa.Column("leaf", sa.LargeBinary(), nullable=True))
    op.add_column("statements", sa.Column("hash", Hex(), nullable=True))
    connection = op.get_bind()
    columns = (STATEMENTS.c.record, STATEMENTS.c.revision, STATEMENTS.c.data)
    for record, number, data in connection.execute(sa.select(*columns)).all():
        found = hashlib.sha256(b"intake/statement/v1\0" + bytes(data)).hexdigest()
        here = (STATEMENTS.c.record == record, STATEMENTS.c.revision == number)
        connection.execute(sa.update(STATEMENTS).where(*here).values(hash=found))
    with op.batch_alter_table("statements") as batch:
        batch.alter_column("hash", existing_type=Hex(), nullable=False)
    if connection.dialect.name == "postgresql":
        schema = connection.dialect.identifier_preparer.quote_identifier(
            connection.execute(sa.text("SELECT current_schema()")).scalar_one()
        )
        connection.exec_driver_sql(DISCLOSE.replace("SCHEMA.", schema + "."))
        connection.exec_driver_sql(ERASE.replace("SCHEMA.", schema + "."))
        for function in ("intake_disclose", "intake_erase"):
            connection.exec_driver_sql(f"REVOKE ALL ON FUNCTION {schema}.{function}(bytea) FROM PUBLIC")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION intake_erase(bytea)")
        op.execute("DROP FUNCTION intake_disclose(bytea)")
    with op.batch_alter_table("statements") as batch:
        batch.drop_column("hash")
    with op.batch_alter_table("disclosures") as batch:
        batch.drop_column("leaf")
    op.drop_table("tickets")


# The one change that a log knows: what a record's entries say is forgotten. With the right to update
# entries, the serving role could let an old entry speak of another record, and read that for it.
ERASE = """
CREATE FUNCTION SCHEMA.intake_erase(erased bytea) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $body$
    UPDATE SCHEMA.log_entries SET event = NULL, record = NULL, counter = NULL, opening = NULL
        WHERE record = erased
$body$
"""

# Runs with its owner's rights, and so with nobody's names: every table with its schema, and no schema of
# the caller's on the path. `age(xmin) > 0` holds for rows of transactions before this one only, its own
# subtransactions included: neither the ticket nor the entry can be taken back after it has shown something.
DISCLOSE = """
CREATE FUNCTION SCHEMA.intake_disclose(wanted bytea)
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
                AND g.compartment = p.compartment AND g.mechanism = reader));
        RETURN;
    END IF;
    RETURN QUERY SELECT 'statement', NULL::bytea, s.signature, s.revision::bigint, s.data
        FROM SCHEMA.statements AS s WHERE s.record = ticket.record ORDER BY s.revision;
    RETURN QUERY SELECT 'grant', g.compartment, g.recipient, NULL::bigint, g.file
        FROM SCHEMA.grants AS g
        WHERE g.record = ticket.record AND g.mechanism IS NOT DISTINCT FROM reader;
    RETURN QUERY SELECT 'part', p.id, NULL::bytea, octet_length(p.header)::bigint, NULL::bytea
        FROM SCHEMA.parts AS p WHERE p.record = ticket.record AND EXISTS (
            SELECT FROM SCHEMA.grants AS g WHERE g.record = p.record
            AND g.compartment = p.compartment AND g.mechanism IS NOT DISTINCT FROM reader);
END
$body$
"""
