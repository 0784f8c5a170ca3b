"""what a message counts for under caps and until when it is held, and the workspace's contact policy"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "5e93c0171ac7"
down_revision = "5e93c0d10001"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
)
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("messages", sa.Column("priority", sa.Integer(), server_default="50", nullable=False))
    for name in ("counted_at", "held_since", "held_until"):
        op.add_column("messages", sa.Column(name, INSTANT, nullable=True))
    op.add_column("messages", sa.Column("hold", sa.String(16), nullable=True))
    # What was sent before there were caps counts under them as well.
    op.execute("UPDATE messages SET counted_at = sent_at WHERE sent_at IS NOT NULL AND topic <> 'transactional'")
    op.create_table(
        "contact_policy",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("document", DOCUMENT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_policy")),
    )


def downgrade() -> None:
    op.drop_table("contact_policy")
    for name in ("hold", "held_until", "held_since", "counted_at", "priority"):
        op.drop_column("messages", name)
