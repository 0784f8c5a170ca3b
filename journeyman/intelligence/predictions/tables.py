"""What models predict of customers."""

from datetime import datetime
from typing import Any

from sqlalchemy import Double, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from journeyman.kit.database import Base, Instant, JsonDocument


class Prediction(Base):
    """The newest prediction of a kind for a customer, by a `model` that learnt from `n` customers at `trained_at`.

    `reasons` say what moves it most. No row means that there is not enough data.
    """

    __tablename__ = "predictions"

    customer_id: Mapped[str] = mapped_column(Text, primary_key=True)
    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[float] = mapped_column(Double)
    n: Mapped[int] = mapped_column(Integer)
    model: Mapped[str] = mapped_column(String(64))
    trained_at: Mapped[datetime] = mapped_column(Instant)
    at: Mapped[datetime] = mapped_column(Instant)
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JsonDocument, default=list, server_default="[]")
