"""Experiments, and which arm each customer was given."""

from datetime import datetime
from typing import Any

from sqlalchemy import Float, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from journeyman.kit.database import Base, Instant, JsonDocument


class Experiment(Base):
    """A split of a journey over all versions that have it with these arms and this salt (O8).

    `state` is `running`, `decided` or `ended`. `split` is the newest document of it. `phase` counts the sets of
    weights it had; what came before `since` is no evidence any more. `shares` are a bandit's. `judged` is what was
    said last, with all values read; `decisions` holds each that was taken, the newest last.
    """

    __tablename__ = "experiments"
    __table_args__ = (Index(None, "journey_key", "step"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    journey_key: Mapped[str] = mapped_column(String(128))
    step: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    split: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    phase: Mapped[int] = mapped_column(Integer)
    began_at: Mapped[datetime] = mapped_column(Instant)
    since: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    winner: Mapped[str | None] = mapped_column(String(64))
    shares: Mapped[dict[str, float] | None] = mapped_column(JsonDocument, nullable=True)
    judged: Mapped[dict[str, Any] | None] = mapped_column(JsonDocument, nullable=True)
    judged_at: Mapped[datetime | None] = mapped_column(Instant)
    decisions: Mapped[list[dict[str, Any]]] = mapped_column(JsonDocument)


class SplitAssignment(Base):
    """The arm that a run was given, and with which probability.

    `how` is `drawn` by chance, `kept` from the customer's earlier run, or `winner` after a decision. The first arm
    that a customer drew is the one that she counts for.
    """

    __tablename__ = "split_assignments"
    __table_args__ = (Index(None, "experiment_id", "customer_id", "at"), Index(None, "customer_id"))

    experiment_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    run_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    customer_id: Mapped[str] = mapped_column(Text)
    arm: Mapped[str] = mapped_column(String(64))
    how: Mapped[str] = mapped_column(String(8))
    propensity: Mapped[float] = mapped_column(Float)
    phase: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(Instant)
