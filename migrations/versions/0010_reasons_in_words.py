"""A reason in words stands with its request, sealed to custodians.

It was the name of an entry in a workspace; the entries themselves stay where they are.
"""

import sqlalchemy as sa
from alembic import op

from intake.db.types import Hex

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("identity_requests", "entry")
    op.add_column("identity_requests", sa.Column("words", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("identity_requests", "words")
    op.add_column("identity_requests", sa.Column("entry", Hex(), nullable=True))
