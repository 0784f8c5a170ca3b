"""What warm-up ramps have counted."""

from datetime import date

from sqlalchemy import Boolean, Date, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from journeyman.kit.database import Base


class WarmUpDay(Base):
    """How many messages a provider was given on a day by part, and how many places are kept for some that wait."""

    __tablename__ = "warm_up_days"

    provider: Mapped[str] = mapped_column(String(64), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    part: Mapped[str] = mapped_column(String(32), primary_key=True)
    taken: Mapped[int] = mapped_column(Integer)
    kept: Mapped[int] = mapped_column(Integer)


class WarmUpPlace(Base):
    """The place of one message, so that a second attempt takes no second one; `kept` is one of a day to come."""

    __tablename__ = "warm_up_places"

    message_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    provider: Mapped[str] = mapped_column(String(64))
    day: Mapped[date] = mapped_column(Date, index=True)
    parts: Mapped[str] = mapped_column(String(64))
    kept: Mapped[bool] = mapped_column(Boolean)
