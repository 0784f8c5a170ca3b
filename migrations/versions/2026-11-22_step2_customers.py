"""customers: profile, identity, segments"""

revision = "5e9200014b6f"
down_revision = "dc6e4e19485d"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
