"""scoring and RFM"""

revision = "5e920005e341"
down_revision = "5e9200049d72"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
