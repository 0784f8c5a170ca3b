"""What is kept event by event is what a rebuild from the stored events comes to; where it is not, that is found."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from journeyman.customers.profile.computed import rebuild
from journeyman.customers.tables import Customer, Event
from journeyman.journeys import rebuilding
from journeyman.journeys.checks import every_check
from journeyman.journeys.rebuilding import LOT, Found, Rebuilding, Report
from journeyman.kit.clock import FixedClock
from journeyman.kit.database import Database
from tests.builders import NOON, Shop, incoming
from tests.conftest import sqlite_url

ORDER: dict[str, Any] = {
    "revenue": "19.99",
    "products": [{"category": "Games", "price": 19.99, "quantity": 1}],
    "coupon": "SPRING",
}


@pytest.fixture
def shop(database: Database) -> Shop:
    return Shop(database)


async def compare(database: Database, *, repair: bool = False) -> Report:
    return await Rebuilding(database, FixedClock(NOON), every_check()).run(repair=repair)


async def documents(database: Database) -> dict[str, dict[str, Any]]:
    async with database.reading() as connection:
        return {row.id: row.computed for row in await connection.execute(select(Customer.id, Customer.computed))}


async def spoil(database: Database, customer: str, **figures: Any) -> None:
    kept = (await documents(database))[customer]
    async with database.transaction() as connection:
        spoilt = update(Customer).where(Customer.id == customer)
        await connection.execute(spoilt.values(computed={**kept, **figures} if figures else {}))


async def test_what_intake_keeps_is_what_a_rebuild_comes_to(shop: Shop) -> None:
    """With numbers such as a database may write out in another way than they came."""
    odd = {"revenue": 1e3, "session_id": 1e18, "quantity": 1e-7, "channel": "pos", "coupon": 1e300}
    visit = incoming("Page Viewed", None, anonymous="a1", at=NOON - timedelta(days=3), session_id=1700000000.0)
    await shop.accept(visit, incoming("Order Completed", "ann", at=NOON, **ORDER))
    await shop.accept(incoming("Order Completed", "ann", at=NOON - timedelta(days=40), **odd))
    await shop.accept(incoming("Identified", "ann", kind="identify", anonymous="a1", at=NOON, traits={"age": 31}))
    report = await compare(shop.database)
    assert (report.customers, report.differences) == (1, {})
    assert (await documents(shop.database))["ann"]["orders"] == 2
    assert (await documents(shop.database))["ann"]["sessions"] == 2


async def test_a_difference_is_told_with_both_values(shop: Shop) -> None:
    await shop.accept(*(incoming("Order Completed", name, **ORDER) for name in ("ann", "bob", "cleo")))
    await spoil(shop.database, "ann", orders=7)
    await spoil(shop.database, "bob", orders=1, top_categories=["Books"])
    report = await compare(shop.database)
    assert (report.customers, report.differing) == (3, 2)
    assert report.differences["computed.orders"].examples == [Found("ann", "computed.orders", 7, 1)]
    assert report.differences["computed.top_categories"].examples == [
        Found("bob", "computed.top_categories", ["Books"], ["Games"])
    ]
    assert (await documents(shop.database))["ann"]["orders"] == 7


async def test_what_the_figures_are_made_from_may_differ_alone(shop: Shop) -> None:
    await shop.accept(incoming("Order Completed", "ann", **ORDER))
    inner = (await documents(shop.database))["ann"]["_"]
    await spoil(shop.database, "ann", _={**inner, "r": inner["r"] + 1})
    assert set((await compare(shop.database)).differences) == {"computed, what it is made from"}


async def test_a_repair_puts_it_right_and_has_segments_judged(shop: Shop) -> None:
    await shop.accept(incoming("Order Completed", "ann", **ORDER), incoming("Product Viewed", "bob"))
    right = await documents(shop.database)
    await spoil(shop.database, "ann")
    assert (await compare(shop.database, repair=True)).differing == 1
    assert await documents(shop.database) == right
    assert (await compare(shop.database)).differences == {}
    async with shop.database.reading() as connection:
        rows = (await connection.execute(select(Customer.id, Customer.recheck_at).order_by(Customer.id))).all()
    assert [tuple(row) for row in rows] == [("ann", NOON), ("bob", None)]


async def test_customers_are_gone_through_lot_by_lot(database: Database) -> None:
    number = 2 * LOT + 3
    known: dict[str, Any] = {"attributes": {}, "created_at": NOON, "updated_at": NOON}
    rows = [{"id": f"c{one:05}", **known} for one in range(number)]
    merged = [{"id": "gone", **known, "merged_into": "c00000"}]
    async with database.transaction() as connection:
        await connection.execute(insert(Customer), rows)
        await connection.execute(insert(Customer), merged)
        await connection.execute(insert(Event), [_visit(one) for one in range(number)])
    told: list[int] = []
    report = await Rebuilding(database, FixedClock(NOON), every_check()).run(repair=True, tell=told.append)
    assert (report.customers, report.differing, told) == (number, number, [LOT, 2 * LOT, number])
    assert len(report.differences["computed.page_views"].examples) == rebuilding.EXAMPLES
    assert (await documents(database))["c00007"] == rebuild([("Page Viewed", NOON, {}, {})])


def _visit(number: int) -> dict[str, Any]:
    return {
        "seq": number,
        "message_id": f"m{number}",
        "customer_id": f"c{number:05}",
        "type": "page",
        "name": "Page Viewed",
        "event_time": NOON,
        "received_at": NOON,
        "properties": {},
        "context": {},
    }


moves = st.tuples(
    st.sampled_from(["Order Completed", "Order Refunded", "Page Viewed", "Email Opened", "Identified", "Aliased"]),
    st.sampled_from([None, "ann", "bob"]),
    st.sampled_from([None, "a1", "a2"]),
    st.integers(-400, 400),
    st.integers(0, 12),
)


@given(history=st.lists(moves, max_size=25), cuts=st.sets(st.integers(0, 25), max_size=4))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_after_any_history_both_are_the_same(
    sqlite_template: Any, tmp_path_factory: pytest.TempPathFactory, history: list[Any], cuts: set[int]
) -> None:
    """Late events, merges and replays in batches of any size."""
    database = Database(sqlite_url(sqlite_template, tmp_path_factory.mktemp("history")))
    shop = Shop(database, NOON + timedelta(days=500))
    events = [_move(number, move) for number, move in enumerate(history) if move[1] or move[2]]
    edges = [0, *sorted(cuts), len(events)]
    try:
        for start, end in pairwise(edges):
            await shop.accept(*events[start:end])
        await shop.accept(*events[:5])
        report = await compare(database)
    finally:
        await database.close()
    assert report.differences == {}


def _move(number: int, move: tuple[str, str | None, str | None, int, int]) -> Any:
    name, user, anonymous, hours, figure = move
    kind = {"Identified": "identify", "Aliased": "alias"}.get(name, "track")
    if kind == "alias" and (user is None or anonymous is None):
        kind, name = "track", "Page Viewed"
    more: dict[str, Any] = {"previous": anonymous} if kind == "alias" else {"anonymous": anonymous}
    if kind == "track":
        more |= {"revenue": figure / 8, "session_id": figure, "products": [{"category": f"c{figure}"}]}
    at = NOON + timedelta(hours=hours)
    return incoming(name, user, kind=kind, at=at, message_id=f"m-{number}", **more)
