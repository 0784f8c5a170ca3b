"""Who marketing reaches: segments and the door follow consent, addresses and the suppression list."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select

from journeyman.channels.suppression_list import SuppressionList
from journeyman.customers.segments.library import LIBRARY
from journeyman.intelligence.predictions import repository as predictions
from journeyman.intelligence.predictions.repository import Prediction
from journeyman.journeys.erasure.holdings import ALL
from journeyman.journeys.intake.intake import Intake
from journeyman.journeys.populations.repository import members
from journeyman.journeys.reach.keeping import AddressKeeper, recheck_at
from journeyman.journeys.reach.tables import Address
from journeyman.kit.database import Database
from journeyman.language.conditions import CONDITION
from tests.builders import NOON, incoming, journey
from tests.journeyman.journeys.segmentation.test_segments import Room

KEY = b"a key of digests"
REACHED: dict[str, Any] = {"reachable": "email"}


@pytest.fixture
async def room(database: Database) -> Room:
    room = Room(database)
    room.shop.intake = Intake(database, room.shop.clock, "UTC", digest_key=KEY)
    await room.put("reached", REACHED)
    return room


def suppressions(room: Room) -> SuppressionList:
    return SuppressionList(room.shop.database, room.shop.clock, KEY, recheck_at)


async def reached(room: Room) -> list[str]:
    """The members, once both ways of telling agree on them."""
    await room.settle()
    async with room.shop.database.reading() as connection:
        found = await members(connection, CONDITION.validate_python(REACHED), now=room.shop.clock.at)
    assert await room.members("reached") == found
    return found


async def test_it_takes_a_yes_an_address_and_no_suppression(room: Room) -> None:
    await room.shop.introduce("ann")
    await room.shop.introduce("bob", consent="no")
    await room.shop.introduce("eve", email="eve@")
    assert await reached(room) == ["ann"]
    await suppressions(room).add("email", "Ann@Example.com", "a wish", "test")
    assert await reached(room) == []
    await suppressions(room).remove("email", "ann@example.com")
    assert await reached(room) == ["ann"]
    await room.shop.consent("ann", marketing="no")
    assert await reached(room) == []


async def test_it_ends_with_the_yes(room: Room) -> None:
    await room.shop.introduce("ann")
    await room.shop.consent("ann", NOON + timedelta(days=2), email="yes")
    await room.pass_time(days=1)
    assert await reached(room) == ["ann"]
    await room.pass_time(days=1)
    assert await reached(room) == []


async def test_an_address_that_an_event_brings_is_held_against_the_list_at_once(room: Room) -> None:
    await room.shop.introduce("ann", email="nobody@")
    await suppressions(room).take("email", ["old@example.com"], "left", "test")
    await room.shop.accept(incoming("Identified", kind="identify", traits={"email": "old@example.com"}))
    assert await room.members("reached") == []
    verdict = (await room.segments.explain("reached", "ann")).verdict
    assert verdict is not None
    assert verdict["read"] == "suppressed"
    await room.shop.accept(incoming("Identified", kind="identify", traits={"email": "new@example.com"}))
    assert await room.members("reached") == ["ann"]
    assert await reached(room) == ["ann"]


async def test_addresses_of_before_are_kept_in_the_background(room: Room) -> None:
    await room.shop.introduce("ann")
    await room.shop.introduce("eve", email="eve@")
    async with room.shop.database.transaction() as connection:
        before = (await connection.execute(select(Address.__table__))).all()
        await connection.execute(delete(Address))
    keeper = AddressKeeper(room.shop.database, KEY)
    while await keeper.step():
        pass
    async with room.shop.database.reading() as connection:
        assert sorted((await connection.execute(select(Address.__table__))).all()) == sorted(before)
    assert len(before) == 2


async def test_a_merge_leaves_the_addresses_of_one(room: Room) -> None:
    traits = {"email": "a@x.example"}
    await room.shop.accept(incoming("Identified", None, kind="identify", anonymous="a1", traits=traits))
    await room.shop.accept(incoming("Identified", "ann", kind="identify", traits={"email": "b@x.example"}))
    await room.shop.accept(incoming("Identified", "ann", kind="identify", anonymous="a1"))
    async with room.shop.database.reading() as connection:
        rows = (await connection.execute(select(Address.customer_id, Address.address))).all()
    assert [row.customer_id for row in rows] == [await room.segments.resolve("ann")]


@pytest.mark.parametrize("wanted", [True, ["sms", "email"]])
async def test_e7_who_is_reached_on_no_channel_is_refused_and_counted_apart(room: Room, wanted: object) -> None:
    entry = {"on": "event", "event": "Signed Up", "reachable": wanted}
    mail = {"id": "hello", "send": {"channel": "email", "template": "hello"}}
    await room.shop.publish(journey("hello", entry=entry, steps=[{"id": "pause", "wait": {"for": "1h"}}, mail]))
    await room.shop.introduce("ann")
    await room.shop.introduce("bob", consent="no")
    await room.shop.accept(incoming("Signed Up", "ann"), incoming("Signed Up", "bob"))
    assert [run.customer_id for run in await room.shop.runs()] == ["ann"]
    refused = [line for line in await room.shop.journal() if line.kind == "refused"]
    assert [line.code for line in refused] == ["unreachable"]
    assert refused[0].data["channels"]["email"] == "no_consent"


async def test_e7_a_message_that_needs_no_yes_needs_an_address_all_the_same(room: Room) -> None:
    entry = {"on": "event", "event": "Signed Up", "reachable": ["email"]}
    await room.shop.publish(journey("receipt", topic="transactional", entry=entry))
    await room.shop.introduce("bob", consent="no")
    await room.shop.introduce("eve", email="eve@")
    await room.shop.accept(incoming("Signed Up", "bob"), incoming("Signed Up", "eve"))
    assert [run.customer_id for run in await room.shop.runs()] == ["bob"]


async def test_a_prediction_moves_segments_once_there_is_one(room: Room) -> None:
    await room.put("keen", {"prediction": "purchase", "gte": 0.3})
    await room.put("cool", {"prediction": "purchase", "lt": 0.3})
    await room.shop.accept(incoming("Page Viewed", "ann"))
    await room.settle()
    assert (await room.members("keen"), await room.members("cool")) == ([], [])
    explained = await room.segments.explain("cool", "ann")
    assert explained.verdict is not None
    assert (explained.verdict["holds"], explained.verdict["read"]) == (False, "not enough data")
    for value, keen, cool in ((0.4, ["ann"], []), (0.1, [], ["ann"])):
        async with room.shop.database.transaction() as connection:
            await predictions.save(
                connection, [Prediction("ann", "purchase", value, 900, "m1", NOON, NOON)], room.shop.clock.at
            )
        await room.settle()
        assert (await room.members("keen"), await room.members("cool")) == (keen, cool)


def test_both_tables_are_exported_and_erased() -> None:
    assert {"addresses", "predictions"} <= {holding.section for holding in ALL}


def test_the_ready_segments_ask_for_reach() -> None:
    assert LIBRARY["reachable-by-email"]["when"] == {"reachable": "email"}
    assert LIBRARY["reachable-by-sms"]["when"] == {"reachable": "sms"}
