"""The workspace's cut points of RFM: quintiles of its customers, made anew each night, or its own."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from journeyman.customers.scoring import repository
from journeyman.customers.scoring.repository import StoredCuts
from journeyman.customers.scoring.rfm import GROUPS, Cuts, Group, compute_cuts, distribution
from journeyman.customers.segments.again import judge_again
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.errors import ConflictError, Fault, InvalidError, NotFoundError

MEASURES: Final = ("recency", "frequency", "monetary")
AGAIN: Final = timedelta(hours=24)
"""Quintiles that are older are made anew by `RfmScoring.refresh`."""


@dataclass(frozen=True, slots=True)
class Standings:
    """The cut points in use, and how many customers had which scores, and were in which group, at that time."""

    stored: StoredCuts

    @property
    def customers(self) -> int:
        return sum(self.stored.cells.values())

    @property
    def groups(self) -> Mapping[Group, int]:
        """Customers by group, every group named."""
        found: Counter[Group] = Counter(dict.fromkeys(GROUPS, 0))
        for scores, number in self.stored.cells.items():
            found[scores.group] += number
        return found


class RfmScoring:
    """Makes and keeps cut points."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock
        self._next_try: datetime | None = None

    async def read(self) -> Standings:
        """The cut points in use. Raises `NotFoundError` where there are none yet."""
        async with self.database.reading() as connection:
            stored = await repository.rfm_cuts(connection)
        if stored is None:
            raise NotFoundError("there are no cut points yet: compute them, or set your own")
        return Standings(stored)

    async def compute(self) -> Standings:
        """Make the quintiles of this moment's customers the cut points; own ones are given up for them.

        Raises `ConflictError` where nobody has ordered.
        """
        return await self._keep(None)

    async def set_own(self, cuts: Cuts) -> Standings:
        """Let these be the cut points until others are set or computed. Raises `InvalidError`."""
        faults = [fault for measure in MEASURES for fault in _faults(measure, getattr(cuts, measure))]
        if faults:
            raise InvalidError("the cut points cannot be used", faults)
        return await self._keep(cuts)

    async def refresh(self) -> bool:
        """Make the quintiles anew where they are a day old or there are none; whether it was done.

        Own cut points stay, and who has which scores by them is counted anew. Looks once an hour at most: where nobody
        has ordered yet there is nothing to make them from.
        """
        now = self.clock.now()
        if self._next_try is not None and now < self._next_try:
            return False
        self._next_try = now + timedelta(hours=1)
        async with self.database.reading() as connection:
            stored = await repository.rfm_cuts(connection)
        if stored is not None and self.clock.now() - stored.computed_at < AGAIN:
            return False
        try:
            await self._keep(stored.cuts if stored is not None and stored.own else None)
        except ConflictError:
            return False
        return True

    async def _keep(self, own: Cuts | None) -> Standings:
        now = self.clock.now()
        async with self.database.reading() as connection:
            population = await repository.buyers(connection)
        cuts = own or compute_cuts(population, now)
        if cuts is None:
            raise ConflictError("nobody has ordered yet, so that there are no quintiles; set your own cut points")
        stored = StoredCuts(cuts, own is not None, distribution(population, cuts, now), now)
        async with self.database.transaction() as connection:
            await repository.save_cuts(connection, stored)
            await judge_again(connection, lambda needs: needs.rfm)
        return Standings(stored)


def _faults(measure: str, points: Sequence[float]) -> list[Fault]:
    if any(low > high for low, high in pairwise(points)):
        return [Fault(f"/{measure}", "these do not ascend", "Write four numbers, none below the one before")]
    if measure == "recency" and points[0] < 0:
        return [Fault(f"/{measure}/0", "days since an order are not below 0", "Write 0 or more")]
    return []
