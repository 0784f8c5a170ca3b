"""A local time comes at some forty instants around the earth: a campaign goes through its customers once at each.

Only instants at which it comes for somebody are waves; whose time it is is asked again when it comes (W7).
"""

from collections import Counter
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers import repository as customers
from journeyman.customers.zones import place_of
from journeyman.journeys.campaigns import populations
from journeyman.journeys.campaigns.repository import Campaign
from journeyman.kit.database import Database
from journeyman.language.dates import at_local

LOCAL = "local"
"""Where a campaign's `about` has the local time, and under `zone` the journey's zone."""


class Wave(NamedTuple):
    """An instant, and for how many customers the time came then, when the campaign began."""

    at: datetime
    customers: int


def wave_at(campaign: Campaign) -> Wave | None:
    """The wave that the campaign is at, where it has any."""
    if not campaign.waves:
        return None
    at, count = campaign.waves[campaign.wave]
    return Wave(datetime.fromisoformat(at), count)


async def waves_of(
    database: Database, about: dict[str, Any], workspace_zone: str, now: datetime, beat: Callable[[], object]
) -> list[tuple[str, int]]:
    """The instants, in order, with how many customers each is for."""
    found: Counter[datetime] = Counter()
    after: str | None = ""
    while after is not None:
        beat()
        async with database.reading() as connection:
            ids = await populations.some(connection, about, now, after, populations.AT_ONCE)
            found.update((await _times(connection, ids, about, workspace_zone)).values())
        after = ids[-1] if len(ids) == populations.AT_ONCE else None
    return [(at.isoformat(), found[at]) for at in sorted(found)]


async def in_wave(
    connection: AsyncConnection, ids: Collection[str], campaign: Campaign, wave: Wave, workspace_zone: str
) -> list[str]:
    """Those of the customers whose time it is now; the first wave takes along whose time has gone by."""
    times = await _times(connection, ids, dict(campaign.about), workspace_zone)
    if campaign.wave == 0:
        return [one for one in ids if one in times and times[one] <= wave.at]
    before = datetime.fromisoformat((campaign.waves or [])[campaign.wave - 1][0])
    return [one for one in ids if one in times and before < times[one] <= wave.at]


async def _times(
    connection: AsyncConnection, ids: Collection[str], about: dict[str, Any], workspace_zone: str
) -> dict[str, datetime]:
    local = datetime.fromisoformat(about[LOCAL])
    found = {}
    for customer_id, attributes in (await customers.attributes_of_many(connection, ids)).items():
        place = place_of(attributes, about.get("zone"), workspace_zone)
        found[customer_id] = at_local(local.date(), local.time(), place.zone)
    return found
