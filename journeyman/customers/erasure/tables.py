"""Receipts of erasures, and what has to be remembered so that nobody who was erased comes back unasked (L3)."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Identity, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from journeyman.kit.database import Base, Instant, JsonDocument

Sequence = BigInteger().with_variant(Integer, "sqlite")


class Erasure(Base):
    """A receipt. `state` is `requested`, `running` or `done`; `counts` tells the rows of each table that it took.

    `work` is what the erasure still needs to know of whom it erases, and is gone when it is done. `late_events` are
    events that came for her afterwards and were dropped.
    """

    __tablename__ = "erasures"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    requested_at: Mapped[datetime] = mapped_column(Instant)
    requested_by: Mapped[str] = mapped_column(Text)
    completed_at: Mapped[datetime | None] = mapped_column(Instant)
    counts: Mapped[dict[str, int]] = mapped_column(JsonDocument)
    work: Mapped[dict[str, Any] | None] = mapped_column(JsonDocument)
    late_events: Mapped[int] = mapped_column(Integer)
    last_late_at: Mapped[datetime | None] = mapped_column(Instant)
    lifted_at: Mapped[datetime | None] = mapped_column(Instant)
    lifted_by: Mapped[str | None] = mapped_column(Text)


class ErasedName(Base):
    """A name or address of somebody who was erased, by its keyed digest; `kind` says what it was."""

    __tablename__ = "erased_names"
    __table_args__ = (Index(None, "erasure_id"),)

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    erasure_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))


class ErasedWithdrawal(Base):
    """That somebody who was erased had said no, and when: the proof that is kept of it (L1, L3)."""

    __tablename__ = "erased_withdrawals"
    __table_args__ = (Index(None, "erasure_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(Sequence, Identity(), primary_key=True)
    erasure_id: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Instant)
    recorded_at: Mapped[datetime | None] = mapped_column(Instant)
