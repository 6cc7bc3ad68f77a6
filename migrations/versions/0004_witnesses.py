"""Witnesses and timestamp authorities that the operator names; keys with which pulling programs cosign."""

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
        sa.Column("key", sa.String(2048), nullable=False),
        sa.Column("url", sa.String(1024), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_witnesses")),
    )
    op.create_table(
        "timestamp_authorities",
        sa.Column("name", sa.String(256), nullable=False),
        sa.Column("url", sa.String(1024), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_timestamp_authorities")),
    )


def downgrade() -> None:
    op.drop_table("timestamp_authorities")
    op.drop_table("witnesses")
    with op.batch_alter_table("clients") as batch:
        batch.drop_column("witness")
