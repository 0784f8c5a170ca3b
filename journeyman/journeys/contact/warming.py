"""Whether a provider that is new may take a message today; what finds no place waits for another day."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels.ledger.messages import Message
from journeyman.channels.routing import Route
from journeyman.channels.warming.places import Turn, admit
from journeyman.journeys.contact.caps import HELD_FOR_WARM_UP
from journeyman.journeys.contact.judging import Verdict
from journeyman.journeys.gates import Gate
from journeyman.language.quiet import LONGEST_HOLD, SPREAD, share_of


@dataclass(frozen=True, slots=True)
class Opening:
    """Whom a message may go to: `first`, who is asked first where that is not the usual one, and never `closed`."""

    verdict: Verdict
    first: str | None = None
    closed: frozenset[str] = frozenset()


OPEN: Final = Opening(Verdict())


async def judge_warm_up(
    connection: AsyncConnection, route: Route, message: Message, address: str | None, at: datetime, *, marketing: bool
) -> Opening:
    """Take a place under the ramps of the route's providers, or say until when the message waits.

    What has perhaps left already stays with the provider that may have it. Nothing waits for longer than a week.
    """
    ramps = route.ramps(message.topic)
    if address is None or not any(ramp is not None for _, ramp in ramps):
        return OPEN
    mine = [one for one in ramps if message.ambiguous and one[0] == message.provider] or ramps
    found = await admit(connection, mine, message.id, address, at.date(), keeps=not marketing)
    read: dict[str, Any] = {"provider": found.provider, "part": found.part, "day": found.day.isoformat()}
    if found.provider is not None and found.day == at.date():
        closed = frozenset(name for name, ramp in ramps if ramp is not None and name != found.provider)
        return Opening(Verdict((Gate("warm_up", True, read),)), found.provider, closed)
    gate = Gate("warm_up", False, read)
    until = _release(found, message.customer_id, marketing=marketing)
    if until > (message.held_since or at) + LONGEST_HOLD + 2 * SPREAD:
        return Opening(Verdict((gate,), outcome="capped"))
    return Opening(Verdict((gate,), until=until, hold=HELD_FOR_WARM_UP))


def _release(found: Turn, customer_id: str, *, marketing: bool) -> datetime:
    """The beginning of the day, for each customer her own moment of it; what is marketing comes after the rest."""
    begins = datetime.combine(found.day, time(), UTC)
    own: timedelta = share_of(begins, customer_id) * SPREAD
    return begins + own + (SPREAD if marketing else timedelta())
