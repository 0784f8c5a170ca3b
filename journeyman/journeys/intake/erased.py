"""Events that come for somebody who was erased: dropped and counted, so that she is not made anew (L3)."""

from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers.erasure import repository
from journeyman.customers.erasure.digests import CUSTOMER_ID, Name
from journeyman.customers.erasure.erased import ErasedNames
from journeyman.customers.identity import ANONYMOUS_ID, USER_ID, Names
from journeyman.journeys.intake.incoming import Incoming


async def without_erased(
    connection: AsyncConnection, erased: ErasedNames, events: Sequence[Incoming], now: datetime
) -> Sequence[Incoming]:
    """The events that may be decided.

    An event is dropped by the name that says whom it is about: our own id, else the user id, else the anonymous id. An
    alias or a merge is dropped by either of its ids. Where another customer comes under a device or an address of
    somebody who was erased, that name is taken off her event.
    """
    gone = await erased(connection, {name for event in events for name in _names(event.names)})
    if not gone:
        return events
    dropped: Counter[str] = Counter()
    left = []
    for event in events:
        receipt = next((gone[name] for name in _deciding(event.names) if name in gone), None)
        if receipt is not None:
            dropped[receipt] += 1
        else:
            left.append(event._replace(names=_without(event.names, gone)))
    await repository.count_late(connection, dropped, now)
    return left


def _without(names: Names, gone: Container[Name]) -> Names:
    anonymous_id = names.anonymous_id
    if anonymous_id is not None and (ANONYMOUS_ID, anonymous_id) in gone:
        anonymous_id = None
    return replace(names, anonymous_id=anonymous_id, claims=tuple(one for one in names.claims if one not in gone))


def _names(names: Names) -> list[Name]:
    ours = [(CUSTOMER_ID, one) for one in (names.customer_id, names.merged_id) if one is not None]
    return [*ours, *names.identifiers()]


def _deciding(names: Names) -> list[Name]:
    """The names of which none may be erased, or the event is dropped."""
    joins = [(CUSTOMER_ID, names.merged_id)] if names.merged_id is not None else []
    if names.previous_id is not None:
        joins += [(USER_ID, names.previous_id), (ANONYMOUS_ID, names.previous_id)]
    return [*_names(names)[:1], *joins]
