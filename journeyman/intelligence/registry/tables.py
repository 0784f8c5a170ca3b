"""Trained models, and what was said when somebody looked whether one could be trained."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from journeyman.kit.database import Base, Instant, JsonDocument


class ModelVersion(Base):
    """One training of a model: what it learnt from `n` cases (`artefact`), and how good it is on cases it had not seen.

    `quality` and `baseline` are the same measures of the model and of what it has to beat, on the same cases. At most
    one version of a model is `in_use`; one that is worse than it stays on record and is not used.
    """

    __tablename__ = "model_versions"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    trained_at: Mapped[datetime] = mapped_column(Instant)
    n: Mapped[int] = mapped_column(Integer)
    in_use: Mapped[bool] = mapped_column(Boolean)
    quality: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    baseline: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    artefact: Mapped[dict[str, Any]] = mapped_column(JsonDocument)


class ModelLook(Base):
    """What the newest look at a model's data came to, in `words`; without `enough` data there is no model."""

    __tablename__ = "model_looks"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    enough: Mapped[bool] = mapped_column(Boolean)
    n: Mapped[int] = mapped_column(Integer)
    words: Mapped[str] = mapped_column(Text)
