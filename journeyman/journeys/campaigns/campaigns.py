"""Campaigns as people see and steer them, and those that they begin themselves."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers.inbox.json_text import storable
from journeyman.customers.segments.definition import read_segment, written
from journeyman.journeys import repository as outbox
from journeyman.journeys.campaigns import populations, repository, scheduling
from journeyman.journeys.campaigns.occasions import campaign_id
from journeyman.journeys.campaigns.repository import Campaign, State
from journeyman.journeys.documents import repository as documents
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.errors import ConflictError, Fault, InvalidError, NotFoundError
from journeyman.kit.ids import new_id
from journeyman.kit.pagination import Page, page_of, read_cursor
from journeyman.kit.wake import Wake
from journeyman.language.rates import Rate
from journeyman.language.starters.campaign import BATCH

STARTERS = frozenset({"api", "schedule"})
"""The starters of journeys into which a campaign may be begun by a call."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A campaign that somebody begins: for a segment, for whom a condition holds, or for everybody."""

    segment: str | None
    when: Mapping[str, Any] | None
    context: Mapping[str, Any]
    rate: str | None
    batch: int | None

    @property
    def about(self) -> dict[str, Any]:
        if self.segment is not None:
            return {"segment": self.segment}
        if self.when is None:
            return {}
        return {"when": written(read_segment({"name": "campaign", "when": self.when}).when)}


class Campaigns:
    """The use cases."""

    def __init__(self, database: Database, wake: Wake, clock: Clock) -> None:
        self.database = database
        self.wake = wake
        self.clock = clock

    async def begin(self, journey: str, wanted: Wanted, requested_by: str, idempotency_key: str | None) -> Campaign:
        """Begin a campaign now; asked for again under the same key it is the same one.

        Raises `NotFoundError`, `ConflictError` for a journey that cannot be entered so, and `InvalidError`.
        """
        _check(wanted)
        now, about = self.clock.now(), wanted.about
        made_for = idempotency_key or new_id("now")
        campaign_key = campaign_id(journey, f"call {made_for}")
        async with self.database.transaction() as connection:
            await _must_be_open(connection, journey)
            await populations.refuse_unknown(connection, about, now, "")
            campaign = Campaign(
                id=campaign_key,
                journey_key=journey,
                kind="call",
                workflow_id=f"campaign/{campaign_key}",
                state="under_way",
                about=about,
                context=storable(dict(wanted.context)),
                rate=Rate.parse(wanted.rate).text if wanted.rate is not None else None,
                batch=wanted.batch or BATCH,
                scheduled_at=now,
                began_at=now,
                requested_by=requested_by,
                population=await populations.size(connection, about, now),
            )
            if await repository.add(connection, campaign):
                await outbox.tell(connection, [scheduling.bell(campaign)], now)
            found = await _found(connection, campaign.id)
        self.wake.notify()
        return found

    async def find(self, campaign: str) -> Campaign:
        """Raises `NotFoundError`."""
        async with self.database.reading() as connection:
            return await _found(connection, campaign)

    async def page(self, journey: str | None, cursor: str | None, limit: int) -> Page[Campaign]:
        """The newest first. Raises `InvalidError` for a cursor that is none."""
        place = read_cursor(cursor, datetime, str)
        async with self.database.reading() as connection:
            found = await repository.page(connection, journey, (place[0], place[1]) if place else None, limit + 1)
            outcomes = await repository.outcomes(connection, [one.id for one in found])
        told = [replace(one, outcomes=outcomes[one.id]) for one in found]
        return page_of(told, limit, lambda one: (one.began_at, one.id))

    async def turn(self, campaign: str, state: State, by: str) -> Campaign:
        """Pause a campaign, let it go on or cancel it. Whoever is in stays in.

        Raises `NotFoundError`, and `ConflictError` for one that is over.
        """
        async with self.database.transaction() as connection:
            found = await repository.find(connection, campaign, is_locked=True)
            if found is None:
                raise NotFoundError(f"there is no campaign `{campaign}`")
            if not found.is_open and found.state != state:
                raise ConflictError(f"campaign `{campaign}` is over: it is {found.state}")
            if found.state != state:
                await scheduling.turn(connection, found, state, self.clock.now(), f"by {by}")
            changed = await _found(connection, campaign)
        self.wake.notify()
        return changed


def _check(wanted: Wanted) -> None:
    if wanted.segment is not None and wanted.when is not None:
        fault = Fault("/when", "`segment` is there too", "Take one of them out")
        raise InvalidError("a campaign is for one population", [fault])
    if wanted.rate is not None:
        try:
            Rate.parse(wanted.rate)
        except ValueError as error:
            raise InvalidError("this is no rate", [Fault("/rate", str(error), "Write `600 per 1m`")]) from None


async def _found(connection: AsyncConnection, campaign: str) -> Campaign:
    found = await repository.find(connection, campaign)
    if found is None:
        raise NotFoundError(f"there is no campaign `{campaign}`")
    return replace(found, outcomes=(await repository.outcomes(connection, [campaign]))[campaign])


async def _must_be_open(connection: AsyncConnection, key: str) -> None:
    found = await documents.journey(connection, key)
    if found is None:
        raise NotFoundError(f"there is no journey `{key}`")
    if found["state"] != "live":
        raise ConflictError(f"journey `{key}` is not live: it is {found['state']}")
    starts_on = await documents.starter(connection, key, found["version"])
    if starts_on not in STARTERS:
        raise ConflictError(f"journey `{key}` starts on `{starts_on}`; a campaign needs `api` or `schedule`")
