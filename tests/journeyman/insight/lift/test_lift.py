"""O7: lift out of runs and conversions, on both databases, in a shop of which the truth is known."""

import random
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from journeyman.insight.lift.lift import Lift, Lifting
from journeyman.journeys.tables import Conversion, Journey, Run
from journeyman.kit.clock import FixedClock
from journeyman.kit.database import Database
from journeyman.kit.errors import NotFoundError
from tests.builders import NOON

DAY = timedelta(days=1)
CAME = NOON - 60 * DAY


def run(customer: str, held: str | None, at: datetime = CAME, journey: str = "cart") -> dict[str, Any]:
    known = {"id": f"{journey}_{customer}_{at:%j%H}", "journey_key": journey, "version": 1, "definition_hash": "h"}
    place = {"correlation": "", "workflow_id": "w", "state": "ended", "outcome": "completed", "entered_seq": 1}
    times = {"entered_at": at, "arrived_at": at, "ended_at": at, "entry": {}, "visit": 0}
    return {**known, **place, **times, "customer_id": customer, "context": {"held_out": held} if held else {}}


def order(customer: str, at: datetime, value: float, **parts: Any) -> dict[str, Any]:
    known = {"run_id": f"r_{customer}_{at.isoformat()}", "goal": "order", "journey_key": "cart", "version": 1}
    return {**known, "customer_id": customer, "message_id": f"m{at}", "at": at, "value": value, "credited": [], **parts}


async def shop(database: Database, runs: list[dict[str, Any]], orders: list[dict[str, Any]]) -> Lifting:
    keys = sorted({one["journey_key"] for one in runs} | {"cart"})
    journeys: list[dict[str, Any]] = [
        {"key": key, "name": key, "state": "live", "draft": {}, "updated_at": NOON} for key in keys
    ]
    async with database.transaction() as connection:
        await connection.execute(insert(Journey), journeys)
        await connection.execute(insert(Run), runs)
        if orders:
            await connection.execute(insert(Conversion), orders)
    return Lifting(database, FixedClock(NOON))


def numbers(found: Lift) -> tuple[int, int, int, int]:
    return found.sent.customers, found.sent.converted, found.held_out.customers, found.held_out.converted


async def test_o7_what_is_planted_is_found_with_its_bounds(database: Database) -> None:
    chance = random.Random("planted")
    runs, orders = [], []
    for place in range(2400):
        held = "journey" if place % 3 == 0 else None
        runs.append(run(f"c{place}", held))
        habit = chance.expovariate(1 / 40)
        if chance.random() < 0.5:
            orders.append(order(f"c{place}", CAME - 5 * DAY, habit))
        if chance.random() < (0.2 if held else 0.3):
            orders.append(order(f"c{place}", CAME + 5 * DAY, habit))
    found = await (await shop(database, runs, orders)).of("cart", 30, 180)
    assert found.sent.customers == 1600
    assert found.held_out.customers == 800
    assert found.conversion is not None
    assert found.conversion.is_certain
    assert found.conversion.low < 0.1 < found.conversion.high
    assert found.revenue is not None
    assert found.revenue.low < 4.0 < found.revenue.high
    assert found.cap is not None
    assert found.since == CAME


async def test_o7_only_what_falls_into_a_customers_time_counts_and_once(database: Database) -> None:
    runs = [run("a", None), run("a", None, CAME + 3 * DAY), run("b", "workspace"), run("young", None, NOON - DAY)]
    orders = [
        order("a", CAME + DAY, 10.0),
        order("a", CAME + DAY, 10.0, goal="other"),
        order("a", CAME + 31 * DAY, 99.0),
        order("a", CAME - 31 * DAY, 99.0),
        order("b", CAME + 30 * DAY, 4.0),
        order("b", CAME + DAY, 99.0, journey_key="elsewhere"),
    ]
    found = await (await shop(database, runs, orders)).of("cart", 30, 180)
    assert numbers(found) == (1, 1, 1, 1)
    assert (found.sent.revenue, found.held_out.revenue) == (10.0, 4.0)
    assert found.conversion is None
    assert found.words.startswith("not enough data: needs 100 customers who were held out")


async def test_o7_who_came_before_anybody_was_held_out_is_compared_with_nobody(database: Database) -> None:
    runs = [run("early", None, CAME - DAY), run("a", None), run("b", "journey")]
    assert numbers(await (await shop(database, runs, [])).of("cart", 30, 180)) == (1, 0, 1, 0)


async def test_o7_whom_a_split_held_out_later_is_no_one_of_those_who_were_sent_nothing(database: Database) -> None:
    runs = [run("a", "journey"), run("b", "a-split"), run("c", None)]
    assert numbers(await (await shop(database, runs, [])).of("cart", 30, 180)) == (2, 0, 1, 0)


async def test_o7_all_marketing_together_leaves_out_journeys_that_hold_nobody_out(database: Database) -> None:
    runs = [
        run("a", None),
        run("b", "workspace"),
        run("own", "journey"),
        run("b", None, journey="receipt"),
        run("c", None, journey="receipt"),
    ]
    orders = [order("b", CAME + DAY, 7.0, journey_key="receipt"), order("own", CAME + DAY, 2.0)]
    lifting = await shop(database, runs, orders)
    found = await lifting.of_all(30, 180)
    assert numbers(found) == (2, 1, 1, 1)
    assert found.sent.revenue == pytest.approx(1.0)
    assert numbers(await lifting.of("cart", 30, 180)) == (1, 0, 2, 1)


async def test_o7_a_journey_that_is_not_there_has_no_lift(database: Database) -> None:
    with pytest.raises(NotFoundError):
        await (await shop(database, [run("a", None)], [])).of("none", 30, 180)
