"""sources: imports, webhooks, groups"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "5e920003f2ab"
down_revision = "5e920002a6f2"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
)
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "groups",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("traits", DOCUMENT, nullable=False),
        sa.Column("stated", DOCUMENT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_groups")),
    )
    op.create_table(
        "group_members",
        sa.Column("group_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("group_id", "customer_id", name=op.f("pk_group_members")),
    )
    op.create_index(op.f("ix_group_members_customer_id"), "group_members", ["customer_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_group_members_customer_id"), table_name="group_members")
    op.drop_table("group_members")
    op.drop_table("groups")
