"""blocks that templates share, and versions of templates"""

import sqlalchemy as sa
from alembic import op

from journeyman.kit.database import JsonDocument

revision = "5e94c4f00001"
down_revision = "5e94c0b00001"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("templates", sa.Column("whole", sa.String(64), nullable=True))
    op.execute("UPDATE templates SET whole = hash")
    with op.batch_alter_table("templates") as templates:
        templates.alter_column("whole", existing_type=sa.String(64), nullable=False)
    op.create_table(
        "template_versions",
        sa.Column("key", sa.String(128), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("key", "number", name=op.f("pk_template_versions")),
    )
    op.execute("INSERT INTO template_versions (key, number, hash, at) SELECT key, 1, hash, updated_at FROM templates")
    op.create_table(
        "blocks",
        sa.Column("key", sa.String(128), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("body", JsonDocument, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_blocks")),
    )
    op.create_table(
        "block_uses",
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("key", sa.String(128), nullable=False),
        sa.Column("block", sa.String(128), nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", "block", name=op.f("pk_block_uses")),
    )
    op.create_index(op.f("ix_block_uses_block"), "block_uses", ["block"])


def downgrade() -> None:
    op.drop_table("block_uses")
    op.drop_table("blocks")
    op.drop_table("template_versions")
    op.drop_column("templates", "whole")
