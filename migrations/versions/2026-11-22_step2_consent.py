"""consent: preferences, double opt-in, suppression"""

revision = "5e9200049d72"
down_revision = "5e920003f2ab"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
