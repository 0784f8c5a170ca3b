"""Coupon pools and their codes."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Identity, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from journeyman.kit.database import Base, Instant, JsonDocument

Sequence = BigInteger().with_variant(Integer, "sqlite")


class CouponPool(Base):
    """A pool as its document says; `expires_at` stands beside it, for it is asked before every send."""

    __tablename__ = "coupon_pools"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    document: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)


class CouponCode(Base):
    """One code of a pool, given away in the order of `id`; `tier` is empty in pools that have none.

    No run has two codes of a pool. `message_id` is the message for which the code was taken first.
    """

    __tablename__ = "coupon_codes"
    __table_args__ = (
        Index(None, "pool", "code", unique=True),
        Index(None, "pool", "run_id", unique=True),
        Index(None, "pool", "tier", "state", "id"),
        Index(None, "state", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Sequence, Identity(), primary_key=True)
    pool: Mapped[str] = mapped_column(String(64))
    code: Mapped[str] = mapped_column(Text, index=True)
    tier: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    run_id: Mapped[str | None] = mapped_column(Text)
    customer_id: Mapped[str | None] = mapped_column(Text, index=True)
    message_id: Mapped[str | None] = mapped_column(Text)
    reserved_at: Mapped[datetime | None] = mapped_column(Instant)
    given_at: Mapped[datetime | None] = mapped_column(Instant)
    redeemed_at: Mapped[datetime | None] = mapped_column(Instant)


class CouponGeneration(Base):
    """Codes that were generated under an idempotency key: the same call again makes no more of them."""

    __tablename__ = "coupon_generations"

    pool: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    added: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(Instant)
