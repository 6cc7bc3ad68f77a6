"""Members of mechanisms enter: memberships, invitations, passkeys, sessions, keys sealed to them."""

import sqlalchemy as sa
from alembic import op

from intake.db.types import Hex

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "memberships",
        sa.Column("mechanism", sa.String(32), nullable=False),
        sa.Column("member", sa.String(64), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("removed_day", sa.String(10), nullable=True),
        sa.ForeignKeyConstraint(["mechanism"], ["mechanisms.id"], name=op.f("fk_memberships_mechanism")),
        sa.PrimaryKeyConstraint("mechanism", "member", name=op.f("pk_memberships")),
    )
    op.create_table(
        "invitations",
        sa.Column("secret", Hex(), nullable=False),
        sa.Column("mechanism", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("member", sa.String(64), nullable=True),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["mechanism"], ["mechanisms.id"], name=op.f("fk_invitations_mechanism")),
        sa.PrimaryKeyConstraint("secret", name=op.f("pk_invitations")),
    )
    op.create_table(
        "applications",
        sa.Column("mechanism", sa.String(32), nullable=False),
        sa.Column("member", sa.String(64), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.ForeignKeyConstraint(["mechanism"], ["mechanisms.id"], name=op.f("fk_applications_mechanism")),
        sa.PrimaryKeyConstraint("mechanism", "member", name=op.f("pk_applications")),
    )
    op.create_table(
        "passkeys",
        sa.Column("id", sa.String(1400), nullable=False),
        sa.Column("mechanism", sa.String(32), nullable=False),
        sa.Column("member", sa.String(64), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.ForeignKeyConstraint(["mechanism"], ["mechanisms.id"], name=op.f("fk_passkeys_mechanism")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
    )
    op.create_index(op.f("ix_passkeys_member"), "passkeys", ["member"])
    op.create_table(
        "vaults",
        sa.Column("mechanism", sa.String(32), nullable=False),
        sa.Column("member", sa.String(64), nullable=False),
        sa.Column("wrapper", sa.String(1400), nullable=False),
        sa.Column("file", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["mechanism"], ["mechanisms.id"], name=op.f("fk_vaults_mechanism")),
        sa.PrimaryKeyConstraint("mechanism", "member", "wrapper", name=op.f("pk_vaults")),
    )
    op.create_table(
        "challenges",
        sa.Column("hash", Hex(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("session", Hex(), nullable=True),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_challenges")),
    )
    op.create_index(op.f("ix_challenges_expires"), "challenges", ["expires"])
    op.create_table(
        "sessions",
        sa.Column("hash", Hex(), nullable=False),
        sa.Column("mechanism", sa.String(32), nullable=False),
        sa.Column("member", sa.String(64), nullable=False),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("started", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("fresh", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["mechanism"], ["mechanisms.id"], name=op.f("fk_sessions_mechanism")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_member"), "sessions", ["member"])
    op.create_table(
        "proposals",
        sa.Column("id", Hex(), nullable=False),
        sa.Column("mechanism", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("subject", sa.JSON(), nullable=False),
        sa.Column("proposed_by", sa.String(64), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("expires", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("decided_by", sa.String(64), nullable=True),
        sa.ForeignKeyConstraint(["mechanism"], ["mechanisms.id"], name=op.f("fk_proposals_mechanism")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
    )
    op.create_index(op.f("ix_proposals_mechanism"), "proposals", ["mechanism"])
    op.create_table(
        "wraps",
        sa.Column("mechanism", sa.String(32), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("class", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("reader", sa.String(64), nullable=False),
        sa.Column("file", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["mechanism"], ["mechanisms.id"], name=op.f("fk_wraps_mechanism")),
        sa.PrimaryKeyConstraint("mechanism", "epoch", "class", "kind", "reader", name=op.f("pk_wraps")),
    )
    op.create_table(
        "drills",
        sa.Column("mechanism", sa.String(32), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("answer", Hex(), nullable=False),
        sa.Column("asked_day", sa.String(10), nullable=False),
        sa.Column("done_day", sa.String(10), nullable=True),
        sa.ForeignKeyConstraint(["mechanism"], ["mechanisms.id"], name=op.f("fk_drills_mechanism")),
        sa.PrimaryKeyConstraint("mechanism", "epoch", name=op.f("pk_drills")),
    )
    # Sessions of members disclose as well.
    with op.batch_alter_table("disclosures") as batch:
        batch.drop_constraint(op.f("fk_disclosures_token"), type_="foreignkey")
    op.add_column("clients", sa.Column("recipient", sa.String(2048), nullable=True))
    op.add_column("clients", sa.Column("classes", sa.JSON(), nullable=True))
    # Programs of before this were given whatever their mechanism was granted, and go on like that.
    every = '["triage", "account", "identity", "sensitive"]'
    op.execute(f"UPDATE clients SET classes = '{every}'")
    with op.batch_alter_table("clients") as batch:
        batch.alter_column("classes", existing_type=sa.JSON(), nullable=False)


def downgrade() -> None:
    op.execute("DELETE FROM disclosures WHERE token NOT IN (SELECT hash FROM tokens)")
    with op.batch_alter_table("disclosures") as batch:
        batch.create_foreign_key(op.f("fk_disclosures_token"), "tokens", ["token"], ["hash"])
    with op.batch_alter_table("clients") as batch:
        batch.drop_column("classes")
        batch.drop_column("recipient")
    op.drop_table("drills")
    op.drop_table("wraps")
    op.drop_table("proposals")
    op.drop_table("sessions")
    op.drop_table("challenges")
    op.drop_table("vaults")
    op.drop_table("passkeys")
    op.drop_table("applications")
    op.drop_table("invitations")
    op.drop_table("memberships")
