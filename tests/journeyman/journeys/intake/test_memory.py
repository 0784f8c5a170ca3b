"""Intake remembers the events that it has read of a customer, as long as the profile tells the same of them."""

from collections.abc import Iterable
from datetime import timedelta

import orjson
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from journeyman.customers.identity import Person
from journeyman.customers.profile.computed import rebuild
from journeyman.journeys.facts import Known
from journeyman.journeys.intake.intake import Intake
from journeyman.journeys.intake.memory import Memory
from journeyman.journeys.segmentation.segments import Segments
from journeyman.kit.database import Database
from journeyman.language.facts import EventFact
from tests.builders import NOON, Shop, incoming

DAY = timedelta(days=1)
THREE = {"event": "Product Viewed", "within": "30d", "count": 3, "where": {"property": "sku", "equals": "a"}}


@pytest.fixture
async def shop(database: Database) -> Shop:
    shop = Shop(database)
    await Segments(database, shop.clock).put("keen", {"name": "Keen", "when": THREE})
    return shop


async def keen(shop: Shop) -> list[str]:
    return [who for who, _ in await Segments(shop.database, shop.clock).members("keen", None, 10)]


async def view(shop: Shop, **parts: str) -> None:
    shop.pass_time(minutes=1)
    await shop.accept(incoming("Product Viewed", at=shop.clock.now(), **{"sku": "a", **parts}))


async def forget_in_the_store(shop: Shop) -> None:
    async with shop.database.transaction() as connection:
        await connection.execute(text("DELETE FROM events"))


async def test_what_was_read_for_one_event_is_there_for_the_next(shop: Shop) -> None:
    await view(shop)
    await view(shop)
    await forget_in_the_store(shop)
    await view(shop)
    assert await keen(shop) == ["ann"]


async def test_events_that_somebody_else_has_decided_are_read(shop: Shop) -> None:
    await view(shop)
    mine, shop.intake = shop.intake, Intake(shop.database, shop.clock, "UTC")
    await view(shop)
    shop.intake = mine
    assert await keen(shop) == []
    await view(shop)
    assert await keen(shop) == ["ann"]


async def test_a_batch_that_fails_leaves_nothing_behind(shop: Shop) -> None:
    await view(shop)
    await view(shop)
    assert shop.intake.memory.held > 0
    async with shop.database.transaction() as connection:
        await connection.execute(text("ALTER TABLE interests RENAME TO away"))
    with pytest.raises(DatabaseError, match="interests"):
        await view(shop, product_id="p")
    assert shop.intake.memory.held == 0
    async with shop.database.transaction() as connection:
        await connection.execute(text("ALTER TABLE away RENAME TO interests"))
    assert await keen(shop) == []
    await shop.decide()
    assert await keen(shop) == ["ann"]


async def test_a_late_event_stands_where_it_belongs(shop: Shop) -> None:
    await view(shop)
    await shop.accept(incoming("Product Viewed", at=NOON - DAY, sku="a"))
    recall = shop.intake.memory.open([await person(shop)])
    known = {"ann": Known()}
    assert recall(known, [("ann", "Product Viewed", NOON - 29 * DAY)]) == []
    assert [fact.at for fact in known["ann"].events["Product Viewed"]] == [NOON - DAY, NOON + timedelta(minutes=1)]


async def person(shop: Shop) -> Person:
    async with shop.database.reading() as connection:
        row = (await connection.execute(text("SELECT computed FROM customers WHERE id = 'ann'"))).scalar_one()
    return Person("ann", {}, NOON, computed=row if isinstance(row, dict) else orjson.loads(row))


def facts_of(*days: int) -> list[EventFact]:
    return [EventFact("Seen", NOON + day * DAY, place, {}) for place, day in enumerate(days, start=1)]


def somebody(name: str, events: Iterable[EventFact]) -> Person:
    return Person(name, {}, NOON, computed=rebuild((fact.name, fact.at, {}, {}) for fact in events))


def remember(memory: Memory, name: str, *days: int) -> None:
    recall = memory.open([somebody(name, facts_of(*days))])
    known = {name: Known()}
    assert recall(known, [(name, "Seen", NOON)]) == [(name, "Seen", NOON)]
    known[name].events["Seen"] = facts_of(*days)
    recall.keep(known)


def test_an_earlier_window_than_was_read_is_read() -> None:
    memory = Memory()
    remember(memory, "ann", 1, 2)
    earlier = ("ann", "Seen", NOON - DAY)
    assert memory.open([somebody("ann", facts_of(1, 2))])({"ann": Known()}, [earlier]) == [earlier]


def test_what_was_not_asked_for_this_time_is_still_remembered() -> None:
    memory = Memory()
    remember(memory, "ann", 1, 2)
    who = somebody("ann", facts_of(1, 2))
    other = memory.open([who])
    other({"ann": Known()}, [("ann", "Heard", NOON)])
    other.keep({"ann": Known()})
    assert memory.open([who])({"ann": Known()}, [("ann", "Seen", NOON)]) == []


def test_those_who_did_nothing_for_longest_are_forgotten_first() -> None:
    memory = Memory(most=7)
    for name in ("ann", "bob", "cid"):
        remember(memory, name, 1, 2)
    assert memory.held <= 7
    assert memory.open([somebody("ann", facts_of(1, 2))])({"ann": Known()}, [("ann", "Seen", NOON)]) != []
    assert memory.open([somebody("cid", facts_of(1, 2))])({"cid": Known()}, [("cid", "Seen", NOON)]) == []
