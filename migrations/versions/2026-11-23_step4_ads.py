"""ads: under which hashes ad networks know customers, and what they still have to forget"""

import sqlalchemy as sa
from alembic import op

from journeyman.kit.database import JsonDocument

revision = "5e94ad500001"
down_revision = "5e94c0c00001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("audience_members", sa.Column("told_as", JsonDocument, nullable=True))
    op.create_table(
        "audience_leavings",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("audience", sa.String(128), nullable=False),
        sa.Column("told_as", JsonDocument, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audience_leavings")),
    )
    op.create_index(op.f("ix_audience_leavings_audience"), "audience_leavings", ["audience"])


def downgrade() -> None:
    op.drop_table("audience_leavings")
    with op.batch_alter_table("audience_members") as batch:
        batch.drop_column("told_as")
