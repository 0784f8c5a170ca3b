"""Segments that speak of interests follow the events that speak of products, and time."""

from typing import Any

import pytest

from journeyman.catalog.catalogue import Catalogue
from journeyman.kit.database import Database
from tests.builders import incoming, journey
from tests.journeyman.journeys.segmentation.test_segments import Room

SHOES: dict[str, Any] = {"interest": {"category": "Shoes"}, "in": "viewed", "at_least": 2, "within": "7d"}
BOUGHT: dict[str, Any] = {"interest": {"product": "cap"}, "in": "bought"}


@pytest.fixture
async def room(database: Database) -> Room:
    room = Room(database)
    upserted = await Catalogue(database, room.shop.clock, 5).upsert(
        [
            {"id": "runner", "name": "Runner", "categories": ["Shoes/Running"]},
            {"id": "boot", "name": "Boot", "categories": ["Shoes"]},
            {"id": "cap", "name": "Cap", "categories": ["Hats"]},
        ]
    )
    assert not upserted.refusals
    await room.put("shoes", SHOES)
    await room.put("capped", BOUGHT)
    return room


async def test_views_of_several_products_of_a_category_add_up_until_the_window_closes(room: Room) -> None:
    await room.shop.accept(incoming("Product Viewed", product_id="runner"))
    await room.shop.accept(incoming("Product Viewed", product_id="cap"))
    assert await room.members("shoes") == []
    room.shop.pass_time(hours=1)
    await room.shop.accept(incoming("Product Viewed", product_id="boot", at=room.shop.clock.at))
    assert await room.members("shoes") == ["ann"]
    await room.pass_time(days=6, hours=23)
    assert await room.members("shoes") == ["ann"]
    await room.pass_time(seconds=1)
    assert await room.members("shoes") == []


async def test_both_in_one_batch_count(room: Room) -> None:
    await room.shop.accept(
        incoming("Product Viewed", product_id="runner"),
        incoming("Product Viewed", product_id="runner"),
        incoming("Order Completed", products=[{"product_id": "cap", "price": 9}]),
    )
    assert (await room.members("shoes"), await room.members("capped")) == (["ann"], ["ann"])


async def test_an_audience_sees_the_interest_of_this_very_event(room: Room) -> None:
    entry = {"on": "event", "event": "Order Completed", "audience": BOUGHT}
    await room.shop.publish(journey("thanks", entry=entry))
    await room.shop.accept(incoming("Order Completed", "ann", products=[{"product_id": "boot"}]))
    await room.shop.accept(incoming("Order Completed", "bob", products=[{"product_id": "cap"}]))
    assert [run.customer_id for run in await room.shop.runs()] == ["bob"]


async def test_a_merge_adds_the_interests_of_both(room: Room) -> None:
    await room.shop.accept(incoming("Product Viewed", None, anonymous="a1", product_id="boot"))
    await room.shop.accept(incoming("Product Viewed", "ann", product_id="boot"))
    assert await room.members("shoes") == []
    await room.shop.accept(incoming("Identified", "ann", kind="identify", anonymous="a1"))
    await room.settle()
    assert await room.members("shoes") == ["ann"]
    verdict = (await room.segments.explain("shoes", "ann")).verdict
    assert verdict is not None
    assert verdict["read"]["times"] == 2
