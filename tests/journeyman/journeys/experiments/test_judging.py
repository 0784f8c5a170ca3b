"""Figures by SQL, decisions in the database, and what publishing again means; on both databases."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from journeyman.channels.ledger.messages import Message
from journeyman.channels.tables import Message as MessageRow
from journeyman.customers.tables import Event
from journeyman.journeys.experiments import repository
from journeyman.journeys.experiments.assignment import Experiment
from journeyman.journeys.experiments.judging import Judging, Shown
from journeyman.journeys.experiments.repository import ArmCount, Window
from journeyman.journeys.experiments.tables import SplitAssignment
from journeyman.journeys.tables import Conversion
from journeyman.kit.errors import ConflictError, InvalidError, NotFoundError
from journeyman.language.steps.split import EventMetric, Metric
from tests.builders import NOON, incoming
from tests.journeyman.journeys.experiments.documents import ARMS, experiment
from tests.world import World, world

DAY = timedelta(days=1)
RULE = {"metric": "order", "after": "3d", "minimum": 100}
Rows = Sequence[dict[str, Any]]


@pytest.fixture
async def shop(database_url: str) -> AsyncIterator[World]:
    async with world(database_url) as opened:
        yield opened


async def write(shop: World, table: Any, rows: Rows) -> None:
    async with shop.database.transaction() as connection:
        await connection.execute(insert(table), list(rows))


async def only(shop: World) -> Experiment:
    async with shop.database.reading() as connection:
        (found,) = await repository.of_journey(connection, "cart")
    return found


def given(one: Experiment, customer: str, arm: str, at: datetime = NOON, run: str | None = None) -> dict[str, Any]:
    names = {"experiment_id": one.id, "run_id": run or f"run_{customer}", "customer_id": customer, "arm": arm}
    return {**names, "how": "drawn", "propensity": 0.5, "phase": one.phase, "at": at}


def order(customer: str, at: datetime, value: float = 10.0, **parts: Any) -> dict[str, Any]:
    names = {"run_id": f"run_{customer}", "goal": "order", "journey_key": "cart", "version": 1, "customer_id": customer}
    return {**names, "message_id": f"m_{customer}_{at}", "at": at, "value": value, "credited": [], **parts}


async def counted(shop: World, one: Experiment, metric: Metric, now: datetime) -> dict[str, tuple[int, int, int]]:
    async with shop.database.reading() as connection:
        found: list[ArmCount] = await repository.counts(connection, Window(one, 3 * DAY, now), metric)
    return {arm.arm: (arm.customers, arm.matured, arm.converted) for arm in found}


async def test_o6_the_window_begins_at_the_split_and_is_the_same_for_all(shop: World) -> None:
    await shop.shop.publish(experiment())
    one = await only(shop)
    people = ["before", "at-once", "soon", "last", "late"]
    await write(shop, SplitAssignment, [given(one, person, "a", NOON + DAY) for person in people])
    split = NOON + DAY
    times = [split - timedelta(seconds=1), split, split + timedelta(seconds=1), split + 3 * DAY]
    times.append(split + 3 * DAY + timedelta(seconds=1))
    await write(shop, Conversion, [order(*pair) for pair in zip(people, times, strict=True)])
    assert await counted(shop, one, "order", NOON + 9 * DAY) == {"a": (5, 5, 2)}


async def test_o4_who_still_has_time_does_not_count(shop: World) -> None:
    await shop.shop.publish(experiment())
    one = await only(shop)
    rows = [given(one, f"p{number}", "a", NOON + number * DAY) for number in range(6)]
    await write(shop, SplitAssignment, rows)
    await write(
        shop, Conversion, [order(f"p{number}", NOON + number * DAY + timedelta(hours=1)) for number in range(6)]
    )
    assert await counted(shop, one, "order", NOON + 5 * DAY) == {"a": (6, 3, 3)}


async def test_o4_a_customer_counts_once_however_often_she_comes_and_buys(shop: World) -> None:
    await shop.shop.publish(experiment(entry={"on": "event", "event": "X", "reentry": "always"}))
    one = await only(shop)
    twice = [given(one, "ann", "a", run="r1"), given(one, "ann", "b", NOON + DAY, run="r2")]
    await write(shop, SplitAssignment, [*twice, {**given(one, "bob", "b"), "how": "winner"}])
    orders = [order("ann", NOON + DAY / 2, run_id="r1"), order("ann", NOON + DAY * 2, run_id="r2")]
    await write(shop, Conversion, orders)
    assert await counted(shop, one, "order", NOON + 9 * DAY) == {"a": (1, 1, 1)}
    async with shop.database.reading() as connection:
        assert await repository.amounts(connection, Window(one, 3 * DAY, NOON + 9 * DAY)) == [("a", 20.0)]


async def test_an_order_that_reaches_two_goals_is_worth_what_it_is_once(shop: World) -> None:
    await shop.shop.publish(experiment())
    one = await only(shop)
    await write(shop, SplitAssignment, [given(one, "ann", "a")])
    rows = [order("ann", NOON + DAY, message_id="m1"), order("ann", NOON + DAY, message_id="m1", goal="big")]
    await write(shop, Conversion, rows)
    async with shop.database.reading() as connection:
        assert await repository.amounts(connection, Window(one, 3 * DAY, NOON + 9 * DAY)) == [("a", 10.0)]
    assert await counted(shop, one, "conversion", NOON + 9 * DAY) == {"a": (1, 1, 1)}
    assert await counted(shop, one, "big", NOON + 9 * DAY) == {"a": (1, 1, 1)}


def event(seq: int, customer: str, at: datetime) -> dict[str, Any]:
    names = {"seq": seq, "message_id": f"e{seq}", "customer_id": customer, "type": "track", "name": "Page Viewed"}
    return {**names, "event_time": at, "received_at": at, "properties": {}, "context": {}}


def message(customer: str, opened: datetime | None, clicked: datetime | None) -> dict[str, Any]:
    keys: dict[str, Any] = {
        "run_id": f"run_{customer}",
        "step": "mail",
        "visit": 2,
        "journey_key": "cart",
        "version": 1,
    }
    sent = Message(
        f"msg_{customer}", customer_id=customer, channel="email", topic="t", template_key="t", state="sent",
        reserved_at=NOON, opened_at=opened, clicked_at=clicked, **keys,
    )  # fmt: skip
    return sent.to_row()


async def test_o4_the_metric_may_be_any_event_an_open_or_a_click(shop: World) -> None:
    await shop.shop.publish(experiment())
    one = await only(shop)
    await write(shop, SplitAssignment, [given(one, "ann", "a"), given(one, "bob", "b"), given(one, "eve", "b")])
    await write(
        shop, Event, [event(9001, "ann", NOON + DAY), event(9002, "ann", NOON + DAY), event(9003, "bob", NOON - DAY)]
    )
    await write(shop, MessageRow, [message("ann", NOON + DAY, None), message("bob", NOON + DAY, NOON + 2 * DAY)])
    now = NOON + 9 * DAY
    assert await counted(shop, one, EventMetric(event="Page Viewed"), now) == {"a": (1, 1, 1), "b": (2, 2, 0)}
    assert await counted(shop, one, "open", now) == {"a": (1, 1, 1), "b": (2, 2, 1)}
    assert await counted(shop, one, "click", now) == {"a": (1, 1, 0), "b": (2, 2, 1)}


async def crowd(shop: World, one: Experiment, start: datetime, *, a: int, b: int, each: int = 600) -> None:
    """Customers of both arms over ten days, of whom so many bought."""
    rows, orders = [], []
    for arm, bought in (("a", a), ("b", b)):
        for number in range(each):
            customer, at = f"{arm}{number}-{start:%m%d}", start + timedelta(minutes=24 * number)
            rows.append(given(one, customer, arm, at))
            if number < bought:
                orders.append(order(customer, at + DAY))
    await write(shop, SplitAssignment, rows)
    await write(shop, Conversion, orders)


async def judged(shop: World, days: float) -> Shown:
    shop.clock.at = NOON + days * DAY
    judging = Judging(shop.database, shop.clock)
    await judging.look("cart", "offer")
    return (await judging.of("cart"))[0]


async def test_o4_the_decision_keeps_all_that_was_read_and_everybody_goes_there(shop: World) -> None:
    await shop.shop.publish(experiment(split={"winner": RULE}))
    await crowd(shop, await only(shop), NOON, a=60, b=130)
    assert (await judged(shop, 9)).experiment.state == "running"
    found = (await judged(shop, 14)).experiment
    assert (found.state, found.winner) == ("decided", "b")
    (decision,) = found.decisions
    assert (decision["arm"], decision["by"], decision["at"]) == ("b", "won", (NOON + 14 * DAY).isoformat())
    read = {one["arm"]: (one["matured"], one["converted"]) for one in decision["read"]["arms"]}
    assert read == {"a": (600, 60), "b": (600, 130)}
    await shop.shop.accept(*(incoming("Product Added", f"new{n}", at=shop.clock.at) for n in range(9)))
    await shop.settle()
    assert {run.step for run in await shop.shop.runs()} == {"pause"}
    new = [entry.data for entry in await shop.shop.journal() if entry.code == "split"]
    assert {(data["arm"], data["how"]) for data in new} == {("b", "winner")}
    look = await Judging(shop.database, shop.clock).look("cart", "offer")
    assert look.again_at is None


async def test_o5_the_winner_may_turn(shop: World) -> None:
    await shop.shop.publish(experiment(split={"winner": {**RULE, "explore": 0.2}}))
    await crowd(shop, await only(shop), NOON, a=60, b=130)
    assert (await judged(shop, 14)).experiment.winner == "b"
    await crowd(shop, await only(shop), NOON + 15 * DAY, a=130, b=60)
    found = (await judged(shop, 29)).experiment
    assert found.winner == "a"
    assert [one["arm"] for one in found.decisions] == ["b", "a"]


async def test_o8_other_weights_are_another_phase_and_another_step_is_nothing(shop: World) -> None:
    document = experiment(split={"winner": RULE})
    await shop.shop.publish(document)
    first = await only(shop)
    document["steps"][1] = {"id": "pause", "wait": {"for": "2h"}}
    shop.clock.at += DAY
    await shop.shop.publish(document)
    assert await only(shop) == first
    weights = [ARMS[0], {"key": "b", "weight": 3}]
    await shop.shop.publish(experiment(arms=weights, split={"winner": RULE}))
    changed = await only(shop)
    assert (changed.id, changed.phase, changed.since) == (first.id, 2, NOON + DAY)


async def test_an_experiment_ends_with_its_split_and_goes_on_with_it(shop: World) -> None:
    document = experiment(split={"winner": RULE})
    await shop.shop.publish(document)
    await shop.shop.stop("cart")
    assert (await only(shop)).state == "ended"
    with pytest.raises(NotFoundError):
        await Judging(shop.database, shop.clock).decide("cart", "offer", "a", "test")
    await shop.shop.publish(document)
    assert (await only(shop)).state == "running"
    told = [payload for kind, payload in await shop.shop.outbox() if kind == "experiment"]
    assert told == [{"journey": "cart", "step": "offer"}] * 3


async def test_somebody_may_decide_by_hand(shop: World) -> None:
    await shop.shop.publish(experiment())
    judging = Judging(shop.database, shop.clock)
    with pytest.raises(InvalidError):
        await judging.decide("cart", "offer", "z", "test")
    found = await judging.decide("cart", "offer", "a", "key_1")
    assert (found.experiment.state, found.experiment.winner) == ("decided", "a")
    assert found.experiment.decisions[-1]["by"] == "key_1"
    with pytest.raises(ConflictError):
        await judging.decide("cart", "offer", "a", "key_1")


async def test_a_bandit_leads_to_what_does_well(shop: World) -> None:
    await shop.shop.publish(experiment(split={"bandit": {"metric": "order", "after": "3d", "explore": 0.1}}))
    await crowd(shop, await only(shop), NOON, a=60, b=130)
    found = await judged(shop, 14)
    assert found.experiment.shares is not None
    assert found.experiment.shares["b"] > 0.9
    await shop.shop.accept(*(incoming("Product Added", f"new{n}", at=shop.clock.at) for n in range(20)))
    await shop.settle()
    new = [entry.data for entry in await shop.shop.journal() if entry.code == "split"]
    assert sum(data["arm"] == "b" for data in new) >= 14
    assert {data["propensity"] for data in new} <= {round(share, 6) for share in found.experiment.shares.values()}
