"""Whom to call today: the best n by a score at this moment, exactly, out of an index that time does not change."""

from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heappop, heappush
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers.scoring import repository
from journeyman.customers.scoring.definition import ScoreModel
from journeyman.customers.scoring.ranking import Key, Rank, Ranked, bound_key, value_of
from journeyman.customers.scoring.repository import Among
from journeyman.customers.scoring.scores import read_state, value

FEWEST: Final = 100
"""So many customers are read in one step at least."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: a score, in total or in a category, at an instant, of everybody or of some."""

    model: ScoreModel
    now: datetime
    category: str | None = None
    among: Among | None = None

    def bound(self, rank: Rank) -> Key:
        return bound_key(rank, self.model, self.category, self.now)


@dataclass(frozen=True, slots=True)
class Best:
    """The best, the very best first, and how many customers were reckoned to find them."""

    ranked: list[Ranked]
    reckoned: int


@dataclass(order=True, slots=True)
class _Found:
    """A customer with what orders her: ties of score go by rank, and then as the index has them."""

    key: Key
    place: int
    ranked: Ranked = field(compare=False)


class _Stretch:
    """The customers of one `held`, read from the index piece by piece."""

    def __init__(self, wanted: Wanted, held: float, size: int) -> None:
        self.wanted = wanted
        self.held = held
        self.size = size
        self.read = 0
        self.page: Sequence[tuple[str, Rank]] = ()

    @property
    def bound(self) -> Key:
        """Nobody of the present page or behind it comes before this."""
        return self.wanted.bound(self.page[0][1])

    async def turn(self, connection: AsyncConnection) -> bool:
        """Read the next page; whether there is one."""
        after = (self.page[-1][1].rank, self.page[-1][0]) if self.page else None
        self.read += len(self.page)
        category, among = self.wanted.category or "", self.wanted.among
        key = self.wanted.model.key
        self.page = await repository.page_of_ranks(connection, key, category, self.held, after, self.size, among)
        return bool(self.page)

    async def reckon(self, connection: AsyncConnection) -> list[_Found]:
        """The present page with exact scores, those above nothing."""
        wanted = self.wanted
        ids = [customer_id for customer_id, _ in self.page]
        documents = await repository.scores(connection, ids)
        found = []
        for place, (customer_id, rank) in enumerate(self.page, start=self.read):
            state = read_state(documents.get(customer_id, {}).get(wanted.model.key), wanted.model)
            if state is None:
                continue
            score = value(state, wanted.model, wanted.now)
            height = value_of(score, wanted.category)
            if height > 0:
                found.append(_Found((-height, rank.rank, -rank.held), place, Ranked(customer_id, height, score)))
        return found


async def best(connection: AsyncConnection, wanted: Wanted, n: int) -> Best:
    """The best n; those without a score above nothing are not among them.

    Read are the customers whose bounds reach the worst of the best n. That is about n where rules have no caps; where a
    cap holds back many, it is those many, unless every rule that gives points has one.
    """
    waiting: list[tuple[Key, float, _Stretch]] = []
    for held in await repository.heights(connection, wanted.model.key, wanted.category or ""):
        await _wait(connection, waiting, _Stretch(wanted, held, max(n, FEWEST)))
    found: list[_Found] = []
    reckoned = 0
    while waiting:
        bound, _, stretch = heappop(waiting)
        if len(found) >= n and bound >= found[n - 1].key:
            break
        for one in await stretch.reckon(connection):
            insort(found, one)
        reckoned += len(stretch.page)
        await _wait(connection, waiting, stretch)
    return Best([one.ranked for one in found[:n]], reckoned)


async def _wait(connection: AsyncConnection, waiting: list[tuple[Key, float, _Stretch]], stretch: _Stretch) -> None:
    if await stretch.turn(connection):
        heappush(waiting, (stretch.bound, stretch.held, stretch))
