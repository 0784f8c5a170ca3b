"""Devices and browsers to which notifications go."""

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from journeyman.kit.database import Base, Instant


class Device(Base):
    """A device of a customer's: `id` is the SHA-256 of channel and token, for one device belongs to one customer.

    `token` is how the provider knows it: a registration token, or a browser's subscription as JSON (RFC 8030).
    """

    __tablename__ = "devices"
    __table_args__ = (Index(None, "customer_id", "channel"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    customer_id: Mapped[str] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(String(32))
    token: Mapped[str] = mapped_column(Text)
    platform: Mapped[str | None] = mapped_column(String(32))
    app: Mapped[str | None] = mapped_column(Text)
    added_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)
