"""The best n out of the index are the best n of everybody, reckoned one by one, at any time."""

import random
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers.scoring import repository
from journeyman.customers.scoring.definition import ScoreModel, read_model
from journeyman.customers.scoring.ranking import bound, rank_of, value_of
from journeyman.customers.scoring.repository import customer_column
from journeyman.customers.scoring.scores import State, add_all, empty, judge, value
from journeyman.customers.scoring.tally import Change
from journeyman.customers.scoring.top import Wanted, best
from journeyman.customers.tables import Customer
from journeyman.kit.database import Database
from journeyman.language.facts import EventFact, Facts
from tests.journeyman.customers.scoring.strategies import NOON, histories, models

DAY = timedelta(days=1)
SPANS = (0 * DAY, 2 * timedelta(hours=1), 10 * DAY, 400 * DAY)


class UndoneError(Exception):
    """Ends a transaction that shall leave nothing behind."""


async def store(connection: AsyncConnection, model: ScoreModel, states: dict[str, State]) -> None:
    rows = [
        {"id": key, "attributes": {}, "scores": {model.key: state.document()}, "created_at": NOON, "updated_at": NOON}
        for key, state in states.items()
    ]
    await connection.execute(insert(Customer), rows)
    await repository.save_ranks(connection, [Change(key, model, state) for key, state in states.items()])


def by_force(
    model: ScoreModel, states: dict[str, State], now: datetime, category: str | None
) -> list[tuple[float, float, float, str]]:
    """Everybody's score, one by one, and in which order."""
    found = []
    for key, state in states.items():
        height, rank = value_of(value(state, model, now), category), rank_of(state, model, category)
        found.append((-height, rank.rank, -rank.held, key))
    return sorted(one for one in found if one[0] < 0)


people = st.lists(st.tuples(histories, st.integers(0, 4)), min_size=1, max_size=30)


@settings(
    max_examples=60,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(models, people, st.integers(1, 8))
async def test_the_best_by_the_index_are_the_best_by_force(
    database: Database, model: ScoreModel, everybody: list[tuple[list[EventFact], int]], n: int
) -> None:
    states = {
        f"c{number:03}": judge(add_all(empty(model), past, model), model, Facts(NOON, {"tier": tier}))
        for number, (past, tier) in enumerate(everybody)
    }
    with suppress(UndoneError):
        async with database.transaction() as connection:
            await store(connection, model, states)
            for span in SPANS:
                for category in (None, *model.categories):
                    wanted = Wanted(model, NOON + span, category)
                    found = (await best(connection, wanted, n)).ranked
                    expected = by_force(model, states, NOON + span, category)[:n]
                    assert [(one.customer_id, one.value) for one in found] == [(one[3], -one[0]) for one in expected]
            raise UndoneError


@given(models, histories, st.integers(0, 4), st.sampled_from(SPANS))
def test_nobody_has_more_than_her_bound(model: ScoreModel, past: list[EventFact], tier: int, span: timedelta) -> None:
    state = judge(add_all(empty(model), past, model), model, Facts(NOON, {"tier": tier}))
    for category in (None, *model.categories):
        score = value(state, model, NOON + span)
        total = score.total if category is None else score.by_category[category]
        assert total <= bound(rank_of(state, model, category), model, category, NOON + span) + 1e-9


def crowd(model: ScoreModel, size: int) -> dict[str, State]:
    dice = random.Random(7)
    return {
        f"c{number:05}": judge(
            add_all(
                empty(model),
                [EventFact("Viewed", NOON - dice.random() * 90 * DAY, 0, {}) for _ in range(dice.randrange(12))],
                model,
            ),
            model,
            Facts(NOON, {"tier": dice.randrange(2)}),
        )
        for number in range(size)
    }


CROWDED: dict[str, dict[str, Any]] = {
    "fading": {"rules": [{"event": "Viewed", "points": 2}], "half_life": "30d"},
    "lasting": {"rules": [{"event": "Viewed", "points": 2}]},
    "capped": {"rules": [{"event": "Viewed", "points": 2, "cap": 4}], "half_life": "30d"},
    "held": {
        "rules": [{"event": "Viewed", "points": 2}, {"when": {"attribute": "tier", "gte": 1}, "points": 5}],
        "half_life": "30d",
    },
}


@pytest.mark.parametrize("kind", CROWDED)
async def test_a_list_of_a_crowd_reckons_about_as_many_as_it_names(database: Database, kind: str) -> None:
    model = read_model({"score": "interest", **CROWDED[kind]})
    states = crowd(model, 3000)
    async with database.transaction() as connection:
        await store(connection, model, states)
    later = NOON + 10 * DAY
    async with database.reading() as connection:
        found = await best(connection, Wanted(model, later), 50)
        assert await repository.count(connection, model.key) == 3000
    assert [one.customer_id for one in found.ranked] == [one[3] for one in by_force(model, states, later, None)[:50]]
    assert found.reckoned <= 200


async def test_some_of_the_customers_may_be_asked_for(database: Database) -> None:
    model = read_model({"score": "interest", **CROWDED["fading"]})
    states = crowd(model, 300)
    async with database.transaction() as connection:
        await store(connection, model, states)
        among = customer_column.like("%7")
        found = (await best(connection, Wanted(model, NOON, None, among), 5)).ranked
        assert await repository.count(connection, model.key, among) == 30
    some = {key: state for key, state in states.items() if key.endswith("7")}
    assert [one.customer_id for one in found] == [one[3] for one in by_force(model, some, NOON, None)[:5]]


async def test_who_is_forgotten_or_has_no_state_any_more_is_on_no_list(database: Database) -> None:
    model = read_model({"score": "interest", **CROWDED["lasting"]})
    state = add_all(empty(model), [EventFact("Viewed", NOON, 0, {})], model)
    async with database.transaction() as connection:
        await repository.save_model(connection, model, None, NOON)
        await store(connection, model, {"ann": state, "bob": state, "cid": state})
        await repository.forget(connection, ["ann"])
        await repository.save_ranks(connection, [Change("bob", model, None)])
        found = await best(connection, Wanted(model, NOON), 5)
    assert [one.customer_id for one in found.ranked] == ["cid"]
