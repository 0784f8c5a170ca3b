"""Handing one message over to wherever it goes: an address, or each of a customer's devices."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from journeyman.channels.errors import AddressRejectedError, SendError
from journeyman.channels.ports import Accepted, Outgoing, OutgoingPush
from journeyman.channels.routing import Handed, Route


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What came of it all: who was asked, the outcome, and the addresses that are dead."""

    provider: str | None
    outcome: Accepted | SendError
    dead: tuple[str, ...] = ()


async def hand_over(
    route: Route,
    outgoing: Outgoing,
    addresses: Mapping[str, str | None],
    topic: str,
    asked_before: str | None,
    closed: Collection[str] = (),
) -> HandedOver:
    """Hand a message over to each address, of which the platform is known if it is a device; to none of `closed`.

    It is sent once one of them has it: the others are not tried again.

    It is rejected where every address is dead; else the first of the other failures decides.
    """
    handed = [
        (address, await route.send(_addressed(outgoing, address, platform), topic, asked_before, closed))
        for address, platform in addresses.items()
    ]
    dead = tuple(address for address, one in handed if isinstance(one.error, AddressRejectedError))
    found = _most_telling([one for _, one in handed])
    return HandedOver(found.provider, found.outcome, dead)


def _addressed(outgoing: Outgoing, address: str, platform: str | None) -> Outgoing:
    if isinstance(outgoing, OutgoingPush):
        return replace(outgoing, to=address, platform=platform)
    return replace(outgoing, to=address)


def _most_telling(handed: Sequence[Handed]) -> Handed:
    accepted = next((one for one in handed if one.accepted is not None), None)
    living = next((one for one in handed if not isinstance(one.error, AddressRejectedError)), None)
    return accepted or living or handed[0]
