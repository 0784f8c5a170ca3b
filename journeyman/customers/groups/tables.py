"""Companies, teams and households, and who belongs to them."""

from datetime import datetime
from typing import Any

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from journeyman.kit.database import Base, Instant, JsonDocument


class Group(Base):
    """A group's profile. `stated` holds each trait with the instant at which it was said, taken-away ones as well."""

    __tablename__ = "groups"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    traits: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    stated: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)


class GroupMember(Base):
    """A customer belongs to a group, since the first time that it was said."""

    __tablename__ = "group_members"

    group_id: Mapped[str] = mapped_column(Text, primary_key=True)
    customer_id: Mapped[str] = mapped_column(Text, primary_key=True, index=True)
    since: Mapped[datetime] = mapped_column(Instant)
