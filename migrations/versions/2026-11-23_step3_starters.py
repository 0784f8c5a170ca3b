"""segments that a journey wants to hear of, and when a run is looked at before its timer"""

import sqlalchemy as sa
from alembic import op

revision = "5e9357a27e25"
down_revision = "5e93da7e0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("segments", sa.Column("heard", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("runs", sa.Column("look_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("runs", "look_at")
    op.drop_column("segments", "heard")
