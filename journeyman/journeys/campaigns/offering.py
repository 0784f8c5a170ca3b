"""Offering entries to a campaign's customers, a page at a time: what the campaign's workflow asks for.

A page is one transaction: the entries go into the inbox and the row's cursor moves, together or not at all. So a page
that is asked for again, after a crash, goes on behind the last customer; and intake judges every entry in its order
among all other events (E1-E8).
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers import repository as customers
from journeyman.customers.inbox import repository as inbox
from journeyman.customers.inbox.door import Inbox
from journeyman.customers.inbox.json_text import storable
from journeyman.journeys.campaigns import populations, repository
from journeyman.journeys.campaigns.occasions import entry_id
from journeyman.journeys.campaigns.repository import Campaign, State
from journeyman.journeys.campaigns.waves import Wave, in_wave, wave_at
from journeyman.journeys.direct import entering
from journeyman.journeys.published import Shelf
from journeyman.journeys.watching import offers
from journeyman.journeys.watching.offers import Offer
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.wake import Wake
from journeyman.language.rates import Rate
from journeyman.language.starters.products import ProductRules

LOOK: Final = 0.2
"""Seconds between two looks whether there is room for another page."""
PATIENCE: Final = timedelta(minutes=5)
"""How long one attempt waits for room."""
UNTOLD: Final = 2000
"""Commands that may wait for the engine, so that a campaign's starts hold up others by some seconds at most."""
SPAN: Final = 2.0
"""Seconds of its rate that a page is worth at most."""
PAGES: Final = 100
"""Into so many pages at least a campaign with a rate is cut: it is kept to a hundredth then."""

Entries = Sequence[tuple[str, dict[str, Any]]]
"""Customers with what their entries hold beside what all have."""


@dataclass(frozen=True, slots=True)
class Offered:
    """How a campaign stands after a page of `taken` customers; `until` is when its next wave comes."""

    campaign: Campaign
    taken: int
    until: datetime | None = None


