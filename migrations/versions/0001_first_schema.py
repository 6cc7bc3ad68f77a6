"""The first schema: mechanisms and clients, records and payloads, logs."""

import sqlalchemy as sa
from alembic import op

from intake.db.types import Hex

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answers",
        sa.Column("key", Hex(), nullable=False),
        sa.Column("body", Hex(), nullable=False),
        sa.Column("record", Hex(), nullable=False),
        sa.Column("expires", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_answers")),
    )
    op.create_index(op.f("ix_answers_expires"), "answers", ["expires"], unique=False)
    op.create_table(
        "mechanisms",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("root", Hex(), nullable=False),
        sa.Column("bundle", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mechanisms")),
    )
    op.create_table(
        "payloads",
        sa.Column("blob", Hex(), nullable=False),
        sa.Column("payload_id", Hex(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("merge_after", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("blob", name=op.f("pk_payloads")),
    )
    op.create_index(op.f("ix_payloads_merge_after"), "payloads", ["merge_after"], unique=False)
    op.create_index(op.f("ix_payloads_payload_id"), "payloads", ["payload_id"], unique=False)
    op.create_table(
        "records",
        sa.Column("id", Hex(), nullable=False),
        sa.Column("lookup", Hex(), nullable=False),
        sa.Column("auth", Hex(), nullable=False),
        sa.Column("record_key", Hex(), nullable=True),
        sa.Column("received_day", sa.String(length=10), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_records")),
        sa.UniqueConstraint("lookup", name=op.f("uq_records_lookup")),
    )
    op.create_table(
        "refusals",
        sa.Column("hour", sa.String(length=13), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hour", name=op.f("pk_refusals")),
    )
    op.create_table(
        "seen_proofs",
        sa.Column("hash", Hex(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_seen_proofs")),
    )
    op.create_index(op.f("ix_seen_proofs_expires"), "seen_proofs", ["expires"], unique=False)
    op.create_table(
        "uploads",
        sa.Column("id", Hex(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("durable", sa.BigInteger(), nullable=False),
        sa.Column("blob", Hex(), nullable=True),
        sa.Column("payload_id", Hex(), nullable=True),
        sa.Column("expires", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploads")),
    )
    op.create_index(op.f("ix_uploads_expires"), "uploads", ["expires"], unique=False)
    op.create_table(
        "audience",
        sa.Column("record", Hex(), nullable=False),
        sa.Column("mechanism", sa.String(length=32), nullable=False),
        sa.Column("purposes", sa.JSON(), nullable=False),
        sa.Column("expires", sa.String(length=10), nullable=True),
        sa.Column("successor", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["mechanism"], ["mechanisms.id"], name=op.f("fk_audience_mechanism")),
        sa.ForeignKeyConstraint(["record"], ["records.id"], name=op.f("fk_audience_record")),
        sa.PrimaryKeyConstraint("record", "mechanism", name=op.f("pk_audience")),
    )
    op.create_index(op.f("ix_audience_mechanism"), "audience", ["mechanism"], unique=False)
    op.create_table(
        "clients",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("mechanism", sa.String(length=32), nullable=False),
        sa.Column("jwk", sa.JSON(), nullable=False),
        sa.Column("purposes", sa.JSON(), nullable=False),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["mechanism"], ["mechanisms.id"], name=op.f("fk_clients_mechanism")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clients")),
    )
    op.create_table(
        "compartments",
        sa.Column("record", Hex(), nullable=False),
        sa.Column("id", Hex(), nullable=False),
        sa.Column("class", sa.String(length=16), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["record"], ["records.id"], name=op.f("fk_compartments_record")),
        sa.PrimaryKeyConstraint("record", "id", name=op.f("pk_compartments")),
    )
    op.create_table(
        "log_heads",
        sa.Column("mechanism", sa.String(length=32), nullable=False),
        sa.Column("log", sa.String(length=8), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["mechanism"], ["mechanisms.id"], name=op.f("fk_log_heads_mechanism")),
        sa.PrimaryKeyConstraint("mechanism", "log", name=op.f("pk_log_heads")),
    )
    op.create_table(
        "parts",
        sa.Column("record", Hex(), nullable=False),
        sa.Column("id", Hex(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("compartment", Hex(), nullable=False),
        sa.Column("header", sa.LargeBinary(), nullable=False),
        sa.Column("blob", Hex(), nullable=False),
        sa.ForeignKeyConstraint(["blob"], ["payloads.blob"], name=op.f("fk_parts_blob")),
        sa.ForeignKeyConstraint(["record"], ["records.id"], name=op.f("fk_parts_record")),
        sa.PrimaryKeyConstraint("record", "id", name=op.f("pk_parts")),
    )
    op.create_index(op.f("ix_parts_blob"), "parts", ["blob"], unique=False)
    op.create_table(
        "statements",
        sa.Column("record", Hex(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("signature", Hex(), nullable=False),
        sa.ForeignKeyConstraint(["record"], ["records.id"], name=op.f("fk_statements_record")),
        sa.PrimaryKeyConstraint("record", "revision", name=op.f("pk_statements")),
    )
    op.create_table(
        "grants",
        sa.Column("record", Hex(), nullable=False),
        sa.Column("compartment", Hex(), nullable=False),
        sa.Column("recipient", Hex(), nullable=False),
        sa.Column("mechanism", sa.String(length=32), nullable=True),
        sa.Column("file", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["mechanism"], ["mechanisms.id"], name=op.f("fk_grants_mechanism")),
        sa.ForeignKeyConstraint(
            ["record", "compartment"],
            ["compartments.record", "compartments.id"],
            name=op.f("fk_grants_record_compartment"),
        ),
        sa.PrimaryKeyConstraint("record", "compartment", "recipient", name=op.f("pk_grants")),
    )
    op.create_table(
        "log_entries",
        sa.Column("mechanism", sa.String(length=32), nullable=False),
        sa.Column("log", sa.String(length=8), nullable=False),
        sa.Column("index", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(length=32), nullable=False),
        sa.Column("time", sa.String(length=13), nullable=False),
        sa.Column("record", Hex(), nullable=True),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mechanism", "log"],
            ["log_heads.mechanism", "log_heads.log"],
            name=op.f("fk_log_entries_mechanism_log"),
        ),
        sa.PrimaryKeyConstraint("mechanism", "log", "index", name=op.f("pk_log_entries")),
    )
    op.create_index(op.f("ix_log_entries_record"), "log_entries", ["record"], unique=False)
    op.create_table(
        "tokens",
        sa.Column("hash", Hex(), nullable=False),
        sa.Column("client", sa.String(length=64), nullable=False),
        sa.Column("thumbprint", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["client"], ["clients.id"], name=op.f("fk_tokens_client")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_tokens")),
    )
    op.create_index(op.f("ix_tokens_expires"), "tokens", ["expires"], unique=False)
    op.create_table(
        "disclosures",
        sa.Column("token", Hex(), nullable=False),
        sa.Column("subject", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(["token"], ["tokens.hash"], name=op.f("fk_disclosures_token")),
        sa.PrimaryKeyConstraint("token", "subject", name=op.f("pk_disclosures")),
    )


def downgrade() -> None:
    op.drop_table("disclosures")
    op.drop_index(op.f("ix_tokens_expires"), table_name="tokens")
    op.drop_table("tokens")
    op.drop_index(op.f("ix_log_entries_record"), table_name="log_entries")
    op.drop_table("log_entries")
    op.drop_table("grants")
    op.drop_table("statements")
    op.drop_index(op.f("ix_parts_blob"), table_name="parts")
    op.drop_table("parts")
    op.drop_table("log_heads")
    op.drop_table("compartments")
    op.drop_table("clients")
    op.drop_index(op.f("ix_audience_mechanism"), table_name="audience")
    op.drop_table("audience")
    op.drop_index(op.f("ix_uploads_expires"), table_name="uploads")
    op.drop_table("uploads")
    op.drop_index(op.f("ix_seen_proofs_expires"), table_name="seen_proofs")
    op.drop_table("seen_proofs")
    op.drop_table("refusals")
    op.drop_table("records")
    op.drop_index(op.f("ix_payloads_payload_id"), table_name="payloads")
    op.drop_index(op.f("ix_payloads_merge_after"), table_name="payloads")
    op.drop_table("payloads")
    op.drop_table("mechanisms")
    op.drop_index(op.f("ix_answers_expires"), table_name="answers")
    op.drop_table("answers")
