"""catalogue: products, prices, interest"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "5e920002a6f2"
down_revision = "5e9200014b6f"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
)
AMOUNT = sa.Numeric(precision=19, scale=4).with_variant(sa.BigInteger(), "sqlite")
SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "products",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("price", AMOUNT, nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("compare_at_price", AMOUNT, nullable=True),
        sa.Column("stock", sa.BigInteger(), nullable=True),
        sa.Column("low_stock_threshold", sa.BigInteger(), nullable=True),
        sa.Column("categories", DOCUMENT, nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("image_url", sa.Text(), nullable=True),
        sa.Column("replenishment_days", sa.Integer(), nullable=True),
        sa.Column("fields", DOCUMENT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products")),
    )
    op.create_table(
        "product_variants",
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("price", AMOUNT, nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("stock", sa.BigInteger(), nullable=True),
        sa.Column("fields", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("product_id", "id", name=op.f("pk_product_variants")),
    )
    op.create_table(
        "product_categories",
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("depth", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("path", "product_id", name=op.f("pk_product_categories")),
    )
    op.create_index(op.f("ix_product_categories_product_id"), "product_categories", ["product_id"])
    op.create_table(
        "product_transitions",
        sa.Column("id", SEQUENCE, sa.Identity(always=False), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("variant_id", sa.Text(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("old", AMOUNT, nullable=False),
        sa.Column("new", AMOUNT, nullable=False),
        sa.Column("amount", AMOUNT, nullable=False),
        sa.Column("percent", AMOUNT, nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_transitions")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_product_transitions_product_id_id"), "product_transitions", ["product_id", "id"])
    op.create_table(
        "interests",
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("first_at", INSTANT, nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.Column("recent", sa.ARRAY(sa.BigInteger()).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("last_price", AMOUNT, nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("last_price_at", INSTANT, nullable=True),
        sa.Column("last_price_seq", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("customer_id", "product_id", "kind", name=op.f("pk_interests")),
    )
    op.create_index(op.f("ix_interests_product_id_kind_last_at"), "interests", ["product_id", "kind", "last_at"])


def downgrade() -> None:
    for table in ("interests", "product_transitions", "product_categories", "product_variants", "products"):
        op.drop_table(table)
