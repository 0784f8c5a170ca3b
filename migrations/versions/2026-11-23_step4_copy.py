"""the brand's voice, proposals of copy and drafts of templates"""

import sqlalchemy as sa
from alembic import op

from journeyman.kit.database import JsonDocument

revision = "5e94c0d00001"
down_revision = "5e94ad500001"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "brand_voice",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("document", JsonDocument, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brand_voice")),
    )
    op.create_table(
        "copy_requests",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("template_key", sa.String(128), nullable=False),
        sa.Column("template_hash", sa.String(64), nullable=False),
        sa.Column("wish", JsonDocument, nullable=False),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("prompt", sa.String(16), nullable=False),
        sa.Column("outcome", sa.String(32), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("tokens", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_copy_requests")),
    )
    op.create_index(op.f("ix_copy_requests_template_key_id"), "copy_requests", ["template_key", "id"])
    op.create_table(
        "copy_proposals",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("texts", JsonDocument, nullable=False),
        sa.Column("findings", JsonDocument, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("taken_by", sa.Text(), nullable=True),
        sa.Column("taken_at", INSTANT, nullable=True),
        sa.Column("draft_hash", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_copy_proposals")),
    )
    op.create_index(op.f("ix_copy_proposals_request_id"), "copy_proposals", ["request_id"])
    op.create_table(
        "template_drafts",
        sa.Column("key", sa.String(128), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("made_of", sa.String(64), nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_template_drafts")),
    )


def downgrade() -> None:
    for table in ("template_drafts", "copy_proposals", "copy_requests", "brand_voice"):
        op.drop_table(table)
