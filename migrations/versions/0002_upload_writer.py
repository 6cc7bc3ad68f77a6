"""Uploads say which request may move them: several workers can serve one upload."""

import sqlalchemy as sa
from alembic import op

from intake.db.types import Hex

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("uploads", sa.Column("writer", Hex(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("uploads") as batch:
        batch.drop_column("writer")
