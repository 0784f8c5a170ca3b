"""Templates, the send ledger (M4) and suppressed addresses."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from journeyman.kit.database import Base, Instant, JsonDocument


class Template(Base):
    """A template's key and the content it has now; `whole` is the hash of that with the blocks that it renders."""

    __tablename__ = "templates"

    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    channel: Mapped[str] = mapped_column(String(32))
    hash: Mapped[str] = mapped_column(String(64))
    whole: Mapped[str] = mapped_column(String(64))
    updated_at: Mapped[datetime] = mapped_column(Instant)


class TemplateVersion(Base):
    """What a template was, from an instant on; `actor` is who wrote it, as far as a key tells."""

    __tablename__ = "template_versions"

    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Instant)
    actor: Mapped[str | None] = mapped_column(Text)


class Block(Base):
    """A piece that templates share."""

    __tablename__ = "blocks"

    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    hash: Mapped[str] = mapped_column(String(64))
    body: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    updated_at: Mapped[datetime] = mapped_column(Instant)


class BlockUse(Base):
    """Which blocks something renders itself; `kind` is `template`, `block` or `slot`."""

    __tablename__ = "block_uses"

    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    block: Mapped[str] = mapped_column(String(128), primary_key=True, index=True)


class TemplateBody(Base):
    """Content by its SHA-256, never changed: a sent message names what it was rendered from (V3)."""

    __tablename__ = "template_bodies"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    body: Mapped[dict[str, Any]] = mapped_column(JsonDocument)


class Message(Base):
    """One row of the ledger: a message of one run's step and visit, reserved before a provider is called (M4).

    `state` is `reserved`, `sent`, `failed` or `refused`; `outcome` is the code of M1. `ambiguous` says that an
    attempt ended without an answer, so that the message may have left twice.

    `counted_at` is when it took its place under the caps (Q7), null where it counts for none; `held_since` and
    `held_until` are when its run began to wait for quiet hours to end or for a place, and until when it does.
    """

    __tablename__ = "messages"
    __table_args__ = (
        Index(None, "customer_id", "reserved_at"),
        Index(None, "run_id"),
        # A mail's receipts name the ledger's own id.
        Index(
            None,
            "provider_message_id",
            postgresql_where=text("channel <> 'email'"),
            sqlite_where=text("channel <> 'email'"),
        ),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    run_id: Mapped[str] = mapped_column(Text)
    step: Mapped[str] = mapped_column(Text)
    visit: Mapped[int] = mapped_column(Integer)
    journey_key: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    customer_id: Mapped[str] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(String(32))
    topic: Mapped[str] = mapped_column(String(64))
    template_key: Mapped[str] = mapped_column(String(128))
    template_hash: Mapped[str | None] = mapped_column(String(64))
    address: Mapped[str | None] = mapped_column(Text)
    subject: Mapped[str | None] = mapped_column(Text)
    provider_message_id: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16))
    outcome: Mapped[str | None] = mapped_column(String(32))
    detail: Mapped[str | None] = mapped_column(Text)
    ambiguous: Mapped[bool] = mapped_column(Boolean, default=False)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    reserved_at: Mapped[datetime] = mapped_column(Instant)
    in_flight: Mapped[bool] = mapped_column(Boolean, default=False)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    delivered_at: Mapped[datetime | None] = mapped_column(Instant)
    opened_at: Mapped[datetime | None] = mapped_column(Instant)
    clicked_at: Mapped[datetime | None] = mapped_column(Instant)
    bounced_at: Mapped[datetime | None] = mapped_column(Instant)
    complained_at: Mapped[datetime | None] = mapped_column(Instant)
    unsubscribed_at: Mapped[datetime | None] = mapped_column(Instant)
    priority: Mapped[int] = mapped_column(Integer, default=50, server_default="50")
    counted_at: Mapped[datetime | None] = mapped_column(Instant)
    held_since: Mapped[datetime | None] = mapped_column(Instant)
    held_until: Mapped[datetime | None] = mapped_column(Instant)
    hold: Mapped[str | None] = mapped_column(String(16))
    provider: Mapped[str | None] = mapped_column(String(64))
    parts: Mapped[int | None] = mapped_column(Integer)


class ShortLink(Base):
    """A short address in a message: what its code stands for."""

    __tablename__ = "short_links"

    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    customer_id: Mapped[str] = mapped_column(Text, index=True)
    url: Mapped[str] = mapped_column(Text)


class Suppression(Base):
    """An address that is not written to again: a hard bounce, a complaint, a wish.

    Known by its keyed digest, so that the row outlives the erasure of a person, which takes `address` away (L3). Rows
    of before digests had a key are known by the plain SHA-256.
    """

    __tablename__ = "suppressions"

    channel: Mapped[str] = mapped_column(String(32), primary_key=True)
    address_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant, index=True)
    address: Mapped[str | None] = mapped_column(Text)
    actor: Mapped[str | None] = mapped_column(Text)
