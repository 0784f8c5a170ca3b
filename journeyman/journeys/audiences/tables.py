"""Who belongs into which ad audience, and what the ad network has still to be told."""

from datetime import datetime

from sqlalchemy import Boolean, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from journeyman.kit.database import Base, Instant


class AudienceMember(Base):
    """One customer and one ad audience, as the journeys last said it: in it (`is_in`), or out of it again.

    `state` is `pending` until the ad network has taken it, then `told`; `failed` after the last attempt, and
    `not_configured` where no ad network is set up for the audience.
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
