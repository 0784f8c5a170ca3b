"""Profiles are written as they are up to a page, and indexed for what they were merged into only where they were.

Compressing a profile of two kilobytes cost PostgreSQL more than writing it, and it is written with almost every event.
"""

import sqlalchemy as sa
from alembic import op

revision = "5e930001c0de"
down_revision = "5e92000a42d9"
branch_labels = None
depends_on = None

MERGED = sa.text("merged_into IS NOT NULL")


def upgrade() -> None:
    op.drop_index("ix_customers_merged_into", "customers")
    op.create_index(
        "ix_customers_merged_into", "customers", ["merged_into"], postgresql_where=MERGED, sqlite_where=MERGED
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE customers SET (toast_tuple_target = 8160)")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE customers RESET (toast_tuple_target)")
    op.drop_index("ix_customers_merged_into", "customers")
    op.create_index("ix_customers_merged_into", "customers", ["merged_into"])
