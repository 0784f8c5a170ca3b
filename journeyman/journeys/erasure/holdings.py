"""Everything that is held of a customer, over all domains: what an export shows, and what an erasure takes away.

A table of its own about customers has to be named here, by its domain; a test finds one that is not.
"""

from collections.abc import Mapping

from journeyman.catalog.erasure import repository as catalog
from journeyman.channels.erasure import repository as channels
from journeyman.customers.erasure import repository as customers
from journeyman.journeys.erasure import repository as journeys
from journeyman.kit.holdings import Holding

AT_ONCE: tuple[Holding, ...] = customers.PROFILES
"""Taken away by the request itself."""
LATER: tuple[Holding, ...] = (*customers.HOLDINGS, *catalog.HOLDINGS, *channels.HOLDINGS, *journeys.HOLDINGS)
"""Taken away afterwards, in this order."""
ALL: tuple[Holding, ...] = (*reversed(AT_ONCE), *LATER)
"""In the order in which an export shows them."""
NOT_PERSONAL: Mapping[str, str] = {**customers.NOT_PERSONAL, **channels.NOT_PERSONAL}
"""Tables that speak of persons and are neither exported nor erased as they are, and why."""
