"""The dates on which customers come due to enter a journey, and how far they are reckoned for each journey."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from journeyman.kit.database import Base, Instant, JsonDocument


class DueDate(Base):
    """A due date: a date of a customer's that is still to come for a journey.

    `occasion` tells dates of one customer apart: the event, the correlation key or the product; empty for a date of the
    profile. `value` is the date as it was read, `occurrence` which of its times this is (itself, or a year); `rule` the
    digest of what the date was reckoned by. `entry` is what the run begins with.
    """

    __tablename__ = "due_dates"
    __table_args__ = (Index(None, "journey_key", "due_at"), Index(None, "customer_id"))

    journey_key: Mapped[str] = mapped_column(String(128), primary_key=True)
    customer_id: Mapped[str] = mapped_column(Text, primary_key=True)
    occasion: Mapped[str] = mapped_column(Text, primary_key=True)
    rule: Mapped[str] = mapped_column(String(64))
    value: Mapped[str] = mapped_column(Text)
    occurrence: Mapped[str] = mapped_column(Text)
    due_at: Mapped[datetime] = mapped_column(Instant)
    time_zone: Mapped[str] = mapped_column(Text)
    rung: Mapped[str] = mapped_column(String(16))
    entry: Mapped[dict[str, Any]] = mapped_column(JsonDocument)


class DateBuild(Base):
    """How far a journey's dates are reckoned: up to the customer `building_after`, or all of them where it is null.

    Dates before `since` are past. `rule` is empty where the journey was stopped and its dates are taken away.
    """

    __tablename__ = "date_builds"

    journey_key: Mapped[str] = mapped_column(String(128), primary_key=True)
    rule: Mapped[str] = mapped_column(String(64))
    since: Mapped[datetime] = mapped_column(Instant)
    building_after: Mapped[str | None] = mapped_column(Text)
