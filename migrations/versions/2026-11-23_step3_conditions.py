"""addresses of customers as the suppression list knows them, and what models predict of customers"""

import sqlalchemy as sa
from alembic import op

revision = "5e93c0d10001"
down_revision = "5e9357a27e25"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "addresses",
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("digest", sa.String(64), nullable=True),
        sa.Column("former_digest", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("customer_id", "channel", name=op.f("pk_addresses")),
    )
    op.create_index(op.f("ix_addresses_channel_address"), "addresses", ["channel", "address"])
    op.create_table(
        "predictions",
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(64), nullable=False),
        sa.Column("trained_at", INSTANT, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "key", name=op.f("pk_predictions")),
    )


def downgrade() -> None:
    op.drop_table("predictions")
    op.drop_table("addresses")
