"""Scores: their definitions, in which order customers come by them, and the cut points of RFM.

What is kept of a customer for each score stands with her profile, in `customers.scores`.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Double, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from journeyman.kit.database import Base, Instant, JsonDocument


class ScoreModelRow(Base):
    """A score as it is defined.

    After a change of what is counted, customers up to the id `rebuilt_to` are counted anew; NULL where all are.
    """

    __tablename__ = "score_models"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    document: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    basis: Mapped[str] = mapped_column(String(16))
    rebuilt_to: Mapped[str | None] = mapped_column(Text)
    updated_at: Mapped[datetime] = mapped_column(Instant)


class ScoreRank(Base):
    """A customer's place in a score, in total (`category` is empty) or in a category; the best have the lowest `rank`.

    How `held` and `rank` bound a score at any time is told in `ranking`. At `next_at`, which the total alone has, time
    may move the score over a threshold or into another band, or change what holds.
    """

    __tablename__ = "score_ranks"
    __table_args__ = (
        Index("ix_score_ranks_order", "model", "category", "held", "rank", "customer_id"),
        Index(None, "next_at"),
    )

    model: Mapped[str] = mapped_column(String(64), primary_key=True)
    customer_id: Mapped[str] = mapped_column(Text, primary_key=True)
    category: Mapped[str] = mapped_column(String(64), primary_key=True)
    held: Mapped[float] = mapped_column(Double)
    rank: Mapped[float] = mapped_column(Double)
    next_at: Mapped[datetime | None] = mapped_column(Instant)


class RfmCuts(Base):
    """The workspace's cut points of RFM, and how many customers had which scores when they were set.

    `own` where somebody set them; else they are the quintiles of the customers at `computed_at`.
    """

    __tablename__ = "rfm_cuts"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    recency: Mapped[list[float]] = mapped_column(JsonDocument)
    frequency: Mapped[list[float]] = mapped_column(JsonDocument)
    monetary: Mapped[list[float]] = mapped_column(JsonDocument)
    own: Mapped[bool] = mapped_column(Boolean)
    customers: Mapped[int] = mapped_column(BigInteger)
    cells: Mapped[list[list[int]]] = mapped_column(JsonDocument)
    computed_at: Mapped[datetime] = mapped_column(Instant)
