"""conversions by customer: what an experiment counts, and what a merge follows"""

from alembic import op

revision = "5e930e9b0002"
down_revision = "5e93c0171ac7"
branch_labels = None
depends_on = None

NAME = "ix_conversions_customer_id_journey_key_at"


def upgrade() -> None:
    op.create_index(op.f(NAME), "conversions", ["customer_id", "journey_key", "at"])


def downgrade() -> None:
    op.drop_index(op.f(NAME), "conversions")
