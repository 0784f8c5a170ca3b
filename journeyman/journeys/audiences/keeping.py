"""Telling ad networks what journeys and segments have changed: in batches, beside the journeys, until it is taken."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels.ads.ports import AudienceNetwork, Keys
from journeyman.channels.errors import SendError, ThrottledError
from journeyman.customers import repository as customers
from journeyman.customers.identifiers import email_of, phone_of, region_of
from journeyman.journeys.audiences import repository
from journeyman.journeys.audiences.repository import ADS, FAILED, TOLD, WITHHELD, Pending, Settled
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database

log = logging.getLogger(__name__)

BATCH: Final = 1_000
LOOK: Final = timedelta(minutes=1)
"""How often consent and segments are compared with who is in an audience."""
FIRST_REST: Final = timedelta(seconds=10)
LONGEST_REST: Final = timedelta(hours=1)
UNKNOWN: Final = "there is neither an address nor a number that the network could know her by"


@dataclass(frozen=True, slots=True)
class Audience:
    """An audience of an ad network, and the segment that fills it, where one does."""

    network: AudienceNetwork
    segment: str | None = None


@dataclass(slots=True)
class _Rest:
    """Until when a network is left alone, and for how long it was."""

    until: datetime
    pause: timedelta


@dataclass(slots=True)
class _Work:
    """What a batch comes to: who goes out, who comes in, and what that leaves settled."""

    out: list[Keys]
    into: list[tuple[Pending, Keys]]
    settled: list[Settled]


class AudienceKeeper:
    """The upkeep of audiences, by the names that journeys give them."""

    def __init__(self, database: Database, clock: Clock, audiences: Mapping[str, Audience]) -> None:
        self.database = database
        self.clock = clock
        self.audiences = audiences
        self._rests: dict[str, _Rest] = {}
        self._looked: dict[str, datetime] = {}

    async def step(self) -> int:
        """Tell a batch of each audience; returns how many changes were settled."""
        return sum([await self._tend(key, audience) for key, audience in self.audiences.items()])

    async def _tend(self, key: str, audience: Audience) -> int:
        now = self.clock.now()
        if key in self._rests and now < self._rests[key].until:
            return 0
        await self._look(key, audience, now)
        async with self.database.reading() as connection:
            leaving = await repository.leavings(connection, key, BATCH)
            found = await repository.pending(connection, key, min(BATCH, audience.network.limit))
            work = await self._judged(connection, audience.network, found) if found else _Work([], [], [])
        try:
            settled = await self._tell(key, audience.network, leaving, work)
        except SendError as error:
            await self._rest(key, found, error)
            return 0
        self._rests.pop(key, None)
        return settled

    async def _look(self, key: str, audience: Audience, now: datetime) -> None:
        if key in self._looked and now < self._looked[key] + LOOK:
            return
        async with self.database.transaction() as connection:
            if audience.segment is not None:
                await repository.follow_segment(connection, key, audience.segment, now)
            await repository.judge_consent_again(connection, key, now)
        self._looked[key] = now

    async def _judged(self, connection: AsyncConnection, network: AudienceNetwork, found: Sequence[Pending]) -> _Work:
        ids = [one.customer_id for one in found]
        people = {person.id: person.attributes for person in await customers.read_profiles(connection, ids)}
        said = await customers.consents(connection, ids, self.clock.now())
        work = _Work([], [], [])
        for one in found:
            agrees = said.get(one.customer_id, {}).get(ADS) == "yes"
            _judge(work, one, _keys(network, people.get(one.customer_id, {})), agrees=agrees)
        return work

    async def _tell(self, key: str, network: AudienceNetwork, leaving: Mapping[str, Keys], work: _Work) -> int:
        """Out first: an address that has changed leaves as it was, and comes in as it is."""
        out = [*leaving.values(), *work.out]
        for start in range(0, len(out), network.limit):
            await network.change(out[start : start + network.limit], is_in=False)
        if leaving:
            async with self.database.transaction() as connection:
                await repository.drop_leavings(connection, list(leaving))
        refused: Mapping[int, str] = {}
        if work.into:
            async with self.database.transaction() as connection:
                known = {one.customer_id: keys for one, keys in work.into}
                await repository.note_known_as(connection, key, known)
            refused = await network.change([keys for _, keys in work.into], is_in=True)
        into = [
            Settled(one, FAILED, failure=refused[place]) if place in refused else Settled(one, TOLD, keys)
            for place, (one, keys) in enumerate(work.into)
        ]
        async with self.database.transaction() as connection:
            await repository.settle(connection, key, [*work.settled, *into], self.clock.now())
        return len(work.settled) + len(into) + len(leaving)

    async def _rest(self, key: str, found: Sequence[Pending], error: SendError) -> None:
        """Leave the network alone for a while, for twice as long each time, or as long as it asks."""
        now, before = self.clock.now(), self._rests.get(key)
        pause = min(before.pause * 2, LONGEST_REST) if before is not None else FIRST_REST
        if isinstance(error, ThrottledError):
            pause = max(timedelta(seconds=error.retry_after), FIRST_REST)
        self._rests[key] = _Rest(now + pause, pause)
        log.warning("the audience %s could not be told: %s", key, error.detail)
        async with self.database.transaction() as connection:
            await repository.note_failure(connection, key, found, error.detail)


def _keys(network: AudienceNetwork, attributes: Mapping[str, Any]) -> Keys:
    email, phone = attributes.get("email"), attributes.get("phone")
    return network.keys(
        email_of(email) if isinstance(email, str) else None,
        phone_of(phone, region_of(attributes)) if isinstance(phone, str) else None,
    )


def _judge(work: _Work, one: Pending, keys: Keys, *, agrees: bool) -> None:
    """Whoever does not agree is not told of, and is taken out where she is in; nobody is taken out who never was in."""
    comes = one.is_in and agrees and bool(keys)
    if one.told_as and (not comes or one.told_as != keys):
        work.out.append(one.told_as)
    if comes:
        work.into.append((one, keys))
    elif not one.is_in:
        work.settled.append(Settled(one, TOLD))
    elif not agrees:
        work.settled.append(Settled(one, WITHHELD))
    else:
        work.settled.append(Settled(one, FAILED, failure=UNKNOWN))
