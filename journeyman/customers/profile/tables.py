"""What the workspace knows of its customers' attributes."""

from datetime import datetime

from sqlalchemy import BigInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from journeyman.kit.database import Base, Instant


class AttributeDefinition(Base):
    """One attribute. `source` is `inferred` from values that came in, or `edited` by a person.

    `mismatches` counts the changes to a value that is of another type than this one; the newest was of the type
    `mismatched_as`.
    """

    __tablename__ = "attribute_definitions"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    type: Mapped[str] = mapped_column(String(8))
    label: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    is_pii: Mapped[bool]
    source: Mapped[str] = mapped_column(String(8))
    first_seen_at: Mapped[datetime | None] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    mismatches: Mapped[int] = mapped_column(BigInteger)
    mismatched_as: Mapped[str | None] = mapped_column(String(8))
    mismatched_at: Mapped[datetime | None] = mapped_column(Instant)
