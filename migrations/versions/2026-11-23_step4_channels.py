"""devices, short links, and which provider took a message"""

import sqlalchemy as sa
from alembic import op

revision = "5e94c4a00001"
down_revision = "5e930e4b0001"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "devices",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("platform", sa.String(32), nullable=True),
        sa.Column("app", sa.Text(), nullable=True),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_devices")),
    )
    op.create_index(op.f("ix_devices_customer_id_channel"), "devices", ["customer_id", "channel"])
    op.create_table(
        "short_links",
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_short_links")),
    )
    op.create_index(op.f("ix_short_links_customer_id"), "short_links", ["customer_id"])
    op.add_column("messages", sa.Column("provider", sa.String(64), nullable=True))
    op.add_column("messages", sa.Column("parts", sa.Integer(), nullable=True))
    op.create_index(
        op.f("ix_messages_provider_message_id"),
        "messages",
        ["provider_message_id"],
        postgresql_where=sa.text("channel <> 'email'"),
        sqlite_where=sa.text("channel <> 'email'"),
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_messages_provider_message_id"), "messages")
    with op.batch_alter_table("messages") as table:
        table.drop_column("parts")
        table.drop_column("provider")
    op.drop_table("short_links")
    op.drop_table("devices")
