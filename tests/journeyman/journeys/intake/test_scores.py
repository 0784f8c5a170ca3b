"""Scores are counted with the event itself, told when a threshold is crossed, and follow a merge."""

import pytest
from sqlalchemy import select

from journeyman.customers import repository as customers
from journeyman.customers.scoring.scoring import Scoring
from journeyman.customers.scoring.shelf import ScoreShelf
from journeyman.customers.tables import Event
from journeyman.journeys.scoring import ScoreKeeper
from journeyman.kit.database import Database
from tests.builders import Shop, incoming

HEAT = {
    "name": "Heat",
    "rules": [
        {"event": "Product Viewed", "points": 2},
        {"when": {"attribute": "country", "equals": "PL"}, "points": 5},
    ],
    "thresholds": [{"at": 4, "name": "warm"}],
}


@pytest.fixture
async def shop(database: Database) -> Shop:
    shop = Shop(database)
    await Scoring(database, shop.clock, ScoreShelf()).save("heat", HEAT)
    while await ScoreKeeper(database, shop.clock).step():
        pass
    return shop


async def value_of(shop: Shop, customer: str) -> float:
    scores = await Scoring(shop.database, shop.clock, ScoreShelf()).of_customer(customer)
    return next(score.total for kept, score in scores.scores if kept.key == "heat")


async def told(shop: Shop) -> list[tuple[str, object]]:
    async with shop.database.reading() as connection:
        query = select(Event.customer_id, Event.properties).where(Event.name == "Score Threshold Reached")
        return [(row.customer_id, row.properties["threshold"]) for row in await connection.execute(query)]


async def test_events_of_one_batch_and_of_the_next_add_up_and_the_threshold_is_told_once(shop: Shop) -> None:
    await shop.accept(incoming("Product Viewed", "ann"))
    assert (await value_of(shop, "ann"), await told(shop)) == (2, [])
    await shop.accept(incoming("Product Viewed", "ann"), incoming("Product Viewed", "ann"))
    assert (await value_of(shop, "ann"), await told(shop)) == (6, [("ann", "warm")])


async def test_what_holds_of_the_profile_counts_while_it_holds(shop: Shop) -> None:
    await shop.introduce("ann", country="PL")
    assert await value_of(shop, "ann") == 5
    await shop.introduce("ann", country="DE")
    assert await value_of(shop, "ann") == 0


async def test_points_of_two_who_are_one_add(shop: Shop) -> None:
    await shop.accept(incoming("Product Viewed", None, anonymous="device"), incoming("Product Viewed", "ann"))
    await shop.accept(incoming("Identified", "ann", kind="identify", anonymous="device", traits={"name": "Ann"}))
    assert await value_of(shop, "ann") == 4
    async with shop.database.reading() as connection:
        person = (await customers.read_profiles(connection, ["ann"]))[0]
    assert person.scores.keys() == {"heat"}
