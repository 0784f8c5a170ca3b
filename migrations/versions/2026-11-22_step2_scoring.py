"""scoring and RFM"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "5e920005e341"
down_revision = "5e9200049d72"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
)


def upgrade() -> None:
    op.create_table(
        "score_models",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.Column("basis", sa.String(length=16), nullable=False),
        sa.Column("rebuilt_to", sa.Text(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_score_models")),
    )
    op.create_table(
        "score_ranks",
        sa.Column("model", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.Column("held", sa.Double(), nullable=False),
        sa.Column("rank", sa.Double(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("model", "customer_id", "category", name=op.f("pk_score_ranks")),
    )
    op.create_index(op.f("ix_score_ranks_next_at"), "score_ranks", ["next_at"])
    op.create_index("ix_score_ranks_order", "score_ranks", ["model", "category", "held", "rank", "customer_id"])
    op.create_table(
        "rfm_cuts",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("recency", DOCUMENT, nullable=False),
        sa.Column("frequency", DOCUMENT, nullable=False),
        sa.Column("monetary", DOCUMENT, nullable=False),
        sa.Column("own", sa.Boolean(), nullable=False),
        sa.Column("customers", sa.BigInteger(), nullable=False),
        sa.Column("cells", DOCUMENT, nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rfm_cuts")),
    )


def downgrade() -> None:
    for table in ("rfm_cuts", "score_ranks", "score_models"):
        op.drop_table(table)
