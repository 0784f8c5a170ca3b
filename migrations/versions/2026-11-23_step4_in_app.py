"""messages that wait for customers in the shop's app and on its pages, and slots on these"""

import sqlalchemy as sa
from alembic import op

from journeyman.kit.database import JsonDocument

revision = "5e94c4a00002"
down_revision = "5e94c4a00001"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "in_app_messages",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("placement", sa.String(16), nullable=False),
        sa.Column("content", JsonDocument, nullable=False),
        sa.Column("sent_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("read_at", INSTANT, nullable=True),
        sa.Column("dismissed_at", INSTANT, nullable=True),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_in_app_messages")),
    )
    op.create_index(op.f("ix_in_app_messages_customer_id_sent_at"), "in_app_messages", ["customer_id", "sent_at"])
    op.create_index(op.f("ix_in_app_messages_expires_at"), "in_app_messages", ["expires_at"])
    op.create_index(op.f("ix_in_app_messages_changed_at"), "in_app_messages", ["changed_at"])
    op.create_table(
        "slots",
        sa.Column("key", sa.String(128), nullable=False),
        sa.Column("document", JsonDocument, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_slots")),
    )


def downgrade() -> None:
    op.drop_table("slots")
    op.drop_table("in_app_messages")
