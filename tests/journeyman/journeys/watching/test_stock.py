"""Stock is judged again at the instant of sending (P2)."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from journeyman.catalog.catalogue import Catalogue
from journeyman.customers import repository as customers
from journeyman.journeys.direct import entering
from tests.world import World, world

GONE = {"shoe": 0, "hat": 0}
SOME = {"shoe": 0, "hat": 1}


@pytest.fixture(name="world")
async def opened_world(database_url: str) -> AsyncIterator[World]:
    async with world(database_url) as opened:
        yield opened


def journey(on: str) -> dict[str, Any]:
    return {
        "journey": "back",
        "entry": {"on": on},
        "steps": [
            {"id": "hold", "wait": {"for": "1h"}},
            {"id": "tell", "send": {"channel": "email", "template": "back"}},
            {"id": "then", "wait": {"for": "1d"}},
        ],
    }


async def come(world: World) -> None:
    async with world.database.reading() as connection:
        named = (await customers.addressees(connection, {"ann"}))["ann"]
    wares = [{"product_id": "shoe", "variant_id": None}, {"product_id": "hat", "variant_id": None}]
    await world.shop.accept(entering(named, "m-1", "back", world.clock.at, {"products": wares}))


@pytest.mark.parametrize("on", ["back_in_stock", "low_stock"])
@pytest.mark.parametrize(("left", "outcome"), [(GONE, "out_of_stock"), (SOME, "sent")])
async def test_p2_stock_is_judged_again_at_the_instant_of_sending(
    world: World, on: str, left: dict[str, int], outcome: str
) -> None:
    catalogue = Catalogue(world.database, world.clock, 5)
    await catalogue.upsert([{"id": one, "stock": 4} for one in left])
    await world.shop.introduce("ann")
    await world.shop.publish(journey(on))
    await come(world)
    await catalogue.upsert([{"id": one, "stock": stock} for one, stock in left.items()])
    await world.pass_time(hours=1, minutes=1)
    (line,) = [entry for entry in await world.shop.journal() if entry.kind == "message"]
    assert line.code == outcome
    (gate,) = [one for one in line.data["gates"] if one["gate"] == "stock"]
    assert gate == {"gate": "stock", "passed": outcome == "sent", "read": {"stock": left}}
    (run,) = await world.shop.runs()
    assert (run.state, run.step) == ("live", "then"), "a refused message ends no run (M1)"
    assert run.until - world.clock.at > timedelta(hours=23)
