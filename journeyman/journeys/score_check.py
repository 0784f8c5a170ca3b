"""Scores, held against what the stored events and what holds of a customer come to."""

from collections.abc import Sequence
from datetime import datetime
from math import isclose

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers import repository as customers
from journeyman.customers.identity import Person
from journeyman.customers.scoring import repository
from journeyman.customers.scoring.definition import ScoreModel
from journeyman.customers.scoring.scores import State, empty, read_state, shown, total_of
from journeyman.customers.scoring.shelf import ScoreShelf
from journeyman.journeys.rebuilding import Found
from journeyman.journeys.scoring import held_now, rescore

PREFIX = "score "
PRECISION = 1e-9
"""Points added up in another order may differ by so much, relative to them."""


class ScoreCheck:
    """The state of every customer for every score but those that are being counted anew."""

    def __init__(self) -> None:
        self.shelf = ScoreShelf()

    async def examine(self, connection: AsyncConnection, persons: Sequence[Person], now: datetime) -> list[Found]:
        found: list[Found] = []
        for kept in await self.shelf.kept(connection):
            if not kept.rebuilding:
                found += await self._of_one(connection, kept.model, persons, now)
        return found

    async def _of_one(
        self, connection: AsyncConnection, model: ScoreModel, persons: Sequence[Person], now: datetime
    ) -> list[Found]:
        held = await held_now(connection, model, persons, now)
        ids = [person.id for person in persons]
        right = await repository.rebuilt(connection, model, ids, held, now)
        # Whose time has come is not wrong, but about to be judged.
        due = await repository.due_among(connection, model.key, ids, now)
        found = []
        for person in persons:
            state, kept = right[person.id], read_state(person.scores.get(model.key), model) or empty(model)
            if _same(kept, state) or (person.id in due and kept.events == state.events):
                continue
            totals = [shown(total_of(one, model, now)) for one in (kept, state)]
            found.append(Found(person.id, f"{PREFIX}{model.key}", *totals))
        return found

    async def repair(self, connection: AsyncConnection, found: Sequence[Found], now: datetime) -> None:
        """Count these anew, and have segments judged that may hang on it."""
        models = {kept.key: kept.model for kept in await self.shelf.kept(connection)}
        for what in sorted({one.what for one in found}):
            ids = [one.customer_id for one in found if one.what == what]
            await rescore(connection, models[what.removeprefix(PREFIX)], ids, now)
        await customers.recheck(connection, sorted({one.customer_id for one in found}), now)


def _same(kept: State, right: State) -> bool:
    """What was last told of a customer is no matter of what she did, and not compared."""
    return (
        kept.held == right.held
        and kept.events.keys() == right.events.keys()
        and all(
            (one.at, one.count) == (right.events[place].at, right.events[place].count)
            and isclose(one.points, right.events[place].points, rel_tol=PRECISION, abs_tol=PRECISION)
            for place, one in kept.events.items()
        )
    )
