"""versions for those inside: migrations, what they made of each run, and versions that a share goes first on"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "5e930e4b0001"
down_revision = "5e93ca3b0001"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
)
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("journeys", sa.Column("trial_version", sa.Integer(), nullable=True))
    op.add_column("journeys", sa.Column("trial_share", sa.Integer(), nullable=True))
    op.create_table(
        "run_migrations",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("journey_key", sa.String(128), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("inside", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("former", sa.Integer(), nullable=True),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("map", DOCUMENT, nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("of", sa.String(64), nullable=True),
        sa.Column("spread_seconds", sa.Float(), nullable=False),
        sa.Column("after", DOCUMENT, nullable=True),
        sa.Column("has_moved", sa.Boolean(), nullable=False),
        sa.Column("population", sa.BigInteger(), nullable=False),
        sa.Column("counts", DOCUMENT, nullable=False),
        sa.Column("began_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_migrations")),
    )
    op.create_index(op.f("ix_run_migrations_journey_key_began_at"), "run_migrations", ["journey_key", "began_at"])
    op.create_table(
        "migrated_runs",
        sa.Column("migration_id", sa.String(64), nullable=False),
        sa.Column("run_id", sa.String(64), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("arrived_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("migration_id", "run_id", name=op.f("pk_migrated_runs")),
    )
    op.create_index(op.f("ix_migrated_runs_run_id"), "migrated_runs", ["run_id"])


def downgrade() -> None:
    op.drop_table("migrated_runs")
    op.drop_table("run_migrations")
    op.drop_column("journeys", "trial_share")
    op.drop_column("journeys", "trial_version")
