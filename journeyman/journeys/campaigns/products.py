"""Campaigns that the catalogue begins: what has moved since a journey looked last, gathered until the feed is quiet.

A journey begins to look when it is published: what moved before is none of its business. What moves while it is paused
or stopped is not made good for.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.catalog import repository as catalog
from journeyman.catalog.repository import StoredTransition
from journeyman.journeys import repository as outbox
from journeyman.journeys.campaigns import repository
from journeyman.journeys.campaigns.occasions import campaign_id
from journeyman.journeys.campaigns.repository import Campaign
from journeyman.journeys.campaigns.scheduling import bell
from journeyman.journeys.published import Published, Shelf
from journeyman.journeys.watching import offers
from journeyman.journeys.watching import repository as watching
from journeyman.journeys.watching.offers import Moved, Offer
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.language.starters.products import ProductRules

QUIET: Final = timedelta(seconds=5)
"""A feed that has moved nothing for so long has come to its end; also, what is written at the same time is there."""
MOST: Final = timedelta(minutes=1)
"""A feed that goes on and on is taken in pieces of so long."""
AT_ONCE: Final = 1000
"""Transitions in one campaign at most."""


class ProductWatcher:
    """Looks at what has moved in the catalogue for each live journey that starts on it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock
        self.shelf = Shelf()

    async def step(self) -> bool:
        """Begin the campaigns of what has moved; whether there were any."""
        now = self.clock.now()
        async with self.database.reading() as connection:
            live = (await self.shelf.starters(connection)).published
            mine = {one.key: one for one in live if isinstance(one.definition.entry, ProductRules)}
            watches = await watching.watches(connection)
        if mine.keys() != watches.keys():
            await self._watch(set(mine) - watches.keys(), watches.keys() - set(mine))
        fired = [await self._look(one, watches[key], now) for key, one in mine.items() if key in watches]
        return any(fired)

    async def _watch(self, new: set[str], gone: set[str]) -> None:
        async with self.database.transaction() as connection:
            newest = await catalog.newest_transition(connection)
            for key in sorted(new):
                await watching.watch(connection, key, newest)
            await watching.unwatch(connection, gone)

    async def _look(self, one: Published, after: int, now: datetime) -> bool:
        entry = one.definition.entry
        if not isinstance(entry, ProductRules):
            return False
        async with self.database.reading() as connection:
            found = await catalog.transitions_after(connection, entry.starter, after, AT_ONCE)
        if not found:
            return False
        is_quiet = now - found[-1].transition.at >= QUIET or now - found[0].transition.at >= MOST
        if not is_quiet and len(found) < AT_ONCE:
            return False
        async with self.database.transaction() as connection:
            if await watching.lock_watch(connection, one.key) != after:
                return True
            await self._begin(connection, one, entry, found, now)
            await watching.looked(connection, one.key, found[-1].id)
        return True

    async def _begin(
        self,
        connection: AsyncConnection,
        one: Published,
        entry: ProductRules,
        found: Sequence[StoredTransition],
        now: datetime,
    ) -> None:
        moved = moved_together(found)
        about = {**offers.about_of(moved), "hash": one.hash}
        offer = Offer(one.key, entry.starter, {each.product_id: each for each in moved}, entry)
        campaign = campaign_id(one.key, f"{entry.starter} {found[0].id}-{found[-1].id}")
        made = Campaign(
            id=campaign,
            journey_key=one.key,
            kind=entry.starter,
            workflow_id=f"campaign/{campaign}",
            state="under_way",
            about=about,
            context={},
            rate=entry.rate.text if entry.rate is not None else None,
            batch=entry.batch,
            scheduled_at=found[-1].transition.at,
            began_at=now,
            requested_by="catalogue",
            population=await offers.size(connection, offer, now),
        )
        if await repository.add(connection, made):
            await outbox.tell(connection, [bell(made)], now)


def moved_together(found: Sequence[StoredTransition]) -> list[Moved]:
    """One movement for each product: from the first value to the last, of the variant that has gone farthest."""
    ways: dict[tuple[str, str | None], Moved] = {}
    lengths: dict[tuple[str, str | None], Decimal] = {}
    for stored in found:
        one = stored.transition
        key = (one.product_id, one.variant_id)
        old = ways[key].old if key in ways else one.old
        ways[key] = Moved(one.product_id, one.variant_id, stored.id, old)
        lengths[key] = (old - one.new) / old if old else old
    chosen: dict[str, tuple[str, str | None]] = {}
    for key in ways:
        before = chosen.get(key[0])
        if before is None or lengths[key] > lengths[before]:
            chosen[key[0]] = key
    return [ways[key] for key in chosen.values()]
