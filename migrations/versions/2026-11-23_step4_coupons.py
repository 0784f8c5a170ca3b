"""coupon pools and their codes"""

import sqlalchemy as sa
from alembic import op

from journeyman.kit.database import JsonDocument

revision = "5e94c0b00001"
down_revision = "5e94c4a00002"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "coupon_pools",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("document", JsonDocument, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_coupon_pools")),
    )
    op.create_table(
        "coupon_codes",
        sa.Column("id", SEQUENCE, sa.Identity(), nullable=False),
        sa.Column("pool", sa.String(64), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("tier", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("customer_id", sa.Text(), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("reserved_at", INSTANT, nullable=True),
        sa.Column("given_at", INSTANT, nullable=True),
        sa.Column("redeemed_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupon_codes")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_coupon_codes_pool_code"), "coupon_codes", ["pool", "code"], unique=True)
    op.create_index(op.f("ix_coupon_codes_pool_run_id"), "coupon_codes", ["pool", "run_id"], unique=True)
    op.create_index(op.f("ix_coupon_codes_pool_tier_state_id"), "coupon_codes", ["pool", "tier", "state", "id"])
    op.create_index(op.f("ix_coupon_codes_state_id"), "coupon_codes", ["state", "id"])
    op.create_index(op.f("ix_coupon_codes_code"), "coupon_codes", ["code"])
    op.create_index(op.f("ix_coupon_codes_customer_id"), "coupon_codes", ["customer_id"])
    op.create_table(
        "coupon_generations",
        sa.Column("pool", sa.String(64), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("pool", "key", name=op.f("pk_coupon_generations")),
    )


def downgrade() -> None:
    op.drop_table("coupon_generations")
    op.drop_table("coupon_codes")
    op.drop_table("coupon_pools")
