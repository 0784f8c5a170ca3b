"""catalogue: products, prices, interest"""

revision = "5e920002a6f2"
down_revision = "5e9200014b6f"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
