"""`throttle`: so many in each period, exactly, whoever asks at the same time."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from journeyman.journeys.throttling.repository import Rule, give_back, reserve
from journeyman.journeys.throttling.tables import ThrottlePlace
from tests.builders import NOON, incoming, journey
from tests.journeyman.journeys.steps.visits import END, come, enter, lines
from tests.world import World

STEP: dict[str, Any] = {"id": "door", "throttle": {"max": 2, "per": "1h"}}
RULE = Rule("cart/door/3600", 10, 3600)


async def waiting(here: World) -> dict[str, Any]:
    return {run.customer_id: run.until for run in await here.shop.runs() if run.state == "live"}


async def test_the_first_go_on_at_once_and_the_rest_in_their_own_periods(here: World) -> None:
    await enter(here, STEP, END, user="c0")
    for number in range(1, 6):
        await come(here, f"c{number}")
    runs = await here.shop.runs()
    assert Counter(run.outcome for run in runs) == {"over": 2, None: 4}
    dues = sorted(run.until - NOON for run in runs if run.until is not None)
    assert dues == [timedelta(minutes=minutes) for minutes in (60, 90, 120, 150)]
    await here.pass_time(hours=1)
    assert len(await waiting(here)) == 3
    await here.pass_time(hours=2)
    assert await waiting(here) == {}


async def test_the_journal_tells_the_period_and_the_place(here: World) -> None:
    await enter(here, {**STEP, "throttle": {"max": 1, "per": "1h"}}, END)
    await come(here, "bob")
    await here.pass_time(hours=1)
    through, arrived, later = await lines(here, "door")
    assert (through.kind, through.code, through.data["place"]) == ("left", "let_through", 1)
    assert (arrived.kind, arrived.data["max"]) == ("arrived", 1)
    assert (later.code, later.at) == ("let_through", NOON + timedelta(hours=1))


async def test_who_leaves_early_gives_the_place_to_another(here: World) -> None:
    exits = [{"on": "event", "event": "Order Completed"}]
    await enter(here, {**STEP, "throttle": {"max": 1, "per": "1h"}}, END, parts={"exit": exits})
    await come(here, "bob")
    await come(here, "cat")
    before = await waiting(here)
    await here.shop.accept(incoming("Order Completed", "bob", at=here.clock.at))
    await come(here, "dan")
    after = await waiting(here)
    bob = next(one for one in before if one not in after)
    dan = next(one for one in after if one not in before)
    assert before[bob] == after[dan] == NOON + timedelta(hours=1)


async def test_restarted_and_merged_runs_give_their_places_back_as_well(here: World) -> None:
    entry = {"on": "event", "event": "Product Added", "while_live": "restart"}
    await enter(here, {**STEP, "throttle": {"max": 1, "per": "1h"}}, END, parts={"entry": entry})
    await come(here, "bob")
    await come(here, "bob")
    assert list((await waiting(here)).values()) == [NOON + timedelta(hours=1)]


async def test_journeys_and_steps_have_throttles_of_their_own(here: World) -> None:
    one = {**STEP, "throttle": {"max": 1, "per": "1h"}}
    await here.shop.publish(journey("other", steps=[one, END]))
    await enter(here, one, {**one, "id": "second"}, END)
    assert [run.outcome for run in await here.shop.runs()] == ["over", "over"]


async def ask(here: World, run_id: str, now: int, rule: Rule = RULE) -> tuple[int, int]:
    async with here.database.transaction() as connection:
        place = await reserve(connection, rule, run_id, now)
    return place.period, place.place


@pytest.mark.parametrize("most", [1, 10, 25])
async def test_of_a_hundred_at_once_exactly_so_many_get_a_place_in_each_period(here: World, most: int) -> None:
    rule = Rule("crowd", most, 60)
    found = await asyncio.gather(*(ask(here, f"run_{number}", 6_000, rule) for number in range(100)))
    assert len(set(found)) == 100
    periods = Counter(period for period, _ in found)
    assert [periods[period] for period in sorted(periods)] == [most] * (100 // most)
    assert sorted(periods) == [6_000 + 60 * number for number in range(100 // most)]
    assert all(0 <= place < most for _, place in found)


async def test_a_place_is_given_back_once_and_never_one_that_was_used(here: World) -> None:
    rule = Rule("small", 1, 60)
    assert await ask(here, "run_a", 60, rule) == (60, 0)
    assert await ask(here, "run_b", 60, rule) == (120, 0)
    async with here.database.transaction() as connection:
        await give_back(connection, ["run_a", "run_b"], 61)
    found = await asyncio.gather(*(ask(here, f"run_{name}", 62, rule) for name in "cde"))
    assert sorted(found) == [(120, 0), (180, 0), (240, 0)]


async def test_what_is_past_is_forgotten(here: World) -> None:
    rule = Rule("small", 1, 60)
    for minute in range(1, 5):
        assert await ask(here, f"run_{minute}", minute * 60, rule) == (minute * 60, 0)
    async with here.database.reading() as connection:
        kept = (await connection.execute(select(func.count()).select_from(ThrottlePlace))).scalar_one()
    assert kept == 1