class Offering:
    """Takes a campaign through its customers."""

    def __init__(self, database: Database, inbox: Inbox, wake: Wake, clock: Clock, workspace_zone: str) -> None:
        self.database = database
        self.inbox = inbox
        self.wake = wake
        self.clock = clock
        self.workspace_zone = workspace_zone
        self.shelf = Shelf()

    async def __call__(self, campaign_id: str, size: int, ask: State | None, beat: Callable[[], object]) -> Offered:
        """Offer the next `size` customers an entry; with 0 only look. `ask` is a state that somebody wishes first.

        Waits while there is no room. Raises `LookupError` for a campaign that there is not.
        """
        if ask is not None:
            await self._obey(campaign_id, ask)
        if size:
            await self._room(beat)
        async with self.database.transaction() as connection:
            campaign = await repository.find(connection, campaign_id, is_locked=True)
            if campaign is None:
                raise LookupError(f"there is no campaign {campaign_id}")
            if campaign.state != "under_way" or not size:
                return Offered(campaign, 0)
            found = await self._offer(connection, campaign, size)
        if found.taken:
            self.wake.notify()
        return found

    async def _obey(self, campaign_id: str, ask: State) -> None:
        async with self.database.transaction() as connection:
            campaign = await repository.find(connection, campaign_id, is_locked=True)
            if campaign is not None and campaign.is_open and campaign.state != ask:
                await repository.change(connection, campaign_id, **turned(ask, self.clock.now()))

    async def _room(self, beat: Callable[[], object]) -> None:
        """Wait until the inbox and the engine have room: a campaign is in less of a hurry than what customers do."""
        for _ in range(int(PATIENCE.total_seconds() / LOOK)):
            beat()
            if not await self._is_crowded():
                return
            await asyncio.sleep(LOOK)
        raise TimeoutError("the inbox and the engine have had no room for minutes")

    async def _is_crowded(self) -> bool:
        if await self.inbox.is_crowded():
            return True
        async with self.database.reading() as connection:
            return await repository.untold_reaches(connection, UNTOLD)

    async def _offer(self, connection: AsyncConnection, campaign: Campaign, size: int) -> Offered:
        now = self.clock.now()
        wave = wave_at(campaign)
        if wave is not None and wave.at > now:
            return Offered(campaign, 0, wave.at)
        limit = min(size, campaign.batch)
        entries, last, note = await self._page(connection, campaign, wave, limit, now)
        await self._let_in(connection, campaign, entries, now)
        moved = replace(
            campaign,
            after=last if last is not None else campaign.after,
            offered=campaign.offered + len(entries),
            pages=campaign.pages + 1,
            offered_at=now,
        )
        if last is None:
            moved = replace(moved, **_behind(moved, note, now))
        changed = ("after", "offered", "pages", "offered_at", "wave", "state", "ended_at", "note")
        await repository.change(connection, campaign.id, **{name: getattr(moved, name) for name in changed})
        following = wave_at(moved) if moved.is_open else None
        return Offered(moved, len(entries), following.at if following is not None else None)

    async def _page(
        self, connection: AsyncConnection, campaign: Campaign, wave: Wave | None, limit: int, now: datetime
    ) -> tuple[Entries, str | None, str | None]:
        """The next entries, the last customer looked at, None where there is none behind, and why it ends if not so."""
        if "products" in campaign.about:
            return await offers.page(connection, await self._offer_of(connection, campaign), campaign.after, limit, now)
        if wave is None:
            found = await populations.some(connection, campaign.about, now, campaign.after, limit)
            return [(one, {}) for one in found], found[-1] if len(found) == limit else None, None
        mine: list[str] = []
        after: str | None = campaign.after
        while after is not None and not mine:
            ids = await populations.some(connection, campaign.about, now, after, limit)
            after = ids[-1] if len(ids) == limit else None
            mine = await in_wave(connection, ids, campaign, wave, self.workspace_zone)
        return [(one, {}) for one in mine], after, None

    async def _offer_of(self, connection: AsyncConnection, campaign: Campaign) -> Offer:
        """The offer of a campaign that the catalogue has begun, by the rules of the version that began it."""
        rules = (await self.shelf.definition(connection, campaign.about["hash"])).entry
        if not isinstance(rules, ProductRules):
            raise TypeError(f"campaign {campaign.id} is not about products")
        return Offer.read(campaign.journey_key, rules.on, campaign.about, rules)

    async def _let_in(self, connection: AsyncConnection, campaign: Campaign, entries: Entries, now: datetime) -> None:
        named = await customers.addressees(connection, {customer_id for customer_id, _ in entries})
        events = [
            entering(
                named[customer_id],
                entry_id(campaign.id, customer_id),
                campaign.journey_key,
                now,
                storable({**campaign.context, "campaign": campaign.id, **mine}),
            )
            for customer_id, mine in entries
            if customer_id in named
        ]
        await inbox.append_in(connection, events, now)


def turned(state: State, at: datetime, note: str | None = None) -> dict[str, Any]:
    """What changes of a campaign that is paused, goes on or ends."""
    return {"state": state, "note": note, "ended_at": None if state in repository.OPEN else at}


def _behind(campaign: Campaign, note: str | None, at: datetime) -> dict[str, Any]:
    """What becomes of a campaign that has no customer left: its next wave begins, or it is done."""
    if campaign.waves is not None and campaign.wave + 1 < len(campaign.waves):
        return {"wave": campaign.wave + 1, "after": ""}
    return turned("done", at, note)


def seconds_each(campaign: Campaign) -> float | None:
    """The seconds of one customer at the campaign's rate."""
    return 1 / Rate.parse(campaign.rate).per_second if campaign.rate is not None else None


def page_size(campaign: Campaign) -> int:
    """How many customers go in at once: few where a rate has to be kept."""
    each = seconds_each(campaign)
    if each is None:
        return campaign.batch
    return max(1, min(campaign.batch, int(SPAN / each), max(campaign.population, PAGES) // PAGES))
