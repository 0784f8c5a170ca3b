"""The workspace's contact policy."""

from datetime import datetime
from typing import Any

from sqlalchemy import SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from journeyman.kit.database import Base, Instant, JsonDocument


class ContactPolicy(Base):
    """The one document of the policy, as it was written last; `id` is always 1."""

    __tablename__ = "contact_policy"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    document: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    updated_at: Mapped[datetime] = mapped_column(Instant)
