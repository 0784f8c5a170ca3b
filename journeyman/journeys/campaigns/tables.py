"""Campaigns, and what came of them."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from journeyman.kit.database import Base, Instant, JsonDocument


class Campaign(Base):
    """One firing of a starter over many customers. The row is how far it is.

    `state` is `under_way`, `paused`, `done` or `cancelled`. `about` says whom it lets in, `context` is the entry that
    all of them have. `after` is the last customer who was offered an entry. `waves` are the instants at which a
    local time comes, with how many customers that is for, and `wave` the one it is at.
    """

    __tablename__ = "campaigns"
    __table_args__ = (Index(None, "journey_key", "began_at"), Index(None, "began_at", "id"))

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    journey_key: Mapped[str] = mapped_column(String(128))
    kind: Mapped[str] = mapped_column(String(32))
    workflow_id: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16))
    about: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    context: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    rate: Mapped[str | None] = mapped_column(Text)
    batch: Mapped[int] = mapped_column(Integer)
    after: Mapped[str] = mapped_column(Text)
    waves: Mapped[list[Any] | None] = mapped_column(JsonDocument, nullable=True)
    wave: Mapped[int] = mapped_column(Integer)
    population: Mapped[int] = mapped_column(BigInteger)
    offered: Mapped[int] = mapped_column(BigInteger)
    pages: Mapped[int] = mapped_column(BigInteger)
    scheduled_at: Mapped[datetime] = mapped_column(Instant)
    began_at: Mapped[datetime] = mapped_column(Instant)
    offered_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    requested_by: Mapped[str] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)


class CampaignOutcome(Base):
    """How many entries of a campaign came to what: `entered`, or the code of the refusal (E8)."""

    __tablename__ = "campaign_outcomes"

    campaign_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)
