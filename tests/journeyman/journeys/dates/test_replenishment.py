"""P6: what a customer buys again and again runs out; reckoned here once more, by hand and by other means."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeyman.catalog import repository as catalog
from journeyman.catalog.products import Product
from journeyman.catalog.repository import Change
from journeyman.journeys.dates.replenishment import Purchase, purchases, runs_out
from journeyman.kit.database import Database
from journeyman.language.facts import EventFact
from tests.builders import NOON, incoming
from tests.journeyman.journeys.dates.test_date_entries import Calendar, minute

COFFEE = {"on": "date", "replenishment": {"product": "coffee", "lead": "3d"}}
DAY = timedelta(days=1)


def order(day: float, pieces: int = 1, name: str = "Order Completed", product: str = "coffee", **more: Any) -> Any:
    properties = {"order_id": f"o{day}", "products": [{"product_id": product, "quantity": pieces}], **more}
    return incoming(name, at=NOON + day * DAY, **properties)


def fact(day: float, pieces: int = 1, name: str = "Order Completed", **more: Any) -> EventFact:
    properties = {"order_id": f"o{day}", "products": [{"product_id": "coffee", "quantity": pieces}], **more}
    return EventFact(name, NOON + day * DAY, int(day * 10), properties)


def days(*bought: tuple[float, int], cycle: int | None = None) -> float | None:
    found = runs_out([Purchase(NOON + day * DAY, pieces) for day, pieces in bought], cycle)
    return found.days if found is not None else None


def test_p6_the_first_order_lasts_as_long_as_the_product_does() -> None:
    assert days((0, 1), cycle=30) == 30
    assert days((0, 3), cycle=30) == 90, "three pieces last three times as long"
    assert days((0, 1)) is None, "nobody knows"


def test_p6_the_customers_own_interval_counts_from_two_orders_on() -> None:
    assert days((0, 1), (20, 1)) == 20
    assert days((0, 2), (40, 1)) == 20, "forty days for two pieces are twenty each"
    assert days((0, 1), (10, 1), (30, 1), (90, 2)) == 40, "the median of 10, 20 and 60, for two pieces"


def test_p6_few_intervals_are_drawn_towards_the_products_cycle() -> None:
    assert days((0, 1), (20, 1), cycle=32) == pytest.approx((20 + 2 * 32) / 3)
    many = [(20.0 * number, 1) for number in range(11)]
    assert days(*many, cycle=32) == pytest.approx((10 * 20 + 2 * 32) / 12)


def test_p6_orders_of_one_day_are_one_purchase() -> None:
    found = purchases([fact(0), fact(0.5, 2), fact(20)])["coffee"]
    assert found == [Purchase(NOON + 0.5 * DAY, 3), Purchase(NOON + 20 * DAY, 1)]


def test_p6_what_was_given_back_was_not_bought() -> None:
    back = {"name": "Order Refunded", "order_id": "o20"}
    assert purchases([fact(0), fact(20, 2), fact(21, 1, **back)])["coffee"][-1].pieces == 1
    assert [one.at for one in purchases([fact(0), fact(20, 2), fact(21, 2, **back)])["coffee"]] == [NOON]
    cancelled = EventFact("Order Cancelled", NOON + 21 * DAY, 99, {"order_id": "o20"})
    assert [one.at for one in purchases([fact(0), fact(20, 2), cancelled])["coffee"]] == [NOON]


def by_other_means(bought: list[tuple[int, int]], cycle: int | None) -> float | None:
    """The same, with a sorted list and its middle, in whole seconds."""
    each = sorted((bought[n + 1][0] - bought[n][0]) * 86_400 / bought[n][1] for n in range(len(bought) - 1))
    if not each:
        return None if cycle is None else float(cycle * bought[-1][1])
    middle = (each[(len(each) - 1) // 2] + each[len(each) // 2]) / 2 / 86_400
    rate = middle if cycle is None else (middle * len(each) + cycle * 2) / (len(each) + 2)
    return rate * bought[-1][1]


@given(
    st.lists(st.tuples(st.integers(1, 60), st.integers(1, 5)), min_size=1, max_size=12),
    st.one_of(st.none(), st.integers(1, 90)),
)
def test_p6_the_reckoning_is_that_of_another_hand(gaps: list[tuple[int, int]], cycle: int | None) -> None:
    bought, day = [], 0
    for gap, pieces in gaps:
        day += gap
        bought.append((day, pieces))
    events = [fact(day, pieces) for day, pieces in bought]
    found = runs_out(purchases(events)["coffee"], cycle)
    expected = by_other_means(bought, cycle)
    assert (found.days if found is not None else None) == (pytest.approx(expected) if expected is not None else None)


@pytest.fixture
async def calendar(database: Database) -> Calendar:
    async with database.transaction() as connection:
        locked, _ = await catalog.lock_products(connection, ["coffee"], NOON)
        coffee = Product("coffee", categories=("Drinks/Coffee",), replenishment_days=30)
        await catalog.save_products(connection, [Change(locked["coffee"], coffee)], NOON)
    return Calendar(database)


async def test_p6_the_entry_comes_a_lead_before_it_runs_out(calendar: Calendar) -> None:
    await calendar.start(COFFEE)
    await calendar.shop.accept(order(0))
    await calendar.goes_to("2026-03-29T11:59:59Z")
    assert await calendar.entered() == []
    await calendar.goes_to("2026-03-29T12:01Z")
    (run,) = await calendar.shop.runs()
    assert (run.correlation, run.entry["product_id"], run.entry["lasts_days"]) == ("coffee", "coffee", 30.0)
    assert run.entry["reckoned_by"] == "product"


async def test_p6_every_order_reckons_it_anew(calendar: Calendar) -> None:
    await calendar.start(COFFEE)
    await calendar.shop.accept(order(0))
    await calendar.goes_to("2026-03-22T12:00Z")
    await calendar.shop.accept(order(20))
    (due,) = await calendar.due()
    assert minute(due.due_at) == minute(NOON + 20 * DAY + (20 + 60) / 3 * DAY - 3 * DAY)
    await calendar.goes_to("2026-03-30T12:00Z")
    assert await calendar.entered() == [], "what was bought again has not run out"


async def test_p6_an_order_that_is_decided_before_the_entry_keeps_it_away(calendar: Calendar) -> None:
    await calendar.start(COFFEE)
    await calendar.shop.accept(order(0))
    calendar.shop.clock.at = NOON + 27.001 * DAY
    await calendar.keeper.fire()
    await calendar.shop.accept(order(27, channel="store"))
    assert (await calendar.entered(), await calendar.shop.codes("refused")) == ([], ["moved"])


async def test_p6_orders_from_before_the_publication_count(calendar: Calendar) -> None:
    calendar.shop.clock.at = NOON + 10 * DAY
    await calendar.shop.accept(order(0))
    await calendar.start(COFFEE)
    (due,) = await calendar.due()
    assert minute(due.due_at) == minute(NOON + 27 * DAY)


async def test_p6_each_product_of_a_category_has_a_run_of_its_own(calendar: Calendar) -> None:
    await calendar.start({"on": "date", "replenishment": {"category": "Drinks"}})
    await calendar.shop.accept(order(0), order(1, product="tea"))
    assert [due.occasion for due in await calendar.due()] == ["coffee"], "nobody has put the tea into the category"
    await calendar.start({"on": "date", "replenishment": {}})
    await calendar.shop.accept(order(2, product="tea"), order(22, product="tea"))
    assert sorted(due.occasion for due in await calendar.due()) == ["coffee", "tea"]


async def test_p6_a_returned_order_takes_the_date_back(calendar: Calendar) -> None:
    await calendar.start(COFFEE)
    await calendar.shop.accept(order(0))
    await calendar.shop.accept(order(1, name="Order Refunded", order_id="o0"))
    assert await calendar.due() == []


async def test_p6_two_profiles_that_are_one_have_bought_together(calendar: Calendar) -> None:
    await calendar.start(COFFEE)
    lines = [{"product_id": "coffee", "quantity": 1}]
    calendar.shop.clock.at = NOON + 20 * DAY
    await calendar.shop.accept(
        incoming("Order Completed", None, anonymous="phone", at=NOON, order_id="a", products=lines)
    )
    await calendar.shop.accept(incoming("Order Completed", at=NOON + 20 * DAY, order_id="b", products=lines))
    await calendar.shop.accept(
        incoming("Identified", "ann", anonymous="phone", kind="identify", at=NOON + 20 * DAY, traits={"name": "Ann"})
    )
    (due,) = await calendar.due()
    assert due.entry["lasts_days"] == round((20 + 60) / 3, 2)


async def test_p6_at_a_local_time_of_the_day_on_which_it_is_due(calendar: Calendar) -> None:
    await calendar.start({**COFFEE, "time": "09:00"})
    await calendar.is_told(timezone="America/New_York")
    await calendar.shop.accept(order(0))
    (due,) = await calendar.due()
    assert minute(due.due_at, "America/New_York") == "2026-03-29 09:00"
