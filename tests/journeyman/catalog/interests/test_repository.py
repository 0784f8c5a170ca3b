"""Interests as both databases keep them."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from journeyman.catalog.interests import repository
from journeyman.catalog.interests.interests import EVENTS, Interest, fold, interests_of
from journeyman.kit.database import Database

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATE = datetime(2027, 1, 1, tzinfo=UTC)
Rows = list[tuple[str, Interest]]


def event(customer: str, name: str, days: float, *, seq: int = 0, **properties: Any) -> Rows:
    """What an event of a customer says, so many days after noon."""
    given = {"product_id": "p", **properties}
    found = interests_of(name, NOON + timedelta(days=days), {**given, "products": [given]}, seq)
    return [(customer, one) for one in found]


async def add(database: Database, *rows: Rows) -> None:
    async with database.transaction() as connection:
        await repository.add_interests(connection, [pair for some in rows for pair in some])


async def kept(database: Database, customer: str) -> list[Interest]:
    async with database.reading() as connection:
        found = await repository.interests_of_customer(connection, customer, None, 1000)
    return sorted((one.interest for one in found), key=lambda one: (one.product_id, one.kind))


async def interested(
    database: Database, kind: Any = "viewed", since: float = 0, at_least: int = 1, **more: Any
) -> list[str]:
    async with database.reading() as connection:
        found = await repository.interests_in(connection, "p", kind, NOON + timedelta(days=since), at_least, **more)
    return [one.customer_id for one in found]


def chance_events(seed: int) -> list[tuple[str, str, float, dict[str, Any]]]:
    chance = random.Random(seed)
    return [
        (
            chance.choice(["ann", "bob"]),
            chance.choice(sorted(EVENTS)),
            chance.randrange(40) / 8,
            {
                "seq": chance.randrange(1000),
                "product_id": chance.choice("pq"),
                "quantity": chance.randrange(1, 4),
                "price": chance.choice([None, 1, 19.99, 20]),
                "currency": chance.choice([None, "EUR", "USD"]),
            },
        )
        for _ in range(120)
    ]


@pytest.mark.parametrize("seed", range(3))
async def test_any_order_and_any_batches_come_to_the_same(database: Database, seed: int) -> None:
    events = chance_events(seed)
    expected = fold(pair for who, name, days, more in events for pair in event(who, name, days, **more))
    chance = random.Random(seed + 100)
    chance.shuffle(events)
    while events:
        size = chance.randrange(1, 40)
        await add(database, *(event(who, name, days, **more) for who, name, days, more in events[:size]))
        events = events[size:]
    for customer in ("ann", "bob"):
        mine = [one for (who, _, _), one in expected.items() if who == customer]
        assert await kept(database, customer) == sorted(mine, key=lambda one: (one.product_id, one.kind))


async def test_what_was_merged_is_as_if_it_had_always_been_one(database: Database) -> None:
    events = chance_events(7)
    await add(database, *(event(who, name, days, **more) for who, name, days, more in events))
    async with database.transaction() as connection:
        await repository.follow_merge(connection, "bob", "ann")
    expected = fold(pair for _, name, days, more in events for pair in event("ann", name, days, **more))
    assert await kept(database, "ann") == sorted(expected.values(), key=lambda one: (one.product_id, one.kind))
    assert await kept(database, "bob") == []


async def test_nothing_is_nothing(database: Database) -> None:
    await add(database, [])
    async with database.transaction() as connection:
        await repository.follow_merge(connection, "nobody", "ann")
    assert await kept(database, "ann") == []


async def test_what_is_cleared_is_gone_and_others_stay(database: Database) -> None:
    await add(database, event("ann", "Product Viewed", 1), event("bob", "Product Viewed", 1))
    async with database.transaction() as connection:
        await repository.clear_interests(connection, ["ann"])
    assert (await kept(database, "ann"), len(await kept(database, "bob"))) == ([], 1)


async def test_p1_at_least_so_many_times_since_is_exact(database: Database) -> None:
    for day in (1, 2, 3):
        await add(database, event("ann", "Product Viewed", day))
    await add(database, event("bob", "Product Viewed", 3), event("cid", "Product Added", 3))
    assert await interested(database) == ["ann", "bob"]
    assert await interested(database, at_least=3) == ["ann"]
    assert await interested(database, since=2, at_least=2) == ["ann"]
    assert await interested(database, since=2.5, at_least=2) == []
    assert await interested(database, since=3.5) == []
    assert await interested(database, kind="carted") == ["cid"]


async def test_p1_who_bought_it_since_is_left_out(database: Database) -> None:
    await add(
        database,
        event("ann", "Product Viewed", 1),
        event("ann", "Order Completed", 2),
        event("bob", "Order Completed", 1),
        event("bob", "Product Viewed", 2),
        event("cid", "Product Viewed", 1),
        event("cid", "Order Completed", 2, product_id="other"),
        event("dan", "Product Viewed", 1),
        event("dan", "Order Refunded", 2),
    )
    assert await interested(database) == ["bob", "cid", "dan"]
    assert await interested(database, not_bought=False) == ["ann", "bob", "cid", "dan"]


async def test_who_only_took_it_out_of_the_cart_is_not_interested(database: Database) -> None:
    await add(database, event("ann", "Product Removed", 1))
    assert await interested(database, kind="carted") == []
    (one,) = await kept(database, "ann")
    assert (one.count, one.quantity) == (0, -1)


async def test_the_interested_come_page_by_page(database: Database) -> None:
    names = [f"c{number}" for number in range(5)]
    await add(database, *(event(name, "Product Viewed", 1) for name in names))
    assert await interested(database, limit=2) == names[:2]
    assert await interested(database, limit=2, after="c1") == names[2:4]


async def test_the_price_seen_last_is_that_of_any_kind(database: Database) -> None:
    await add(
        database,
        event("ann", "Product Viewed", 1, price=20, currency="EUR"),
        event("ann", "Product Added", 2, price="18.5", currency="EUR"),
        event("ann", "Product Viewed", 3),
        event("bob", "Product Viewed", 1, price=21),
        event("cid", "Product Viewed", 1),
    )
    async with database.reading() as connection:
        seen = await repository.seen_prices(connection, "p", ["ann", "bob", "cid", "dan"])
    assert {who: (one.price, one.currency) for who, one in seen.items()} == {
        "ann": (Decimal("18.5"), "EUR"),
        "bob": (Decimal(21), ""),
    }


async def test_the_later_event_decides_the_price_however_late_it_is_told(database: Database) -> None:
    def price(days: float, seq: int, units: float) -> Sequence[tuple[str, Interest]]:
        return event("ann", "Product Viewed", days, seq=seq, price=units)

    for days, seq, amount in ((2, 5, 20), (1, 9, 10), (2, 4, 15)):
        await add(database, list(price(days, seq, amount)))
    (one,) = await kept(database, "ann")
    assert one.seen is not None
    assert (one.seen.price, one.seen.seq, one.count) == (Decimal(20), 5, 3)
