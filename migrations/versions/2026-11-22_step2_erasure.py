"""erasure and its receipts"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "5e92000631b1"
down_revision = "5e920005e341"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
)
INSTANT = sa.DateTime(timezone=True)
SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("requested_at", INSTANT, nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("completed_at", INSTANT, nullable=True),
        sa.Column("counts", DOCUMENT, nullable=False),
        sa.Column("work", DOCUMENT, nullable=True),
        sa.Column("late_events", sa.Integer(), nullable=False),
        sa.Column("last_late_at", INSTANT, nullable=True),
        sa.Column("lifted_at", INSTANT, nullable=True),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
    )
    op.create_table(
        "erased_names",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("erasure_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("digest", "erasure_id", name=op.f("pk_erased_names")),
    )
    op.create_index(op.f("ix_erased_names_erasure_id"), "erased_names", ["erasure_id"])
    op.create_table(
        "erased_withdrawals",
        sa.Column("id", SEQUENCE, sa.Identity(always=False), nullable=False),
        sa.Column("erasure_id", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erased_withdrawals")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_erased_withdrawals_erasure_id"), "erased_withdrawals", ["erasure_id"])


def downgrade() -> None:
    for table in ("erased_withdrawals", "erased_names", "erasures"):
        op.drop_table(table)
