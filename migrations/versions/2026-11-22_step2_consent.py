"""consent: preferences, double opt-in, suppression"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "5e9200049d72"
down_revision = "5e920003f2ab"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
)


def upgrade() -> None:
    op.create_table(
        "topics",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("channels", DOCUMENT, nullable=False),
        sa.Column("marketing", sa.Boolean(), nullable=False),
        sa.Column("basis", sa.String(length=32), nullable=False),
        sa.Column("double_opt_in", sa.Boolean(), nullable=False),
        sa.Column("translations", DOCUMENT, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_topics")),
    )
    op.create_table(
        "confirmations",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("address_digest", sa.String(length=64), nullable=False),
        sa.Column("subjects", DOCUMENT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("template_hash", sa.String(length=64), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmations")),
    )
    op.create_index(
        op.f("ix_confirmations_address_digest_requested_at"), "confirmations", ["address_digest", "requested_at"]
    )
    op.create_index(op.f("ix_confirmations_customer_id"), "confirmations", ["customer_id"])
    op.add_column("consents", sa.Column("basis", sa.String(length=32), nullable=True))
    op.add_column("consents", sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("consent_changes", sa.Column("basis", sa.String(length=32), nullable=True))
    op.add_column("consent_changes", sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("consent_changes", sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("consent_changes", sa.Column("digest", sa.String(length=64), nullable=True))
    op.create_index(op.f("ix_consent_changes_digest"), "consent_changes", ["digest"], unique=True)
    op.add_column("suppressions", sa.Column("address", sa.Text(), nullable=True))
    op.add_column("suppressions", sa.Column("actor", sa.Text(), nullable=True))
    op.create_index(op.f("ix_suppressions_at"), "suppressions", ["at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_suppressions_at"), table_name="suppressions")
    op.drop_index(op.f("ix_consent_changes_digest"), table_name="consent_changes")
    for table, columns in (
        ("suppressions", ("actor", "address")),
        ("consent_changes", ("digest", "recorded_at", "expires_at", "basis")),
        ("consents", ("expires_at", "basis")),
    ):
        for column in columns:
            op.drop_column(table, column)
    op.drop_index(op.f("ix_confirmations_customer_id"), table_name="confirmations")
    op.drop_index(op.f("ix_confirmations_address_digest_requested_at"), table_name="confirmations")
    op.drop_table("confirmations")
    op.drop_table("topics")
