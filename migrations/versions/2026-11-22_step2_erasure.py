"""erasure and its receipts"""

revision = "5e92000631b1"
down_revision = "5e920005e341"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
