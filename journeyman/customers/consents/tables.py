"""Topics, and yeses that wait for their confirmation."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from journeyman.kit.database import Base, Instant, JsonDocument


class Topic(Base):
    """A topic as the workspace has set it; one that is not here is marketing on every channel."""

    __tablename__ = "topics"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    channels: Mapped[list[str]] = mapped_column(JsonDocument)
    marketing: Mapped[bool] = mapped_column(Boolean)
    basis: Mapped[str] = mapped_column(String(32))
    double_opt_in: Mapped[bool] = mapped_column(Boolean)
    translations: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    updated_at: Mapped[datetime] = mapped_column(Instant)


class Confirmation(Base):
    """One mail that asks to confirm a yes, and what came of it.

    `state` is `requested`, `sent`, `failed` (it could not be sent) or `confirmed`. The address is kept by its keyed
    digest alone; `subjects` holds each subject with its source, wording, basis and expiry.
    """

    __tablename__ = "confirmations"
    __table_args__ = (Index(None, "address_digest", "requested_at"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    customer_id: Mapped[str] = mapped_column(Text, index=True)
    address_digest: Mapped[str] = mapped_column(String(64))
    subjects: Mapped[list[dict[str, Any]]] = mapped_column(JsonDocument)
    actor: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16))
    detail: Mapped[str | None] = mapped_column(Text)
    template_hash: Mapped[str | None] = mapped_column(String(64))
    requested_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
