"""Journeys that the catalogue starts, on both databases (P1-P3)."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select, update

from journeyman.catalog.catalogue import Catalogue
from journeyman.customers.inbox.door import Inbox
from journeyman.customers.tables import Identifier
from journeyman.journeys.campaigns.campaigns import Campaigns
from journeyman.journeys.campaigns.offering import Offering, page_size
from journeyman.journeys.campaigns.products import ProductWatcher
from journeyman.journeys.campaigns.repository import Campaign
from journeyman.journeys.tables import Run
from journeyman.kit.database import Database
from journeyman.kit.wake import wake_for
from tests.builders import Shop, incoming

STEPS = [{"id": "stay", "wait": {"for": "1h"}}]


def journey(on: str, **entry: Any) -> dict[str, Any]:
    return {"journey": "moved", "entry": {"on": on, **entry}, "steps": STEPS}


class Mall:
    """A shop whose catalogue moves; `settle` begins the campaigns of what has moved, and sees them through."""

    def __init__(self, database: Database) -> None:
        self.shop = Shop(database)
        self.wake = wake_for(database)
        self.inbox = Inbox(database, self.wake, 100_000)
        self.catalogue = Catalogue(database, self.shop.clock, 5)
        self.offering = Offering(database, self.inbox, self.wake, self.shop.clock, "UTC")
        self.campaigns = Campaigns(database, self.wake, self.shop.clock)
        self.watcher = ProductWatcher(database, self.shop.clock)

    async def stock(self, **products: dict[str, Any]) -> None:
        given = [{"id": key, "currency": "EUR", **values} for key, values in products.items()]
        assert not (await self.catalogue.upsert(given)).refusals

    async def does(self, customer: str, event: str, product: str = "shoe", **properties: Any) -> None:
        given = {"product_id": product, "currency": "EUR", **properties}
        if event.startswith("Order"):
            given = {"products": [given]}
        await self.shop.accept(incoming(event, customer, at=self.shop.clock.now(), **given))

    async def settle(self, **span: float) -> list[Campaign]:
        """Let the feed be quiet, and every campaign come to its end; returns those that are new."""
        known = {one.id for one in await self.all()}
        self.shop.pass_time(**(span or {"seconds": 6}))
        while await self.watcher.step():
            pass
        for one in await self.all():
            while (await self.offering(one.id, page_size(one), None, lambda: None)).campaign.state == "under_way":
                await self.shop.decide()
            await self.shop.decide()
        return [one for one in await self.all() if one.id not in known]

    async def all(self) -> list[Campaign]:
        return (await self.campaigns.page(None, None, 50)).items

    async def entries(self) -> list[tuple[str, list[tuple[str, float | None, float | None]]]]:
        """Who has entered in order, with the products that she was told of: what each cost, and costs."""
        async with self.shop.database.reading() as connection:
            names = await user_ids(connection)
        told = [
            (
                run.entered_at,
                names[run.customer_id],
                [(one["product_id"], one["was"], one["price"]) for one in run.entry["products"]],
            )
            for run in await self.shop.runs()
        ]
        return [(customer, wares) for _, customer, wares in sorted(told)]


async def user_ids(connection: Any) -> dict[str, str]:
    rows = await connection.execute(
        select(Identifier.customer_id, Identifier.value).where(Identifier.kind == "user_id")
    )
    return {row.customer_id: row.value for row in rows}


@pytest.fixture
async def mall(database: Database) -> AsyncIterator[Mall]:
    opened = Mall(database)
    yield opened
    await opened.wake.close()
    await opened.inbox.close()


async def opened(mall: Mall, on: str, **entry: Any) -> None:
    await mall.shop.publish(journey(on, **entry))
    await mall.settle()


async def test_p1_a_price_drop_is_told_to_who_took_an_interest(mall: Mall) -> None:
    await mall.stock(shoe={"price": 100}, hat={"price": 50})
    await opened(mall, "price_drop", by="10 %", interest=["viewed", "carted"])
    await mall.does("ann", "Product Viewed")
    await mall.does("bob", "Product Added", price=100)
    await mall.does("cleo", "Product Viewed", "hat")
    await mall.does("dora", "Product Added to Wishlist")
    await mall.stock(shoe={"price": 90})
    (campaign,) = await mall.settle()
    assert (campaign.kind, campaign.state, campaign.entered) == ("price_drop", "done", 2)
    assert await mall.entries() == [("ann", [("shoe", 100, 90)]), ("bob", [("shoe", 100, 90)])]


async def test_p1_the_reference_is_what_she_saw_last_else_the_products_price(mall: Mall) -> None:
    await mall.stock(shoe={"price": 95})
    await opened(mall, "price_drop", by="10 %")
    await mall.does("ann", "Product Viewed", price=100)
    await mall.does("bob", "Product Viewed")
    await mall.does("cleo", "Product Viewed", price=100, currency="USD")
    await mall.does("dora", "Product Viewed", price=89)
    await mall.stock(shoe={"price": 88})
    await mall.settle()
    assert await mall.entries() == [("ann", [("shoe", 100, 88)])], "12 % for her, 7 % for the others, 1 % for Dora"


async def test_p1_an_amount_and_at_least_n_times_within_a_while(mall: Mall) -> None:
    await mall.stock(shoe={"price": 100})
    await opened(mall, "price_drop", by=15, at_least=2, within="7d")
    for _ in range(2):
        await mall.does("early", "Product Viewed")
    mall.shop.pass_time(days=8)
    for customer, times in (("once", 1), ("twice", 2)):
        for _ in range(times):
            await mall.does(customer, "Product Viewed")
    await mall.stock(shoe={"price": 86})
    await mall.settle()
    assert await mall.entries() == []
    await mall.stock(shoe={"price": 84})
    await mall.settle()
    assert await mall.entries() == [], "two off is no fifteen"
    await mall.stock(shoe={"price": 60})
    await mall.settle()
    assert await mall.entries() == [("twice", [("shoe", 84, 60)])]


async def test_p1_who_bought_it_since_is_left_alone(mall: Mall) -> None:
    await mall.stock(shoe={"price": 100})
    await opened(mall, "price_drop", by="10 %")
    await mall.does("ann", "Product Viewed")
    await mall.does("ann", "Order Completed")
    await mall.does("bob", "Order Completed")
    mall.shop.pass_time(minutes=1)
    await mall.does("bob", "Product Viewed")
    await mall.stock(shoe={"price": 80})
    await mall.settle()
    assert [customer for customer, _ in await mall.entries()] == ["bob"]


async def test_p1_the_first_load_never_fires_nor_what_moved_before_the_publication(mall: Mall) -> None:
    await mall.stock(shoe={"price": 100})
    await mall.does("ann", "Product Viewed")
    await mall.stock(shoe={"price": 50})
    await opened(mall, "price_drop", by="10 %")
    await mall.does("ann", "Product Viewed", "hat")
    await mall.stock(hat={"price": 10})
    assert await mall.settle() == []
    assert await mall.entries() == []


async def test_p1_it_is_armed_again_only_after_the_price_rises(mall: Mall) -> None:
    await mall.stock(shoe={"price": 100})
    await opened(mall, "price_drop", by="10 %")
    await mall.does("ann", "Product Viewed")
    for price, entries in ((80, 1), (60, 1), (65, 1), (50, 2), (40, 2)):
        await mall.stock(shoe={"price": price})
        await mall.settle(hours=2)
        await mall.settle(hours=2)
        await end_runs(mall)
        assert len(await mall.entries()) == entries, price


async def end_runs(mall: Mall) -> None:
    """Runs of the journey are over, so that nobody is refused for being in it."""
    async with mall.shop.database.transaction() as connection:
        now = mall.shop.clock.now()
        await connection.execute(update(Run).values(state="ended", outcome="completed", ended_at=now, step=None))


async def test_p1_many_products_of_one_feed_are_one_entry(mall: Mall) -> None:
    await mall.stock(**{f"p{one}": {"price": 100} for one in range(4)})
    await opened(mall, "price_drop", by="10 %")
    for one in range(3):
        await mall.does("ann", "Product Viewed", f"p{one}")
    await mall.does("bob", "Product Viewed", "p3")
    await mall.stock(p0={"price": 80}, p1={"price": 95})
    mall.shop.pass_time(seconds=2)
    await mall.stock(p2={"price": 70}, p3={"price": 60})
    assert not await mall.watcher.step(), "the feed is not quiet yet"
    (campaign,) = await mall.settle()
    assert campaign.entered == 2
    assert await mall.entries() == [("ann", [("p0", 100, 80), ("p2", 100, 70)]), ("bob", [("p3", 100, 60)])]
    (anns,) = [run for run in await mall.shop.runs() if run.customer_id == "ann"]
    assert anns.entry["product_id"] == "p0"


async def test_p1_a_price_that_has_risen_again_is_told_to_nobody(mall: Mall) -> None:
    await mall.stock(shoe={"price": 100})
    await opened(mall, "price_drop", by="10 %")
    await mall.does("ann", "Product Viewed")
    await mall.stock(shoe={"price": 50})
    await mall.stock(shoe={"price": 100})
    (campaign,) = await mall.settle()
    assert (campaign.state, campaign.note, campaign.entered) == ("done", "the prices have risen again", 0)


async def test_p1_a_merge_takes_along_what_she_was_told(mall: Mall) -> None:
    await mall.stock(shoe={"price": 100})
    await opened(mall, "price_drop", by="10 %")
    await mall.shop.accept(incoming("Product Viewed", anonymous="a1", at=mall.shop.clock.now(), product_id="shoe"))
    await mall.stock(shoe={"price": 80})
    await mall.settle()
    await mall.shop.accept(
        incoming("Identified", "ann", anonymous="a1", kind="identify", at=mall.shop.clock.now(), traits={"n": 1})
    )
    await mall.stock(shoe={"price": 60})
    await mall.settle()
    assert len(await mall.shop.runs()) == 1


async def test_p2_back_in_stock_once_for_each_subscription(mall: Mall) -> None:
    await mall.stock(shoe={"price": 100, "stock": 0})
    await opened(mall, "back_in_stock")
    await mall.does("ann", "Back in Stock Requested")
    await mall.does("bob", "Product Added to Wishlist")
    await mall.does("cleo", "Product Viewed")
    await mall.stock(shoe={"stock": 4})
    await mall.settle()
    assert [customer for customer, _ in await mall.entries()] == ["ann", "bob"]
    await end_runs(mall)
    await mall.stock(shoe={"stock": 9})
    assert await mall.settle() == [], "from some to more is no coming back"
    await mall.stock(shoe={"stock": 0})
    mall.shop.pass_time(hours=1)
    await mall.does("bob", "Back in Stock Requested")
    await mall.stock(shoe={"stock": 2})
    await mall.settle()
    assert [customer for customer, _ in await mall.entries()] == ["ann", "bob", "bob"], "Ann has not asked again"


async def test_p2_a_subscription_is_good_for_ninety_days(mall: Mall) -> None:
    await mall.stock(shoe={"price": 100, "stock": 0})
    await opened(mall, "back_in_stock")
    await mall.does("ann", "Back in Stock Requested")
    mall.shop.pass_time(days=2)
    await mall.does("bob", "Back in Stock Requested")
    mall.shop.pass_time(days=89)
    await mall.stock(shoe={"stock": 4})
    await mall.settle()
    assert [customer for customer, _ in await mall.entries()] == ["bob"]


async def test_p2_a_trickle_ends_when_the_stock_is_gone(mall: Mall) -> None:
    await mall.stock(shoe={"price": 100, "stock": 0})
    await opened(mall, "back_in_stock", rate="1 per 1h")
    for one in range(5):
        await mall.does(f"u{one}", "Back in Stock Requested")
    await mall.stock(shoe={"stock": 2})
    mall.shop.pass_time(seconds=6)
    await mall.watcher.step()
    (campaign,) = await mall.all()
    for _ in range(2):
        await mall.offering(campaign.id, page_size(campaign), None, lambda: None)
        await mall.shop.decide()
    await mall.stock(shoe={"stock": 0})
    await mall.offering(campaign.id, page_size(campaign), None, lambda: None)
    found = await mall.campaigns.find(campaign.id)
    assert (found.state, found.note, found.entered) == ("done", "out of stock again", 2)
    await mall.stock(shoe={"stock": 9})
    await mall.settle()
    assert sorted(customer for customer, _ in await mall.entries()) == [f"u{one}" for one in range(5)]


async def test_p3_low_stock_is_told_when_the_threshold_is_crossed_from_above(mall: Mall) -> None:
    await mall.stock(shoe={"price": 100, "stock": 3})
    await opened(mall, "low_stock")
    await mall.does("ann", "Product Added")
    for stock, entries in ((2, 0), (9, 0), (4, 1), (3, 1), (0, 1), (8, 1), (5, 2)):
        await mall.stock(shoe={"stock": stock})
        await mall.settle()
        await end_runs(mall)
        assert len(await mall.entries()) == entries, stock


async def test_p3_nobody_is_told_once_it_is_gone(mall: Mall) -> None:
    await mall.stock(shoe={"price": 100, "stock": 9})
    await opened(mall, "low_stock")
    await mall.does("ann", "Product Added")
    await mall.stock(shoe={"stock": 4})
    await mall.stock(shoe={"stock": 0})
    (campaign,) = await mall.settle()
    assert (campaign.entered, campaign.note) == (0, "restocked, or out of stock")
