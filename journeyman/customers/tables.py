"""What is known of customers, and the inbox through which all of it comes."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from journeyman.kit.database import Base, Instant, JsonDocument

Sequence = BigInteger().with_variant(Integer, "sqlite")


class InboxEvent(Base):
    """An accepted event that intake has not decided yet. `payload` is the event's JSON text as it was accepted."""

    __tablename__ = "inbox"
    __table_args__ = (Index(None, "slot", "seq"), Index(None, "subject"), {"sqlite_autoincrement": True})

    seq: Mapped[int] = mapped_column(Sequence, Identity(), primary_key=True)
    slot: Mapped[int] = mapped_column(SmallInteger)
    subject: Mapped[str] = mapped_column(Text)
    message_id: Mapped[str] = mapped_column(Text, unique=True)
    event_time: Mapped[datetime] = mapped_column(Instant)
    received_at: Mapped[datetime] = mapped_column(Instant)
    payload: Mapped[str] = mapped_column(Text)


class QuarantinedEvent(Base):
    """An event that intake could not work, with the reason; it stops nobody else's."""

    __tablename__ = "quarantine"

    seq: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=False)
    message_id: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    event_time: Mapped[datetime] = mapped_column(Instant)
    received_at: Mapped[datetime] = mapped_column(Instant)
    payload: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant)


class Customer(Base):
    """One person. A profile that was merged into another keeps its row and names the survivor.

    `computed` is what her events come to, `scores` the state of each scoring model, `segments` the keys of the segments
    she is in, as `memberships` has them. At `recheck_at` the passing of time alone may move her in or out of one.
    """

    __tablename__ = "customers"
    __table_args__ = (
        Index("ix_customers_recheck_at", "recheck_at", postgresql_where=text("recheck_at IS NOT NULL")),
        Index(
            "ix_customers_merged_into",
            "merged_into",
            postgresql_where=text("merged_into IS NOT NULL"),
            sqlite_where=text("merged_into IS NOT NULL"),
        ),
        # To compress a profile would cost more than to write it, and it is written with almost every event.
        {"postgresql_with": {"toast_tuple_target": 8160}},
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    attributes: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    computed: Mapped[dict[str, Any]] = mapped_column(JsonDocument, server_default="{}")
    scores: Mapped[dict[str, Any]] = mapped_column(JsonDocument, server_default="{}")
    segments: Mapped[list[str]] = mapped_column(JsonDocument, server_default="[]")
    recheck_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    merged_into: Mapped[str | None] = mapped_column(Text)


class Identifier(Base):
    """A name under which a customer is known (kinds: `customers.identifiers`), and the message that brought it.

    Since `shared_at` too many people hold it: it leads to nobody any more.
    """

    __tablename__ = "identifiers"

    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[str] = mapped_column(Text, primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    source: Mapped[str | None] = mapped_column(Text)
    shared_at: Mapped[datetime | None] = mapped_column(Instant)


class Event(Base):
    """A customer event that intake has decided; `seq` is its place in the inbox, the ingest sequence of W2.

    `user_id` and `anonymous_id` are those it came under, `former_id` the first profile that it left by a merge where
    it came under neither: by them a split knows whose it is.
    """

    __tablename__ = "events"
    __table_args__ = (Index(None, "customer_id", "name", "event_time"), Index(None, "customer_id", "event_time", "seq"))

    seq: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=False)
    message_id: Mapped[str] = mapped_column(Text, unique=True)
    customer_id: Mapped[str] = mapped_column(Text)
    type: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(Text)
    event_time: Mapped[datetime] = mapped_column(Instant)
    received_at: Mapped[datetime] = mapped_column(Instant)
    properties: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    context: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    user_id: Mapped[str | None] = mapped_column(Text)
    anonymous_id: Mapped[str | None] = mapped_column(Text)
    former_id: Mapped[str | None] = mapped_column(Text)


class AttributeChange(Base):
    """One real change of one attribute (E5)."""

    __tablename__ = "attribute_changes"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Sequence, Identity(), primary_key=True)
    customer_id: Mapped[str] = mapped_column(Text, index=True)
    attribute: Mapped[str] = mapped_column(Text)
    old: Mapped[Any] = mapped_column(JsonDocument, nullable=True)
    new: Mapped[Any] = mapped_column(JsonDocument, nullable=True)
    at: Mapped[datetime] = mapped_column(Instant)
    source: Mapped[str] = mapped_column(Text)


class Consent(Base):
    """What the customer last said of a channel or topic (`subject`): `yes`, `no`, `pending`. No row is no consent.

    A yes that has come to its `expires_at` is none; `end_told` is whether the journeys have been told so.
    """

    __tablename__ = "consents"
    __table_args__ = (
        Index("ix_consents_ending", "expires_at", postgresql_where=text("expires_at IS NOT NULL AND NOT end_told")),
    )

    customer_id: Mapped[str] = mapped_column(Text, primary_key=True)
    subject: Mapped[str] = mapped_column(String(64), primary_key=True)
    status: Mapped[str] = mapped_column(String(8))
    changed_at: Mapped[datetime] = mapped_column(Instant)
    basis: Mapped[str | None] = mapped_column(String(32))
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    end_told: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())


class ConsentChange(Base):
    """The proof of one change of consent: who, when, how and the wording (L1).

    `at` is when it was said, `recorded_at` when it was written down. What was said before something newer is kept
    here and changes nothing. `digest` names a statement of an import, which may be handed in again.
    """

    __tablename__ = "consent_changes"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Sequence, Identity(), primary_key=True)
    customer_id: Mapped[str] = mapped_column(Text, index=True)
    subject: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime] = mapped_column(Instant)
    actor: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    wording: Mapped[str | None] = mapped_column(Text)
    basis: Mapped[str | None] = mapped_column(String(32))
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    recorded_at: Mapped[datetime | None] = mapped_column(Instant)
    digest: Mapped[str | None] = mapped_column(String(64), index=True, unique=True)
