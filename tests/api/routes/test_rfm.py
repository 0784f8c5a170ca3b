"""RFM over the API: cut points computed and set, who is where, and one customer's scores."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from journeyman.customers.scoring.cut_points import RfmScoring
from journeyman.customers.tables import Customer
from tests.builders import NOON
from tests.world import World

OWN = {"recency": [30, 90, 180, 365], "frequency": [1, 2, 4, 8], "monetary": [50, 100, 250, 500]}


async def buy(world: World, customer: str, orders: int, revenue: float, days_ago: int) -> None:
    """A customer with computed attributes as intake keeps them."""
    await world.shop.introduce(customer)
    computed = {"orders": orders, "revenue": revenue, "last_order_at": (NOON - timedelta(days=days_ago)).isoformat()}
    async with world.database.transaction() as connection:
        await connection.execute(update(Customer).where(Customer.id == customer).values(computed=computed))


async def crowd(world: World) -> None:
    for number in range(1, 11):
        await buy(world, f"c{number}", number, 100 * number, 10 * number)
    await world.shop.introduce("visitor")


async def test_quintiles_are_computed_of_who_has_ordered(world: World) -> None:
    await crowd(world)
    assert (await world.http.get("/v1/rfm")).status_code == 404
    computed = (await world.http.post("/v1/rfm/compute")).json()
    assert computed == await world.get("/v1/rfm")
    assert computed["cuts"]["frequency"] == pytest.approx([2.8, 4.6, 6.4, 8.2])
    assert computed["cuts"]["recency"] == pytest.approx([28, 46, 64, 82])
    assert (computed["own"], computed["customers"]) == (False, 10)
    assert {"r": 5, "f": 1, "m": 1, "customers": 2} in computed["cells"]
    assert sum(computed["groups"].values()) == sum(cell["customers"] for cell in computed["cells"]) == 10
    assert {name for name, number in computed["groups"].items() if number} == {
        *("new", "potential-loyalist", "need-attention", "at-risk", "cannot-lose"),
    }
    newest = (await world.get("/v1/customers/c1/scores"))["rfm"]
    assert newest == {"r": 5, "f": 1, "m": 1, "group": "new"}
    assert (await world.get("/v1/customers/visitor/scores"))["rfm"] is None


async def test_own_cut_points_hold_until_others_are_computed(world: World) -> None:
    await crowd(world)
    own = await world.put("/v1/rfm", OWN)
    assert (own["cuts"], own["own"], own["customers"]) == (OWN, True, 10)
    assert (await world.get("/v1/customers/c10/scores"))["rfm"] == {"r": 3, "f": 5, "m": 5, "group": "loyal"}
    await world.http.post("/v1/rfm/compute")
    assert (await world.get("/v1/customers/c10/scores"))["rfm"]["r"] == 1


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"recency": [30, 20, 180, 365]}, "/recency"),
        ({"recency": [-1, 20, 180, 365]}, "/recency/0"),
        ({"frequency": [1, 2, 3]}, "/frequency"),
        ({"monetary": [1, 2, 3, "many"]}, "/monetary/3"),
    ],
)
async def test_what_is_wrong_with_cut_points_is_named(world: World, change: dict[str, Any], pointer: str) -> None:
    answer = await world.http.put("/v1/rfm", json={**OWN, **change})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_without_orders_there_are_no_quintiles(world: World) -> None:
    await world.shop.introduce("visitor")
    answer = await world.http.post("/v1/rfm/compute")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert (await world.put("/v1/rfm", OWN))["customers"] == 0


async def test_quintiles_are_made_anew_when_they_are_a_day_old(world: World) -> None:
    nightly = RfmScoring(world.database, world.clock)
    assert not await nightly.refresh()
    await crowd(world)
    assert not await nightly.refresh()
    world.clock.at += timedelta(hours=1)
    assert await nightly.refresh()
    world.clock.at += timedelta(hours=23)
    assert not await nightly.refresh()
    await buy(world, "c11", 1000, 1, 1)
    world.clock.at += timedelta(hours=1)
    assert await nightly.refresh()
    assert (await world.get("/v1/rfm"))["customers"] == 11


async def test_own_cut_points_stay_and_who_is_where_is_counted_anew(world: World) -> None:
    await crowd(world)
    await world.put("/v1/rfm", OWN)
    world.clock.at += timedelta(days=300)
    assert await RfmScoring(world.database, world.clock).refresh()
    found = await world.get("/v1/rfm")
    assert (found["cuts"], found["own"]) == (OWN, True)
    assert {cell["r"] for cell in found["cells"]} == {1, 2}
