"""identity: who holds an identifier, what merged, what was split"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "5e920007c40d"
down_revision = "5e92000631b1"
branch_labels = None
depends_on = None

Document = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
)
Instant = sa.DateTime(timezone=True)
Sequence = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("identifiers", sa.Column("source", sa.Text(), nullable=True))
    op.add_column("identifiers", sa.Column("shared_at", Instant, nullable=True))
    for name in ("user_id", "anonymous_id", "former_id"):
        op.add_column("events", sa.Column(name, sa.Text(), nullable=True))
    op.create_table(
        "identifier_holders",
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("since", Instant, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "value", "customer_id", name=op.f("pk_identifier_holders")),
    )
    op.create_index(op.f("ix_identifier_holders_customer_id"), "identifier_holders", ["customer_id"])
    op.create_table(
        "merges",
        sa.Column("id", Sequence, sa.Identity(always=False), nullable=False),
        sa.Column("loser", sa.Text(), nullable=False),
        sa.Column("survivor", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=True),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("names", Document, nullable=False),
        sa.Column("undone_at", Instant, nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merges")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_merges_loser"), "merges", ["loser"])
    op.create_index(op.f("ix_merges_survivor"), "merges", ["survivor"])
    op.create_table(
        "separations",
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("other_id", sa.Text(), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "other_id", name=op.f("pk_separations")),
    )


def downgrade() -> None:
    for table in ("separations", "merges", "identifier_holders"):
        op.drop_table(table)
    for name in ("former_id", "anonymous_id", "user_id"):
        op.drop_column("events", name)
    for name in ("shared_at", "source"):
        op.drop_column("identifiers", name)
