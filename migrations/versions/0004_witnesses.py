"""Witnesses that the operator names, and the keys with which pulling programs cosign."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("clients", sa.Column("witness", sa.String(512), nullable=True))
    op.create_table(
        "witnesses",
        sa.Column("key", sa.String(512), nullable=False),
        sa.Column("url", sa.String(1024), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_witnesses")),
    )


def downgrade() -> None:
    op.drop_table("witnesses")
    with op.batch_alter_table("clients") as batch:
        batch.drop_column("witness")
