"""Scores as teams use them: defined, listed, shown for one customer, and as a list of whom to call today."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers import repository as customers
from journeyman.customers.scoring import repository
from journeyman.customers.scoring.definition import ScoreModel, read_model
from journeyman.customers.scoring.ranking import Ranked
from journeyman.customers.scoring.rfm import Rfm, rfm_of
from journeyman.customers.scoring.scores import Score, empty, read_state, value
from journeyman.customers.scoring.shelf import ScoreShelf
from journeyman.customers.scoring.tally import Kept
from journeyman.customers.scoring.top import Wanted, best
from journeyman.customers.segments.again import judge_again
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.errors import Fault, InvalidError, NotFoundError

BEGINNING = ""
"""Before every customer's id."""


@dataclass(frozen=True, slots=True)
class TopList:
    """The best at an instant, out of `of` customers of whom anything is known for the score."""

    kept: Kept
    of: int
    as_of: datetime
    best: list[Ranked]


@dataclass(frozen=True, slots=True)
class CustomerScores:
    """One customer's scores at an instant; `rfm` is None where she has not ordered, or there are no cut points yet."""

    customer_id: str
    as_of: datetime
    scores: list[tuple[Kept, Score]]
    rfm: Rfm | None


class Scoring:
    """Keeps definitions and reads scores. A change of what is counted has every customer counted anew."""

    def __init__(self, database: Database, clock: Clock, shelf: ScoreShelf) -> None:
        self.database = database
        self.clock = clock
        self.shelf = shelf

    async def list(self) -> "list[Kept]":
        """Every score, by key."""
        async with self.database.reading() as connection:
            return await self.shelf.kept(connection)

    async def get(self, key: str) -> Kept:
        """One score. Raises `NotFoundError`."""
        return _chosen(await self.list(), key)

    async def save(self, key: str, document: object) -> Kept:
        """Keep a score from now on. Raises `InvalidError` with a fault for everything that is wrong.

        Where what is counted is new, intake counts by it from the next event on, and everybody's past is counted anew.
        """
        model = read_model({"score": key, **document} if isinstance(document, Mapping) else document)
        if model.key != key:
            fault = Fault("/score", f"the document is of the score `{model.key}`", f"Write `{key}`, or leave it out")
            raise InvalidError("the score cannot be used", [fault])
        now = self.clock.now()
        async with self.database.transaction() as connection:
            before = await repository.model(connection, key, lock=True)
            same = before is not None and before.basis == model.basis
            rebuilt_to = before.rebuilt_to if before is not None and same else BEGINNING
            await repository.save_model(connection, model, rebuilt_to, now)
            await judge_again(connection, lambda needs: key in needs.scores)
        return Kept(model, rebuilt_to is not None, now)

    async def drop(self, key: str) -> None:
        """Forget a score. Raises `NotFoundError`."""
        async with self.database.transaction() as connection:
            if not await repository.drop_model(connection, key):
                raise NotFoundError(f"there is no score `{key}`")
            await judge_again(connection, lambda needs: key in needs.scores)

    async def top(self, key: str, n: int, category: str | None = None, segment: str | None = None) -> TopList:
        """The best n at this moment, of everybody or of a segment.

        Raises `NotFoundError` for the score and the segment, `InvalidError` for a category that the score has not.
        """
        now = self.clock.now()
        async with self.database.reading() as connection:
            kept = _chosen(await self.shelf.kept(connection), key)
            _must_have(kept.model, category)
            among = await _among(connection, segment)
            found = await best(connection, Wanted(kept.model, now, category, among), n)
            return TopList(kept, await repository.count(connection, key, among), now, found.ranked)

    async def of_customer(self, customer: str) -> CustomerScores:
        """The scores and RFM of the customer whom any of her ids names. Raises `NotFoundError`."""
        now = self.clock.now()
        async with self.database.reading() as connection:
            customer_id = await customers.resolve(connection, customer)
            if customer_id is None:
                raise NotFoundError(f"there is no customer `{customer}`")
            documents = (await repository.scores(connection, [customer_id])).get(customer_id, {})
            everything = await self.shelf.kept(connection)
            stored = await repository.rfm_cuts(connection)
            rfm = rfm_of(await repository.computed(connection, customer_id), stored.cuts, now) if stored else None
        return CustomerScores(customer_id, now, [(kept, _score(documents, kept, now)) for kept in everything], rfm)


async def _among(connection: AsyncConnection, segment: str | None) -> repository.Among | None:
    if segment is None:
        return None
    if not await repository.has_segment(connection, segment):
        raise NotFoundError(f"there is no segment `{segment}`")
    return repository.in_segment(segment)


def _score(documents: Mapping[str, Any], kept: Kept, now: datetime) -> Score:
    state = read_state(documents.get(kept.key), kept.model) or empty(kept.model)
    return value(state, kept.model, now)


def _chosen(everything: list[Kept], key: str) -> Kept:
    for kept in everything:
        if kept.key == key:
            return kept
    raise NotFoundError(f"there is no score `{key}`")


def _must_have(model: ScoreModel, category: str | None) -> None:
    if category is not None and category not in model.categories:
        known = ", ".join(f"`{name}`" for name in model.categories)
        mend = f"Ask for one of: {known}" if known else "Leave it out: this score has no categories"
        raise InvalidError("there is no such category", [Fault("/query/category", f"no rule is of `{category}`", mend)])
