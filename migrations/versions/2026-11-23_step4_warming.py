"""what warm-up ramps have counted"""

import sqlalchemy as sa
from alembic import op

revision = "5e94c0d00002"
down_revision = "5e94c0d00001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "warm_up_days",
        sa.Column("provider", sa.String(64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("part", sa.String(32), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("provider", "day", "part", name=op.f("pk_warm_up_days")),
    )
    op.create_table(
        "warm_up_places",
        sa.Column("message_id", sa.String(64), nullable=False),
        sa.Column("provider", sa.String(64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("parts", sa.String(64), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_warm_up_places")),
    )
    op.create_index(op.f("ix_warm_up_places_day"), "warm_up_places", ["day"])


def downgrade() -> None:
    op.drop_table("warm_up_places")
    op.drop_table("warm_up_days")
