"""A rebuild finds what is wrong of scores and interests, and puts it right; of what is right it finds nothing."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from journeyman.catalog.tables import Interest
from journeyman.customers.scoring.scoring import Scoring
from journeyman.customers.scoring.shelf import ScoreShelf
from journeyman.customers.tables import Customer
from journeyman.journeys.checks import every_check
from journeyman.journeys.rebuilding import Rebuilding, Report
from journeyman.journeys.scoring import ScoreKeeper
from journeyman.kit.database import Database
from tests.builders import NOON, Shop, incoming

VIEWS = {
    "half_life": "30d",
    "rules": [
        {"event": "Product Viewed", "points": 4, "cap": 100},
        {"when": {"attribute": "plan", "equals": "pro"}, "points": 5},
    ],
}


@pytest.fixture
async def shop(database: Database) -> Shop:
    shop = Shop(database)
    await Scoring(database, shop.clock, ScoreShelf()).save("leads", VIEWS)
    while await ScoreKeeper(database, shop.clock).step():
        pass
    await shop.introduce("ann", plan="pro")
    views = [
        incoming("Product Viewed", name, at=NOON - timedelta(hours=hours), product_id=product, price="9.5")
        for name, hours, product in (("ann", 3, "p1"), ("ann", 2, "p2"), ("bob", 1, "p1"), ("ann", 5, "p1"))
    ]
    await shop.accept(*views)
    return shop


async def rebuild(shop: Shop, *, repair: bool = False) -> Report:
    return await Rebuilding(shop.database, shop.clock, every_check()).run(repair=repair)


async def test_what_intake_kept_is_what_the_events_come_to(shop: Shop) -> None:
    report = await rebuild(shop)
    assert (report.customers, report.differences) == (2, {})


async def test_a_score_that_was_lost_is_found_and_counted_anew(shop: Shop) -> None:
    async with shop.database.transaction() as connection:
        before = (await connection.execute(select(Customer.scores).order_by(Customer.id))).scalars().all()
        await connection.execute(update(Customer).values(scores={}))
    (difference,) = (await rebuild(shop)).differences.values()
    assert (difference.what, difference.customers) == ("score leads", 2)
    kept = {(one.kept, one.rebuilt) for one in difference.examples}
    assert all(old == 0 and new > 0 for old, new in kept)
    await rebuild(shop, repair=True)
    assert (await rebuild(shop)).differences == {}
    async with shop.database.reading() as connection:
        after = (await connection.execute(select(Customer.scores).order_by(Customer.id))).scalars().all()
    assert [document["leads"]["held"] for document in after] == [document["leads"]["held"] for document in before]


async def test_an_interest_that_was_lost_or_miscounted_is_found_and_put_right(shop: Shop) -> None:
    async with shop.database.transaction() as connection:
        await connection.execute(delete(Interest).where(Interest.product_id == "p2"))
        await connection.execute(update(Interest).where(Interest.product_id == "p1").values(count=7))
    differences = (await rebuild(shop)).differences
    assert differences.keys() == {"interest viewed in p1", "interest viewed in p2"}
    assert differences["interest viewed in p1"].customers == 2
    (lost,) = differences["interest viewed in p2"].examples
    assert lost.kept is None
    assert lost.rebuilt["count"] == 1
    await rebuild(shop, repair=True)
    assert (await rebuild(shop)).differences == {}
