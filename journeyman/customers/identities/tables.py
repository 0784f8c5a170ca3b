"""Beside whom an identifier leads to: who else holds it, which profiles became one, and which never do again."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Identity, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from journeyman.kit.database import Base, Instant, JsonDocument

Sequence = BigInteger().with_variant(Integer, "sqlite")


class IdentifierHolder(Base):
    """Somebody who came under an identifier that leads to another profile, or to nobody."""

    __tablename__ = "identifier_holders"

    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[str] = mapped_column(Text, primary_key=True)
    customer_id: Mapped[str] = mapped_column(Text, primary_key=True, index=True)
    since: Mapped[datetime] = mapped_column(Instant)
    source: Mapped[str] = mapped_column(Text)


class MergeRecord(Base):
    """One profile that became another's.

    `source` is the message or the operator that said so, `kind` and `value` the identifier that showed it, `names`
    what the loser was known as. `undone_at` says that an operator has split the two again.
    """

    __tablename__ = "merges"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Sequence, Identity(), primary_key=True)
    loser: Mapped[str] = mapped_column(Text, index=True)
    survivor: Mapped[str] = mapped_column(Text, index=True)
    kind: Mapped[str | None] = mapped_column(String(32))
    value: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant)
    names: Mapped[list[Any]] = mapped_column(JsonDocument)
    undone_at: Mapped[datetime | None] = mapped_column(Instant)
    undone_by: Mapped[str | None] = mapped_column(Text)


class Separation(Base):
    """Two profiles that an operator split: no identifier merges them again. Each pair stands in both directions."""

    __tablename__ = "separations"

    customer_id: Mapped[str] = mapped_column(Text, primary_key=True)
    other_id: Mapped[str] = mapped_column(Text, primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[str] = mapped_column(Text)
