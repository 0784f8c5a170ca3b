"""segments whose coming and going are customer events"""

import sqlalchemy as sa
from alembic import op

revision = "5e920009b71c"
down_revision = "5e920008d3b6"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("segments", sa.Column("events", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("segments", "events")
