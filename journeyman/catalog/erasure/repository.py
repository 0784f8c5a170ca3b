"""What the catalogue holds of customers."""

from journeyman.catalog.tables import Interest
from journeyman.kit.holdings import Holding

HOLDINGS = (Holding("interests", Interest, ("product_id", "kind"), hidden=("recent",)),)
"""`recent` repeats instants that stand with the events."""
