"""The addresses of customers, in the form in which the suppression list knows them."""

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from journeyman.kit.database import Base


class Address(Base):
    """Where a channel reaches a customer, as her profile says; `address` is null where that is no address.

    `digest` and `former_digest` are those under which the suppression list may have it.
    """

    __tablename__ = "addresses"
    __table_args__ = (Index(None, "channel", "address"),)

    customer_id: Mapped[str] = mapped_column(Text, primary_key=True)
    channel: Mapped[str] = mapped_column(String(32), primary_key=True)
    address: Mapped[str | None] = mapped_column(Text)
    digest: Mapped[str | None] = mapped_column(String(64))
    former_digest: Mapped[str | None] = mapped_column(String(64))
