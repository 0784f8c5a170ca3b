"""SQLAlchemy table of the messages that wait for customers in the shop's app and on its pages."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from journeyman.kit.database import Base, Instant, JsonDocument


class InAppMessage(Base):
    """A message by the ledger's id. `changed_at` moves with everything that happens to it."""

    __tablename__ = "in_app_messages"
    __table_args__ = (Index(None, "customer_id", "sent_at"),)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    customer_id: Mapped[str] = mapped_column(Text)
    placement: Mapped[str] = mapped_column(String(16))
    content: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    sent_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
    read_at: Mapped[datetime | None] = mapped_column(Instant)
    dismissed_at: Mapped[datetime | None] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant, index=True)
