"""What the catalogue holds of customers."""

from collections.abc import Mapping
from typing import Any

from journeyman.catalog.coupons.tables import CouponCode
from journeyman.catalog.tables import Interest
from journeyman.kit.bulk import Row
from journeyman.kit.holdings import Holding


def _nobodys(_code: Mapping[str, Any]) -> Row:
    """Nothing but whose it is: the pool goes on counting what was given."""
    return {}


HOLDINGS = (
    Holding("interests", Interest, ("product_id", "kind"), hidden=("recent",)),
    Holding("coupons", CouponCode, ("id",), blank=_nobodys),
)
"""`recent` repeats instants that stand with the events."""
