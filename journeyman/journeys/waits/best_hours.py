"""At which hours of her week a customer answers most, as far as that has been learnt and stored (O1)."""

from collections.abc import Mapping
from typing import Any, Final

BEST_HOURS: Final = "best_hours"
"""The computed attribute: hours of the customer's local week from Monday midnight on, best first."""
HOURS_OF_A_WEEK: Final = 168


def best_hours(computed: Mapping[str, Any]) -> tuple[int, ...]:
    """None where nothing is known of her."""
    found = computed.get(BEST_HOURS)
    if not isinstance(found, list):
        return ()
    return tuple(hour for hour in found if type(hour) is int and 0 <= hour < HOURS_OF_A_WEEK)
