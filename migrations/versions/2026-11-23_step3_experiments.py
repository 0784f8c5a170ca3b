"""experiments, and the arm that each customer was given"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "5e930e9b0001"
down_revision = "5e930001c0de"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
)
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "experiments",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("journey_key", sa.String(128), nullable=False),
        sa.Column("step", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("split", DOCUMENT, nullable=False),
        sa.Column("phase", sa.Integer(), nullable=False),
        sa.Column("began_at", INSTANT, nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("winner", sa.String(64), nullable=True),
        sa.Column("shares", DOCUMENT, nullable=True),
        sa.Column("judged", DOCUMENT, nullable=True),
        sa.Column("judged_at", INSTANT, nullable=True),
        sa.Column("decisions", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_experiments")),
    )
    op.create_index(op.f("ix_experiments_journey_key_step"), "experiments", ["journey_key", "step"])
    op.create_table(
        "split_assignments",
        sa.Column("experiment_id", sa.String(64), nullable=False),
        sa.Column("run_id", sa.String(64), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("arm", sa.String(64), nullable=False),
        sa.Column("how", sa.String(8), nullable=False),
        sa.Column("propensity", sa.Float(), nullable=False),
        sa.Column("phase", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("experiment_id", "run_id", name=op.f("pk_split_assignments")),
    )
    op.create_index(
        op.f("ix_split_assignments_experiment_id_customer_id_at"),
        "split_assignments",
        ["experiment_id", "customer_id", "at"],
    )
    op.create_index(op.f("ix_split_assignments_customer_id"), "split_assignments", ["customer_id"])


def downgrade() -> None:
    op.drop_table("split_assignments")
    op.drop_table("experiments")
