"""the ends of consent that journeys have been told of"""

import sqlalchemy as sa
from alembic import op

revision = "5e920008d3b6"
down_revision = "5e920007c40d"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("consents", sa.Column("end_told", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index(
        "ix_consents_ending",
        "consents",
        ["expires_at"],
        postgresql_where=sa.text("expires_at IS NOT NULL AND NOT end_told"),
    )


def downgrade() -> None:
    op.drop_index("ix_consents_ending", table_name="consents")
    op.drop_column("consents", "end_told")
