"""why a prediction is what it is"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "5f5e11ed0002"
down_revision = "5f5e11ed0001"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
)


def upgrade() -> None:
    op.add_column("predictions", sa.Column("reasons", DOCUMENT, nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("predictions", "reasons")
