"""Journeys, their published versions, their runs, and the journal of what each run did."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Float, Identity, Index, Integer, SmallInteger, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from journeyman.kit.database import Base, Instant, JsonDocument

Sequence = BigInteger().with_variant(Integer, "sqlite")


class Journey(Base):
    """A journey's draft and its state: `draft` (never published), `live`, `paused` or `stopped`.

    `version` is what newcomers take, but for a share of them, in percent, who take `trial_version`.
    """

    __tablename__ = "journeys"

    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16))
    draft: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    version: Mapped[int | None] = mapped_column(Integer)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    trial_version: Mapped[int | None] = mapped_column(Integer)
    trial_share: Mapped[int | None] = mapped_column(Integer)


class Definition(Base):
    """A published document by its SHA-256, never changed (V1)."""

    __tablename__ = "definitions"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    body: Mapped[dict[str, Any]] = mapped_column(JsonDocument)


class JourneyVersion(Base):
    """Which document a version number of a journey stands for."""

    __tablename__ = "journey_versions"

    journey_key: Mapped[str] = mapped_column(String(128), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    hash: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[datetime] = mapped_column(Instant)


class Run(Base):
    """One customer in one journey version.

    The row is where the run stands: `step` and `visit` name the position, `until` the instant at which its timer
    fires, `released` what ended the wait before the timer did. `look_at` is an earlier instant at which
    time alone may end the run or release its wait. `state` is `live` or `ended`. While a run is
    live, no other has its key (E1). `kept` is what the run's steps have to remember of it themselves.
    """

    __tablename__ = "runs"
    __table_args__ = (
        Index(
            "uq_runs_live_key",
            "journey_key",
            "customer_id",
            "correlation",
            unique=True,
            postgresql_where=text("state = 'live'"),
            sqlite_where=text("state = 'live'"),
        ),
        Index(None, "customer_id", "journey_key"),
        Index(None, "journey_key", "entered_at"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    journey_key: Mapped[str] = mapped_column(String(128))
    version: Mapped[int] = mapped_column(Integer)
    definition_hash: Mapped[str] = mapped_column(String(64))
    customer_id: Mapped[str] = mapped_column(Text)
    correlation: Mapped[str] = mapped_column(Text)
    workflow_id: Mapped[str] = mapped_column(Text, index=True)
    state: Mapped[str] = mapped_column(String(8))
    outcome: Mapped[str | None] = mapped_column(Text)
    entered_at: Mapped[datetime] = mapped_column(Instant)
    entered_seq: Mapped[int] = mapped_column(Sequence)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    entry: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    context: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    step: Mapped[str | None] = mapped_column(Text)
    visit: Mapped[int] = mapped_column(Integer)
    arrived_at: Mapped[datetime] = mapped_column(Instant)
    until: Mapped[datetime | None] = mapped_column(Instant)
    released: Mapped[dict[str, Any] | None] = mapped_column(JsonDocument)
    goal_until: Mapped[datetime | None] = mapped_column(Instant)
    look_at: Mapped[datetime | None] = mapped_column(Instant)
    kept: Mapped[dict[str, Any] | None] = mapped_column(JsonDocument)


class JournalEntry(Base):
    """What happened to a customer in a journey, in order; the one source of timeline, explain and statistics."""

    __tablename__ = "journal"
    __table_args__ = (
        Index(None, "run_id", "seq"),
        Index(None, "customer_id", "at"),
        Index(None, "journey_key", "kind", "at"),
        {"sqlite_autoincrement": True},
    )

    seq: Mapped[int] = mapped_column(Sequence, Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    journey_key: Mapped[str] = mapped_column(String(128))
    version: Mapped[int] = mapped_column(Integer)
    run_id: Mapped[str | None] = mapped_column(String(64))
    customer_id: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(16))
    step: Mapped[str | None] = mapped_column(Text)
    visit: Mapped[int | None] = mapped_column(Integer)
    code: Mapped[str | None] = mapped_column(String(64))
    data: Mapped[dict[str, Any]] = mapped_column(JsonDocument)


class OutboxCommand(Base):
    """What Temporal has still to be told: `start`, `restart` or `signal` a run's workflow."""

    __tablename__ = "outbox"
    __table_args__ = (Index(None, "slot", "seq"), {"sqlite_autoincrement": True})

    seq: Mapped[int] = mapped_column(Sequence, Identity(), primary_key=True)
    slot: Mapped[int] = mapped_column(SmallInteger)
    run_id: Mapped[str] = mapped_column(String(64))
    workflow_id: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(16))
    payload: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    created_at: Mapped[datetime] = mapped_column(Instant)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    error: Mapped[str | None] = mapped_column(Text)


class SegmentWebhook(Base):
    """Where a segment's members are pushed to; without `attributes` everything that is known of them goes along."""

    __tablename__ = "segment_webhooks"

    segment_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    attributes: Mapped[list[str] | None] = mapped_column(JsonDocument, nullable=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)


class SegmentPush(Base):
    """A segment's members on their way to its webhook: `state` is `under_way`, `done` or `stopped`.

    `after` is the last of those who were taken, as long as it is under way; `failure` why the last attempt failed.
    """

    __tablename__ = "segment_pushes"
    __table_args__ = (Index(None, "segment_key", "requested_at"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    segment_key: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    after: Mapped[str | None] = mapped_column(Text)
    batches: Mapped[int] = mapped_column(Integer)
    pushed: Mapped[int] = mapped_column(BigInteger)
    requested_at: Mapped[datetime] = mapped_column(Instant)
    requested_by: Mapped[str] = mapped_column(Text)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    failure: Mapped[str | None] = mapped_column(Text)
    failed_at: Mapped[datetime | None] = mapped_column(Instant)


class Conversion(Base):
    """A goal that a run reached, once (C1), with the time of the event that reached it (W12)."""

    __tablename__ = "conversions"
    __table_args__ = (Index(None, "journey_key", "at"), Index(None, "customer_id", "journey_key", "at"))

    run_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    goal: Mapped[str] = mapped_column(String(128), primary_key=True)
    journey_key: Mapped[str] = mapped_column(String(128))
    version: Mapped[int] = mapped_column(Integer)
    customer_id: Mapped[str] = mapped_column(Text)
    message_id: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant)
    value: Mapped[float | None] = mapped_column(Float)
    credited: Mapped[list[str]] = mapped_column(JsonDocument)


class Partition(Base):
    """An intake partition's fence: only the owner with the newest epoch may commit."""

    __tablename__ = "partitions"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    epoch: Mapped[int] = mapped_column(Integer)
    owner: Mapped[str] = mapped_column(Text)
    seen_at: Mapped[datetime] = mapped_column(Instant)
