"""Products, what became of their prices and stock, and who takes an interest in them."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Identity, Index, Integer, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from journeyman.catalog.amounts import Amount
from journeyman.kit.database import Base, Instant, JsonDocument

Sequence = BigInteger().with_variant(Integer, "sqlite")


class Product(Base):
    """What the shop sells. `fields` are the shop's own; `categories` are paths such as `Shoes/Running`."""

    __tablename__ = "products"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str | None] = mapped_column(Text)
    price: Mapped[Decimal | None] = mapped_column(Amount)
    currency: Mapped[str | None] = mapped_column(String(3))
    compare_at_price: Mapped[Decimal | None] = mapped_column(Amount)
    stock: Mapped[int | None] = mapped_column(BigInteger)
    low_stock_threshold: Mapped[int | None] = mapped_column(BigInteger)
    categories: Mapped[list[str]] = mapped_column(JsonDocument)
    url: Mapped[str | None] = mapped_column(Text)
    image_url: Mapped[str | None] = mapped_column(Text)
    replenishment_days: Mapped[int | None] = mapped_column(Integer)
    fields: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)


class Variant(Base):
    """One form of a product, such as a size. What it leaves open is the product's."""

    __tablename__ = "product_variants"

    product_id: Mapped[str] = mapped_column(Text, primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    title: Mapped[str | None] = mapped_column(Text)
    price: Mapped[Decimal | None] = mapped_column(Amount)
    currency: Mapped[str | None] = mapped_column(String(3))
    stock: Mapped[int | None] = mapped_column(BigInteger)
    fields: Mapped[dict[str, Any]] = mapped_column(JsonDocument)


class ProductCategory(Base):
    """A category that a product is in, all those above it included: a subtree is one path."""

    __tablename__ = "product_categories"

    path: Mapped[str] = mapped_column(Text, primary_key=True)
    product_id: Mapped[str] = mapped_column(Text, primary_key=True, index=True)
    depth: Mapped[int] = mapped_column(SmallInteger)


class Transition(Base):
    """A price or a stock that moved in a way that matters (P1-P3); `variant_id` is null for the product itself.

    `amount` is by how much, `percent` how much of the old that is, rounded down.
    """

    __tablename__ = "product_transitions"
    __table_args__ = (Index(None, "product_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(Sequence, Identity(), primary_key=True)
    product_id: Mapped[str] = mapped_column(Text)
    variant_id: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(16))
    old: Mapped[Decimal] = mapped_column(Amount)
    new: Mapped[Decimal] = mapped_column(Amount)
    amount: Mapped[Decimal] = mapped_column(Amount)
    percent: Mapped[Decimal | None] = mapped_column(Amount)
    currency: Mapped[str | None] = mapped_column(String(3))
    at: Mapped[datetime] = mapped_column(Instant)


class Interest(Base):
    """How a customer took an interest in a product: `kind` is one of `interests.KINDS`.

    `recent` are the newest instants at which she did, newest first, in microseconds of Unix time: she did it at least
    n times since some instant if the nth of them is not before it. `last_price` is what she saw last.
    """

    __tablename__ = "interests"
    __table_args__ = (Index(None, "product_id", "kind", "last_at"),)

    customer_id: Mapped[str] = mapped_column(Text, primary_key=True)
    product_id: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)
    quantity: Mapped[int] = mapped_column(BigInteger)
    first_at: Mapped[datetime] = mapped_column(Instant)
    last_at: Mapped[datetime] = mapped_column(Instant)
    recent: Mapped[Any] = mapped_column(ARRAY(BigInteger).with_variant(Text(), "sqlite"))
    last_price: Mapped[Decimal | None] = mapped_column(Amount)
    currency: Mapped[str | None] = mapped_column(String(3))
    last_price_at: Mapped[datetime | None] = mapped_column(Instant)
    last_price_seq: Mapped[int | None] = mapped_column(BigInteger)
