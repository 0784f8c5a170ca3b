"""sources: imports, webhooks, groups"""

revision = "5e920003f2ab"
down_revision = "5e920002a6f2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
