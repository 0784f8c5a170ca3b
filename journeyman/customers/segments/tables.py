"""Segments, who is in them, and who came and went."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Identity, Index, Integer, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from journeyman.kit.database import Base, Instant, JsonDocument

Sequence = BigInteger().with_variant(Integer, "sqlite")


class Segment(Base):
    """A group of customers: those for whom `condition` holds, or, where it is null, those put in by hand.

    While the members are being found `building_after` is the id of the last customer who was judged, "" at first.
    `generation` grows with every change of the condition. With `events`, coming and leaving are customer events;
    so they are while it is `heard`: a journey wants to be told.
    """

    __tablename__ = "segments"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    condition: Mapped[dict[str, Any] | None] = mapped_column(JsonDocument, nullable=True)
    generation: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    built_at: Mapped[datetime | None] = mapped_column(Instant)
    building_after: Mapped[str | None] = mapped_column(Text)
    events: Mapped[bool] = mapped_column(Boolean, server_default=false())
    heard: Mapped[bool] = mapped_column(Boolean, server_default=false())


class Membership(Base):
    """Who is in a segment, and since when."""

    __tablename__ = "memberships"

    segment_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    customer_id: Mapped[str] = mapped_column(Text, primary_key=True, index=True)
    since: Mapped[datetime] = mapped_column(Instant)


class MembershipChange(Base):
    """Somebody `entered` or `left` a segment; `reason` is the message id of an event, `time`, `build` or `hand`."""

    __tablename__ = "membership_changes"
    __table_args__ = (Index(None, "segment_key", "at"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(Sequence, Identity(), primary_key=True)
    segment_key: Mapped[str] = mapped_column(String(64))
    customer_id: Mapped[str] = mapped_column(Text, index=True)
    kind: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime] = mapped_column(Instant)
    reason: Mapped[str] = mapped_column(Text)
