"""What was done to those inside a journey, all of them at once, and what it made of each run."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Float, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from journeyman.kit.database import Base, Instant, JsonDocument


class RunMigration(Base):
    """One going through the live runs of a journey. The row is how far it is.

    `kind` is `publish`, `rollback`, `resume` or `stop`; `inside` what is done to each run: `stay`, `next_step`, `now`,
    `exit`, `back` or `wake`. `version` is the version that runs are to be on, `former` the one that newcomers took
    before. `state` is `under_way`, `done` or `cancelled`. `after` is the last run that was looked at, by customer and
    correlation key; `has_moved` tells whether this round has moved anybody, for the last one moves nobody.
    """

    __tablename__ = "run_migrations"
    __table_args__ = (Index(None, "journey_key", "began_at"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    journey_key: Mapped[str] = mapped_column(String(128))
    kind: Mapped[str] = mapped_column(String(16))
    inside: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    version: Mapped[int] = mapped_column(Integer)
    former: Mapped[int | None] = mapped_column(Integer)
    hash: Mapped[str] = mapped_column(String(64))
    map: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    share: Mapped[int] = mapped_column(Integer)
    of: Mapped[str | None] = mapped_column(String(64))
    spread_seconds: Mapped[float] = mapped_column(Float)
    after: Mapped[list[str] | None] = mapped_column(JsonDocument, nullable=True)
    has_moved: Mapped[bool] = mapped_column(Boolean)
    population: Mapped[int] = mapped_column(BigInteger)
    counts: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    began_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    requested_by: Mapped[str] = mapped_column(Text)


class MigratedRun(Base):
    """What a migration has made of a run: where it stood, and `moved`, `heading`, `exited` or `stayed`."""

    __tablename__ = "migrated_runs"
    __table_args__ = (Index(None, "run_id"),)

    migration_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    run_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(16))
    version: Mapped[int] = mapped_column(Integer)
    hash: Mapped[str] = mapped_column(String(64))
    step: Mapped[str] = mapped_column(Text)
    visit: Mapped[int] = mapped_column(Integer)
    arrived_at: Mapped[datetime] = mapped_column(Instant)
