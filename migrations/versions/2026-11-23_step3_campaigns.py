"""campaigns, what came of them, and the products that journeys watch and have told of"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "5e93ca3b0001"
down_revision = "5e930e9b0002"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
)
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "campaigns",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("journey_key", sa.String(128), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("workflow_id", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("about", DOCUMENT, nullable=False),
        sa.Column("context", DOCUMENT, nullable=False),
        sa.Column("rate", sa.Text(), nullable=True),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("waves", DOCUMENT, nullable=True),
        sa.Column("wave", sa.Integer(), nullable=False),
        sa.Column("population", sa.BigInteger(), nullable=False),
        sa.Column("offered", sa.BigInteger(), nullable=False),
        sa.Column("pages", sa.BigInteger(), nullable=False),
        sa.Column("scheduled_at", INSTANT, nullable=False),
        sa.Column("began_at", INSTANT, nullable=False),
        sa.Column("offered_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
    )
    op.create_index(op.f("ix_campaigns_journey_key_began_at"), "campaigns", ["journey_key", "began_at"])
    op.create_index(op.f("ix_campaigns_began_at_id"), "campaigns", ["began_at", "id"])
    op.create_table(
        "campaign_outcomes",
        sa.Column("campaign_id", sa.String(64), nullable=False),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", "code", name=op.f("pk_campaign_outcomes")),
    )
    op.create_table(
        "product_watches",
        sa.Column("journey_key", sa.String(128), nullable=False),
        sa.Column("after", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("journey_key", name=op.f("pk_product_watches")),
    )
    op.create_table(
        "product_alerts",
        sa.Column("journey_key", sa.String(128), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("transition_id", sa.BigInteger(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("journey_key", "product_id", "customer_id", name=op.f("pk_product_alerts")),
    )
    op.create_index(op.f("ix_product_alerts_customer_id"), "product_alerts", ["customer_id"])


def downgrade() -> None:
    op.drop_table("product_alerts")
    op.drop_table("product_watches")
    op.drop_table("campaign_outcomes")
    op.drop_table("campaigns")
