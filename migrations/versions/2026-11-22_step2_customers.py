"""customers: profile, identity, segments"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "5e9200014b6f"
down_revision = "dc6e4e19485d"
branch_labels = None
depends_on = None

Document = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
)
Instant = sa.DateTime(timezone=True)
Sequence = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("customers", sa.Column("computed", Document, server_default="{}", nullable=False))
    op.add_column("customers", sa.Column("scores", Document, server_default="{}", nullable=False))
    op.add_column("customers", sa.Column("segments", Document, server_default="[]", nullable=False))
    op.add_column("customers", sa.Column("recheck_at", Instant, nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        # Nearly every event writes its customer's row anew: with room in the page no index has to be touched.
        op.execute("ALTER TABLE customers SET (fillfactor = 70)")
    op.create_index(
        "ix_customers_recheck_at",
        "customers",
        ["recheck_at"],
        unique=False,
        postgresql_where=sa.text("recheck_at IS NOT NULL"),
    )
    op.create_table(
        "segments",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("condition", Document, nullable=True),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
        sa.Column("built_at", Instant, nullable=True),
        sa.Column("building_after", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_segments")),
    )
    op.create_table(
        "memberships",
        sa.Column("segment_key", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("since", Instant, nullable=False),
        sa.PrimaryKeyConstraint("segment_key", "customer_id", name=op.f("pk_memberships")),
    )
    op.create_index(op.f("ix_memberships_customer_id"), "memberships", ["customer_id"], unique=False)
    op.create_table(
        "membership_changes",
        sa.Column("id", Sequence, sa.Identity(always=False), nullable=False),
        sa.Column("segment_key", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership_changes")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_membership_changes_customer_id"), "membership_changes", ["customer_id"], unique=False)
    op.create_index(
        op.f("ix_membership_changes_segment_key_at"), "membership_changes", ["segment_key", "at"], unique=False
    )
    op.create_table(
        "attribute_definitions",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type", sa.String(length=8), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("is_pii", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("first_seen_at", Instant, nullable=True),
        sa.Column("updated_at", Instant, nullable=False),
        sa.Column("mismatches", sa.BigInteger(), nullable=False),
        sa.Column("mismatched_as", sa.String(length=8), nullable=True),
        sa.Column("mismatched_at", Instant, nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_attribute_definitions")),
    )


def downgrade() -> None:
    op.drop_table("attribute_definitions")
    op.drop_table("membership_changes")
    op.drop_table("memberships")
    op.drop_table("segments")
    op.drop_index("ix_customers_recheck_at", "customers")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE customers RESET (fillfactor)")
    for column in ("recheck_at", "segments", "scores", "computed"):
        op.drop_column("customers", column)
