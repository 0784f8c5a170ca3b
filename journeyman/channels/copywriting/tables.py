"""The brand's voice, what was asked of a model and what came, and drafts of templates."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Integer, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from journeyman.kit.database import Base, Instant, JsonDocument


class BrandVoice(Base):
    """The one document of the brand's voice, as it was written last; `id` is always 1."""

    __tablename__ = "brand_voice"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    document: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    actor: Mapped[str | None] = mapped_column(Text)


class CopyRequest(Base):
    """What somebody asked of a model for a template; `outcome` is `answered`, or the code of the failure."""

    __tablename__ = "copy_requests"
    __table_args__ = (Index(None, "template_key", "id"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    template_key: Mapped[str] = mapped_column(String(128))
    template_hash: Mapped[str] = mapped_column(String(64))
    wish: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    actor: Mapped[str | None] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    model: Mapped[str] = mapped_column(Text)
    prompt: Mapped[str] = mapped_column(String(16))
    outcome: Mapped[str] = mapped_column(String(32))
    calls: Mapped[int] = mapped_column(Integer)
    tokens: Mapped[int] = mapped_column(Integer)


class CopyProposal(Base):
    """What came: texts by the name of their piece. `state` is `offered`, `refused` or `taken`."""

    __tablename__ = "copy_proposals"
    __table_args__ = (Index(None, "request_id"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    request_id: Mapped[str] = mapped_column(String(64))
    place: Mapped[int] = mapped_column(Integer)
    texts: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    findings: Mapped[list[Any]] = mapped_column(JsonDocument)
    state: Mapped[str] = mapped_column(String(16))
    taken_by: Mapped[str | None] = mapped_column(Text)
    taken_at: Mapped[datetime | None] = mapped_column(Instant)
    draft_hash: Mapped[str | None] = mapped_column(String(64))


class TemplateDraft(Base):
    """What a template may become: a content that is kept, and the hash of what the template was when it was made."""

    __tablename__ = "template_drafts"

    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    hash: Mapped[str] = mapped_column(String(64))
    made_of: Mapped[str] = mapped_column(String(64))
    updated_at: Mapped[datetime] = mapped_column(Instant)
    actor: Mapped[str | None] = mapped_column(Text)
