"""What the team is told, and up to where was looked for it."""

from datetime import datetime

from sqlalchemy import Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from journeyman.kit.database import Base, Instant


class Notice(Base):
    """One thing that one URL of a target is told of: `pending`, `sent`, or `failed` after the last attempt.

    `place` is the URL's position in the target; the URL itself is a secret. `subject` is what it is about, told once;
    `customer_id` whom the line may name.
    """

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("target", "place", "kind", "subject"),
        Index(None, "state", "next_at"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    target: Mapped[str] = mapped_column(String(64))
    place: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str] = mapped_column(Text)
    line: Mapped[str] = mapped_column(Text)
    customer_id: Mapped[str | None] = mapped_column(Text, index=True)
    state: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime] = mapped_column(Instant)
    next_at: Mapped[datetime] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    attempts: Mapped[int] = mapped_column(Integer)
    failure: Mapped[str | None] = mapped_column(Text)


class NoticeMark(Base):
    """Up to which instant was looked for things of a kind."""

    __tablename__ = "notice_marks"

    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
