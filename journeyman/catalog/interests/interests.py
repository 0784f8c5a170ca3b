"""A customer's interest in a product, out of the events of Segment's e-commerce spec (V2). Pure, and the hot path.

Interests add up in any order: counts and quantities are sums, instants are the least and the greatest, and the price
that a customer saw last is that of the latest event by (event time, ingest sequence).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from journeyman.catalog.amounts import MOST_UNITS, UNITS, from_units

InterestKind = Literal["viewed", "wished", "carted", "awaited", "bought"]
KINDS: tuple[InterestKind, ...] = ("viewed", "wished", "carted", "awaited", "bought")
RECENT = 10
"""How many of the newest instants are kept with an interest: "at least n times since" is answered up to this n."""
MOST_PIECES = 1_000_000
LONGEST_ID = 256

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


class Seen(NamedTuple):
    """A price that a customer saw, in ten-thousandths; `currency` is empty where the event had none."""

    at: datetime
    seq: int
    units: int
    currency: str

    @property
    def price(self) -> Decimal:
        return from_units(self.units)


@dataclass(slots=True)
class Interest:
    """An interest of one kind in one product.

    `count` is how often, `quantity` how many pieces less those given back, `first_at` and `last_at` when an event spoke
    of it first and last. `recent` are the newest instants that count, newest first, in microseconds of Unix time.
    """

    product_id: str
    kind: InterestKind
    count: int
    quantity: int
    first_at: datetime
    last_at: datetime
    recent: tuple[int, ...]
    seen: Seen | None

    def add(self, other: "Interest") -> None:
        """Take in another interest of the same kind in the same product."""
        self.count += other.count
        self.quantity += other.quantity
        self.first_at = min(self.first_at, other.first_at)
        self.last_at = max(self.last_at, other.last_at)
        self.recent = tuple(sorted(self.recent + other.recent, reverse=True)[:RECENT])
        if self.seen is None or (other.seen is not None and other.seen > self.seen):
            self.seen = other.seen


class _Meaning(NamedTuple):
    """What an event says: of which kind, whether it counts, what its pieces count, whether it lists products."""

    kind: InterestKind
    counts: int
    pieces: int
    lists: bool


_MEANINGS: Mapping[str, _Meaning] = {
    "Product Viewed": _Meaning("viewed", 1, 0, lists=False),
    "Product Clicked": _Meaning("viewed", 1, 0, lists=False),
    "Product Added to Wishlist": _Meaning("wished", 1, 1, lists=False),
    "Product Removed from Wishlist": _Meaning("wished", 0, -1, lists=False),
    "Wishlist Product Added to Cart": _Meaning("carted", 1, 1, lists=False),
    "Product Added": _Meaning("carted", 1, 1, lists=False),
    "Product Removed": _Meaning("carted", 0, -1, lists=False),
    "Cart Viewed": _Meaning("carted", 1, 0, lists=True),
    "Checkout Started": _Meaning("carted", 1, 0, lists=True),
    "Back in Stock Requested": _Meaning("awaited", 1, 1, lists=False),
    "Order Completed": _Meaning("bought", 1, 1, lists=True),
    "Order Refunded": _Meaning("bought", 0, -1, lists=True),
    "Order Cancelled": _Meaning("bought", 0, -1, lists=True),
}
EVENTS = frozenset(_MEANINGS)


def interests_of(name: str, at: datetime, properties: Mapping[str, Any], seq: int = 0) -> Sequence[Interest]:
    """What an event says of products, one interest for each.

    Tolerant: what has no usable id says nothing, a quantity that is none is one piece, a price that is none is not
    seen. `seq` is the ingest sequence, which decides between prices seen at the same instant.
    """
    meaning = _MEANINGS.get(name)
    if meaning is None:
        return ()
    ticks = ((at - _EPOCH) // _TICK,) if meaning.counts else ()
    currency = properties.get("currency")
    if not meaning.lists:
        line = _line(meaning, properties, currency, at, seq, ticks)
        return () if line is None else (line,)
    found: dict[str, Interest] = {}
    products = properties.get("products")
    for product in products if isinstance(products, list) else ():
        if isinstance(product, dict):
            line = _line(meaning, product, currency, at, seq, ticks)
            if line is not None:
                _add_line(found, line)
    return list(found.values())


def fold(
    rows: Iterable[tuple[str, Interest]],
) -> dict[tuple[str, str, InterestKind], Interest]:
    """(customer, interest) pairs added up by customer, product and kind. The given interests take in the others."""
    found: dict[tuple[str, str, InterestKind], Interest] = {}
    for customer_id, interest in rows:
        key = (customer_id, interest.product_id, interest.kind)
        known = found.get(key)
        if known is None:
            found[key] = interest
        else:
            known.add(interest)
    return found


def ticks_of(at: datetime) -> int:
    """The instant as `recent` has it: microseconds of Unix time."""
    return (at - _EPOCH) // _TICK


def instants(recent: Iterable[int]) -> Iterator[datetime]:
    return (_EPOCH + tick * _TICK for tick in recent)


def _add_line(found: dict[str, Interest], line: Interest) -> None:
    """Two lines of one order that name the same product are one purchase of more pieces."""
    known = found.get(line.product_id)
    if known is None:
        found[line.product_id] = line
        return
    known.quantity += line.quantity
    if known.seen is None or (line.seen is not None and line.seen > known.seen):
        known.seen = line.seen


def _line(
    meaning: _Meaning,
    product: Mapping[str, Any],
    currency: object,
    at: datetime,
    seq: int,
    ticks: tuple[int, ...],
) -> Interest | None:
    product_id = _id(product)
    if product_id is None:
        return None
    pieces = meaning.pieces * _quantity(product.get("quantity")) if meaning.pieces else 0
    units = _units(product.get("price"))
    seen = None if units is None else Seen(at, seq, units, _currency(product.get("currency") or currency))
    return Interest(product_id, meaning.kind, meaning.counts, pieces, at, at, ticks, seen)


def _id(product: Mapping[str, Any]) -> str | None:
    """`product_id`, else `sku`, else `id`, which the first version of the spec had."""
    for name in ("product_id", "sku", "id"):
        found = product.get(name)
        if isinstance(found, str):
            found = found.strip()
            if 0 < len(found) <= LONGEST_ID:
                return found
        elif isinstance(found, int) and not isinstance(found, bool) and len(str(found)) <= LONGEST_ID:
            return str(found)
    return None


def _quantity(given: object) -> int:
    if given is None or isinstance(given, bool):
        return 1
    if isinstance(given, int):
        return min(given, MOST_PIECES) if given > 0 else 1
    number = _number(given)
    return 1 if number is None else max(1, min(round(number), MOST_PIECES))


def _units(given: object) -> int | None:
    if given is None:
        return None
    number = _number(given)
    if number is None or not 0 <= number * UNITS <= MOST_UNITS:
        return None
    units: int = round(number * UNITS)
    return units


def _number(given: object) -> float | None:
    """A finite number, also where it is written as text."""
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        return None
    try:
        number = float(given)
    except (ValueError, OverflowError):
        return None
    return number if -1e300 < number < 1e300 else None  # noqa: PLR2004 - NaN and infinity are neither


def _currency(given: object) -> str:
    if isinstance(given, str) and len(given) == 3 and given.isascii() and given.isalpha():  # noqa: PLR2004 - ISO 4217
        return given.upper()
    return ""
