"""The views for BI tools, read as a tool would read them."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from alembic import command

from journeyman.catalog.catalogue import Catalogue
from journeyman.insight.views import VIEWS
from journeyman.kit.database import Database
from journeyman.kit.migrations import _config, upgrade
from tests.builders import Shop, incoming, journey


async def read(database: Database, query: str) -> list[dict[str, Any]]:
    async with database.reading() as connection:
        found = (await connection.exec_driver_sql(query)).mappings()
        return [
            {name: float(cell) if isinstance(cell, Decimal) else cell for name, cell in row.items()} for row in found
        ]


async def test_customers_are_rows_and_merged_ones_are_not(database: Database) -> None:
    shop = Shop(database)
    traits = {"email": "ann@example.com", "firstName": "Ann", "address": {"city": "Gdynia", "country": "PL"}}
    await shop.accept(incoming("Seen", None, anonymous="device"))
    await shop.accept(incoming("Identified", "ann", kind="identify", anonymous="device", traits=traits))
    await shop.accept(incoming("Identified", "bob", kind="identify", traits={"last_name": "Braun", "city": 7}))
    query = "SELECT email, phone, first_name, last_name, city, country FROM bi_customers ORDER BY email IS NULL"
    assert [list(row.values()) for row in await read(database, query)] == [
        ["ann@example.com", None, "Ann", None, "Gdynia", "PL"],
        [None, None, None, "Braun", "7", None],
    ]


async def test_orders_have_their_sums_and_no_word_stops_the_view(database: Database) -> None:
    shop = Shop(database)
    lines = [{"sku": "a"}, {"sku": "b"}]
    await shop.accept(
        incoming("Order Completed", order_id="o1", revenue=19.9, total=25, currency="EUR", products=lines),
        incoming("Order Completed", order_id=7, total=5, coupon="SPRING"),
        incoming("Order Completed", revenue="a lot", products="none"),
        incoming("Product Viewed", revenue=3),
    )
    columns = "customer_id, order_id, revenue, total, currency, coupon, lines"
    query = f"SELECT {columns} FROM bi_orders ORDER BY order_id IS NULL, order_id"  # noqa: S608 - our own names
    assert [list(row.values()) for row in await read(database, query)] == [
        ["ann", "7", 5, 5, None, "SPRING", None],
        ["ann", "o1", 19.9, 25, "EUR", None, 2],
        ["ann", None, None, None, None, None, None],
    ]
    (counted,) = await read(database, "SELECT count(*) AS n, count(DISTINCT event_id) AS ids FROM bi_events")
    assert counted == {"n": 4, "ids": 4}


async def test_runs_have_what_they_were_good_for(database: Database) -> None:
    shop = Shop(database)
    goal = {"key": "order", "on": "event", "event": "Order Completed", "value": {"property": "revenue"}, "within": "7d"}
    await shop.publish(journey(goals=[goal], exit=[{"on": "event", "event": "Order Completed"}]))
    await shop.accept(incoming("Product Added"), incoming("Product Added", "bob"))
    at = shop.pass_time(minutes=5)
    await shop.accept(incoming("Order Completed", at=at - timedelta(minutes=1), revenue=12.5))
    query = "SELECT customer_id, journey, version, state, goals, value FROM bi_runs ORDER BY customer_id"
    assert [list(row.values()) for row in await read(database, query)] == [
        ["ann", "cart", 1, "ended", 1, 12.5],
        ["bob", "cart", 1, "live", 0, None],
    ]


async def test_prices_are_what_they_are_on_both_databases(database: Database) -> None:
    shop = Shop(database)
    catalogue = Catalogue(database, shop.clock, low_stock=5)
    shoe = {"id": "shoe", "name": "Shoe", "price": "79.9001", "currency": "EUR", "stock": 3, "categories": ["Shoes"]}
    await catalogue.upsert([shoe, {"id": "hat"}, {"id": "shoe", "price": "59.9", "stock": 0}])
    await shop.accept(incoming("Product Viewed", product_id="shoe", price=80.5))
    query = "SELECT product_id, price, compare_at_price, currency, stock FROM bi_products ORDER BY product_id"
    assert [list(row.values()) for row in await read(database, query)] == [
        ["hat", None, None, None, None],
        ["shoe", 59.9, None, "EUR", 0],
    ]
    query = "SELECT kind, old, new, amount, percent, currency FROM bi_product_transitions ORDER BY transition_id"
    assert [list(row.values()) for row in await read(database, query)] == [
        ["price_drop", 79.9001, 59.9, 20.0001, 25.0313, "EUR"],
        ["out_of_stock", 3, 0, 3, 100, None],
    ]
    query = "SELECT customer_id, product_id, kind, count, quantity, last_price, currency FROM bi_interests"
    assert [list(row.values()) for row in await read(database, query)] == [["ann", "shoe", "viewed", 1, 0, 80.5, None]]


@pytest.mark.parametrize("view", VIEWS)
async def test_every_view_can_be_read(database: Database, view: str) -> None:
    assert await read(database, f"SELECT * FROM {view}") == []  # noqa: S608 - our own name


async def test_no_view_tells_an_address_that_was_written_to(database: Database) -> None:
    async with database.reading() as connection:
        found = await connection.exec_driver_sql("SELECT * FROM bi_messages")
        assert {"address", "subject"}.isdisjoint(found.keys())


def test_a_migration_that_rebuilds_a_table_is_not_stopped_by_a_view(tmp_path: Path) -> None:
    """On SQLite a table is rebuilt by renaming another, which fails while a view reads it."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'journeyman.db'}"
    upgrade(url)
    config = _config()
    config.attributes["url"] = url
    command.downgrade(config, "base")
    upgrade(url)
    upgrade(url)
