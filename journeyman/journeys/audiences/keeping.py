"""Telling ad networks what the journeys have changed: in batches, beside the journeys, again until it is taken."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from journeyman.customers import repository as customers
from journeyman.journeys.audiences import repository
from journeyman.journeys.audiences.ports import AudienceChange, AudienceError, AudienceSync
from journeyman.journeys.audiences.repository import FAILED, PENDING, TOLD, Pending
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database

BATCH = 500
ATTEMPTS = 20
"""Attempts at one change before it counts as failed."""


class AudienceKeeper:
    """The upkeep of audiences. `syncs` has the ad network of each audience that is set up."""

    def __init__(self, database: Database, clock: Clock, syncs: Mapping[str, AudienceSync]) -> None:
        self.database = database
        self.clock = clock
        self.syncs = syncs
        self._not_before: dict[str, datetime] = {}

    async def step(self) -> int:
        """Tell a batch of each audience; returns how many changes were told."""
        told = 0
        for audience, sync in self.syncs.items():
            if self._not_before.get(audience, self.clock.now()) <= self.clock.now():
                told += await self._tell(audience, sync)
        return told

    async def _tell(self, audience: str, sync: AudienceSync) -> int:
        async with self.database.reading() as connection:
            found = await repository.pending(connection, audience, BATCH)
            people = await customers.read_profiles(connection, [one.customer_id for one in found]) if found else []
        known = {person.id: person.attributes for person in people}
        changes = [AudienceChange(one.customer_id, one.is_in, known.get(one.customer_id, {})) for one in found]
        if not changes:
            return 0
        try:
            await sync.apply(audience, changes)
        except AudienceError as error:
            await self._failed(audience, found, error)
            return 0
        async with self.database.transaction() as connection:
            values = {"state": TOLD, "told_at": self.clock.now(), "failure": None}
            await repository.settle(connection, audience, found, values)
        return len(found)

    async def _failed(self, audience: str, found: Sequence[Pending], error: AudienceError) -> None:
        if error.retry_after is not None:
            self._not_before[audience] = self.clock.now() + error.retry_after
        async with self.database.transaction() as connection:
            for one in found:
                is_over = error.is_final or one.attempts + 1 >= ATTEMPTS
                state = FAILED if is_over else PENDING
                values = {"state": state, "attempts": one.attempts + 1, "failure": error.detail[:500]}
                await repository.settle(connection, audience, [one], values)
