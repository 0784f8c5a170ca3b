"""The places of throttles."""

from sqlalchemy import BigInteger, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from journeyman.kit.database import Base


class ThrottlePlace(Base):
    """One place in one period of one throttle, and the run that has it; given back where `run_id` is null.

    `throttle` names the journey and the step, `period` the second since 1970 at which the period begins, `place` is
    below the throttle's `max`. The primary key is what lets no two runs have one place.
    """

    __tablename__ = "throttle_places"
    __table_args__ = (
        Index(
            "ix_throttle_places_free",
            "throttle",
            "period",
            postgresql_where=text("run_id IS NULL"),
            sqlite_where=text("run_id IS NULL"),
        ),
    )

    throttle: Mapped[str] = mapped_column(String(256), primary_key=True)
    period: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    place: Mapped[int] = mapped_column(Integer, primary_key=True)
    run_id: Mapped[str | None] = mapped_column(String(64))
