"""Records that a mechanism handed over to the body that continues its mandate."""

import sqlalchemy as sa
from alembic import op

from intake.db.types import Hex

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "handovers",
        sa.Column(
            "record", Hex(), sa.ForeignKey("records.id", name=op.f("fk_handovers_record")), nullable=False
        ),
        _mechanism("mechanism"),
        _mechanism("origin"),
        sa.Column("day", sa.String(10), nullable=False),
        sa.PrimaryKeyConstraint("record", "mechanism", name=op.f("pk_handovers")),
    )


def downgrade() -> None:
    # Without its row nothing says why a successor is there: it can be handed over again.
    for table in ("grants", "audience"):
        op.execute(
            f"DELETE FROM {table} WHERE EXISTS (SELECT 1 FROM handovers WHERE"
            f" handovers.record = {table}.record AND handovers.mechanism = {table}.mechanism)"
        )
    op.drop_table("handovers")


def _mechanism(name: str) -> sa.Column[str]:
    key = sa.ForeignKey("mechanisms.id", name=op.f(f"fk_handovers_{name}"))
    return sa.Column(name, sa.String(32), key, nullable=False)
