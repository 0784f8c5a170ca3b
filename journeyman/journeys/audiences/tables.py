"""Who belongs into which ad audience, and what the ad network has still to be told."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from journeyman.kit.database import Base, Instant, JsonDocument


class AudienceMember(Base):
    """One customer and one ad audience, as a journey or a segment last said it: in it (`is_in`), or out of it again.

    `state` is `pending` until the ad network has taken it, then `told`; `withheld` while she has not agreed to ads,
    `failed` where the network does not take her, and `not_configured` where no network is set up for the audience.
    `told_as` are the hashes under which the network may have her; `run_id` is empty where a segment said it.
    """

    __tablename__ = "audience_members"
    __table_args__ = (Index(None, "state", "changed_at"),)

    audience: Mapped[str] = mapped_column(String(128), primary_key=True)
    customer_id: Mapped[str] = mapped_column(Text, primary_key=True, index=True)
    is_in: Mapped[bool] = mapped_column(Boolean)
    state: Mapped[str] = mapped_column(String(16))
    run_id: Mapped[str] = mapped_column(String(64))
    changed_at: Mapped[datetime] = mapped_column(Instant)
    told_at: Mapped[datetime | None] = mapped_column(Instant)
    attempts: Mapped[int] = mapped_column(Integer)
    failure: Mapped[str | None] = mapped_column(Text)
    told_as: Mapped[dict[str, Any] | None] = mapped_column(JsonDocument)


class AudienceLeaving(Base):
    """Hashes that a network still has to forget: of somebody who was erased, or whom a merge left behind."""

    __tablename__ = "audience_leavings"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    audience: Mapped[str] = mapped_column(String(128), index=True)
    told_as: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
