"""dates on which customers come due, and how far they are reckoned"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "5e93da7e0001"
down_revision = "5e9357e95000"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
)
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "due_dates",
        sa.Column("journey_key", sa.String(128), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("rule", sa.String(64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("occurrence", sa.Text(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("rung", sa.String(16), nullable=False),
        sa.Column("entry", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("journey_key", "customer_id", "occasion", name=op.f("pk_due_dates")),
    )
    op.create_index(op.f("ix_due_dates_journey_key_due_at"), "due_dates", ["journey_key", "due_at"])
    op.create_index(op.f("ix_due_dates_customer_id"), "due_dates", ["customer_id"])
    op.create_table(
        "date_builds",
        sa.Column("journey_key", sa.String(128), nullable=False),
        sa.Column("rule", sa.String(64), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("building_after", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("journey_key", name=op.f("pk_date_builds")),
    )


def downgrade() -> None:
    op.drop_table("date_builds")
    op.drop_table("due_dates")
