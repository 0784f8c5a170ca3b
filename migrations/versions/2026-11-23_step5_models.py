"""models that were learnt"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "5f5e11ed0001"
down_revision = "5e9407ce0001"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
)


def upgrade() -> None:
    op.create_table(
        "model_versions",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("trained_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("in_use", sa.Boolean, nullable=False),
        sa.Column("quality", DOCUMENT, nullable=False),
        sa.Column("baseline", DOCUMENT, nullable=False),
        sa.Column("artefact", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", "version", name=op.f("pk_model_versions")),
    )
    op.create_table(
        "model_looks",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("enough", sa.Boolean, nullable=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_model_looks")),
    )
    op.create_table(
        "send_times",
        sa.Column("customer_id", sa.Text, nullable=False),
        sa.Column("hours", DOCUMENT, nullable=False),
        sa.Column("days", DOCUMENT, nullable=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("model", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_send_times")),
    )


def downgrade() -> None:
    op.drop_table("send_times")
    op.drop_table("model_looks")
    op.drop_table("model_versions")
