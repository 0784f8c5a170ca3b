"""hooks: how webhooks of any system become events"""

import sqlalchemy as sa
from alembic import op

from journeyman.kit.database import JsonDocument

revision = "5e94c0c00001"
down_revision = "5e94c4f00001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hooks",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("document", JsonDocument, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_hooks")),
    )


def downgrade() -> None:
    op.drop_table("hooks")
