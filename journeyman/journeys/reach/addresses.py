"""On which address a profile may be reached, and under which digests the suppression list knows that."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from journeyman.channels import suppressions
from journeyman.journeys.gates import address_in
from journeyman.kit.bulk import Row
from journeyman.language.channels import ATTRIBUTES

Spot = tuple[str, str]
"""A channel, and an address on it as the suppression list spells it."""


def spot_of(attributes: Mapping[str, Any], channel: str) -> Spot | None:
    """Where the channel reaches somebody; None where there is nothing that could work."""
    if channel not in ATTRIBUTES:
        return None
    # What can work is read already: in lower case it is as the suppression list spells it.
    address = address_in(attributes, channel)
    return (channel, address.lower()) if address is not None else None


def spots_in(traits: Iterable[Mapping[str, Any]]) -> set[Spot]:
    """Every address that these traits bring."""
    every = (spot_of(one, channel) for one in traits for channel in ATTRIBUTES)
    return {spot for spot in every if spot is not None}


def rows_of(customer_id: str, attributes: Mapping[str, Any], key: bytes) -> Iterator[Row]:
    """What is kept of a profile: a row for each channel of which it says anything."""
    for channel, attribute in ATTRIBUTES.items():
        if attributes.get(attribute) is None:
            continue
        spot = spot_of(attributes, channel)
        found = suppressions.digests_of(channel, spot[1], key) if spot is not None else (None,)
        yield {
            "customer_id": customer_id,
            "channel": channel,
            "address": spot[1] if spot is not None else None,
            "digest": found[0],
            "former_digest": found[-1],
        }
