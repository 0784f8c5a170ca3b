"""How far journeys have looked at what moved in the catalogue, and of which products they told whom."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from journeyman.kit.database import Base, Instant


class ProductWatch(Base):
    """Up to which transition of the catalogue a journey has looked."""

    __tablename__ = "product_watches"

    journey_key: Mapped[str] = mapped_column(String(128), primary_key=True)
    after: Mapped[int] = mapped_column(BigInteger)


class ProductAlert(Base):
    """Of which product a journey has told a customer last, by the transition of the catalogue that it was about."""

    __tablename__ = "product_alerts"
    __table_args__ = (Index(None, "customer_id"),)

    journey_key: Mapped[str] = mapped_column(String(128), primary_key=True)
    product_id: Mapped[str] = mapped_column(Text, primary_key=True)
    customer_id: Mapped[str] = mapped_column(Text, primary_key=True)
    transition_id: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(Instant)
