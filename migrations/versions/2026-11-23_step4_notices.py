"""notices: what the team is told"""

import sqlalchemy as sa
from alembic import op

revision = "5e9407ce0001"
down_revision = "5e94c0d00002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("target", sa.String(64), nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("line", sa.Text, nullable=False),
        sa.Column("customer_id", sa.Text, nullable=True),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("failure", sa.Text, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("target", "place", "kind", "subject", name=op.f("uq_notices_target_place_kind_subject")),
    )
    op.create_index(op.f("ix_notices_state_next_at"), "notices", ["state", "next_at"])
    op.create_index(op.f("ix_notices_customer_id"), "notices", ["customer_id"])
    op.create_table(
        "notice_marks",
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_notice_marks")),
    )
    op.create_index(op.f("ix_tasks_created_at"), "tasks", ["created_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_tasks_created_at"), "tasks")
    op.drop_table("notice_marks")
    op.drop_table("notices")
