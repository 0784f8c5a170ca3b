"""At which hours customers answer."""

from datetime import datetime
from typing import Any

from sqlalchemy import Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from journeyman.kit.database import Base, Instant, JsonDocument


class SendTime(Base):
    """A customer's own hours, as a `model` has learnt them from `n` messages and hours in which she was there.

    `hours` (24) and `days` (7, Monday first) are per cent of what everybody's are, in her own time zone. Who has no row
    is like everybody.
    """

    __tablename__ = "send_times"

    customer_id: Mapped[str] = mapped_column(Text, primary_key=True)
    hours: Mapped[list[Any]] = mapped_column(JsonDocument)
    days: Mapped[list[Any]] = mapped_column(JsonDocument)
    n: Mapped[int] = mapped_column(Integer)
    model: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Instant)
