"""Products brought in batches, one after another and at the same time, on both databases."""

import asyncio
import random
from collections import Counter
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from journeyman.catalog import repository
from journeyman.catalog.catalogue import MOST_AT_ONCE, Catalogue, Upserted
from journeyman.catalog.categories import Category
from journeyman.catalog.products import Product
from journeyman.catalog.transitions import Transition
from journeyman.kit.clock import FixedClock
from journeyman.kit.database import Database
from journeyman.kit.errors import InvalidError, NotFoundError
from tests.builders import NOON
from tests.journeyman.catalog.feeds import IDS, NaiveShop, patch


@pytest.fixture
def catalogue(database: Database) -> Catalogue:
    return Catalogue(database, FixedClock(NOON), low_stock=5)


async def put(catalogue: Catalogue, *documents: dict[str, Any]) -> Upserted:
    """A batch of which nothing is refused."""
    upserted = await catalogue.upsert(documents)
    assert upserted.refusals == []
    return upserted


async def history(catalogue: Catalogue, product_id: str) -> list[Transition]:
    """Everything that moved, the oldest first."""
    found, cursor = [], None
    while True:
        page = await catalogue.transitions(product_id, None, cursor, 7)
        found += [one.transition for one in page.items]
        cursor = page.next
        if cursor is None:
            return found[::-1]


def moves(transitions: list[Transition]) -> list[Any]:
    return [(one.kind, one.variant_id, one.old, one.new) for one in transitions]


async def test_a_product_comes_out_as_it_went_in(catalogue: Catalogue) -> None:
    await put(
        catalogue,
        {
            "id": "shoe/42 ü",
            "name": "Schuh",
            "price": "79.9001",
            "currency": "EUR",
            "compare_at_price": "99999999999.9999",
            "stock": -3,
            "categories": ["Shoes/Running"],
            "url": "https://shop.example/shoe",
            "fields": {"ü": [1, None, {"a": True}], "half": 0.5},
            "variants": [{"id": "m", "price": "0.0001", "fields": {"ean": "4"}}],
        },
    )
    stored = await catalogue.get("shoe/42 ü")
    assert (stored.created_at, stored.updated_at) == (NOON, NOON)
    product = stored.product
    assert (product.price, product.compare_at_price) == (Decimal("79.9001"), Decimal("99999999999.9999"))
    assert (product.stock, product.categories, product.replenishment_days) == (-3, ("Shoes/Running",), None)
    assert product.fields == {"ü": [1, None, {"a": True}], "half": 0.5}
    assert (product.variants["m"].price, product.variants["m"].fields) == (Decimal("0.0001"), {"ean": "4"})


@pytest.mark.parametrize("seed", range(4))
async def test_a_feed_moves_what_a_naive_model_says(catalogue: Catalogue, seed: int) -> None:
    chance = random.Random(seed)
    naive = NaiveShop(low_stock=5)
    expected: dict[str, list[Any]] = {product_id: [] for product_id in IDS}
    for _ in range(15):
        batch = [patch(chance) for _ in range(chance.randrange(1, 8))]
        for document in batch:
            expected[document["id"]] += sorted(naive.take(document), key=str)
        await put(catalogue, *batch)
    assert any(expected.values())
    for product_id, moved in expected.items():
        found = moves(await history(catalogue, product_id))
        assert Counter(map(str, found)) == Counter(map(str, [(*one[:2], *map(four, one[2:])) for one in moved]))


def four(amount: Decimal) -> Decimal:
    """As a column of four places has it."""
    return amount.quantize(Decimal("0.0001"))


async def test_what_is_the_same_is_not_written_again(catalogue: Catalogue) -> None:
    shoe = {"id": "shoe", "price": 5, "currency": "EUR", "variants": [{"id": "m", "stock": 1}], "categories": ["A"]}
    first = await put(catalogue, shoe)
    assert isinstance(catalogue.clock, FixedClock)
    catalogue.clock.at = NOON.replace(hour=13)
    second = await put(catalogue, shoe)
    third = await put(catalogue, {**shoe, "price": 4}, {"id": "shoe"})
    assert [(one.created, one.changed, one.unchanged) for one in (first, second, third)] == [
        (1, 0, 0),
        (0, 0, 1),
        (0, 1, 1),
    ]
    stored = await catalogue.get("shoe")
    assert (stored.created_at, stored.updated_at) == (NOON, NOON.replace(hour=13))


async def test_a_product_may_come_twice_in_a_batch(catalogue: Catalogue) -> None:
    shoe = {"id": "shoe", "currency": "EUR"}
    upserted = await put(catalogue, {**shoe, "price": 5}, {**shoe, "price": 4}, {**shoe, "price": 6})
    assert (upserted.created, upserted.changed) == (1, 2)
    assert [one.kind for one in await history(catalogue, "shoe")] == ["price_drop", "price_rise"]


async def test_a_bad_one_takes_no_other_with_it_and_leaves_nothing(catalogue: Catalogue) -> None:
    good = {"id": "good", "price": 5, "currency": "EUR"}
    upserted = await catalogue.upsert([good, {"id": "bad", "price": 5}, {"id": "worse", "price": -5}, 7])
    assert upserted.accepted == 1
    assert [(index, one.product_id) for index, one in upserted.refusals] == [(1, "bad"), (2, "worse"), (3, None)]
    assert [one.product.id for one in (await catalogue.page(None, None, 50)).items] == ["good"]
    upserted = await catalogue.upsert([{"id": "good", "currency": None}, {"id": "good", "price": 4}])
    assert [index for index, _ in upserted.refusals] == [0]
    assert (await catalogue.get("good")).product.price == 4


async def test_a_batch_has_a_bound(catalogue: Catalogue) -> None:
    upserted = await put(catalogue, *({"id": f"p{number}"} for number in range(MOST_AT_ONCE)))
    assert upserted.created == MOST_AT_ONCE
    with pytest.raises(InvalidError):
        await catalogue.upsert([{"id": "p"}] * (MOST_AT_ONCE + 1))


async def test_variants_are_added_changed_and_taken_away(catalogue: Catalogue) -> None:
    await put(catalogue, {"id": "shoe", "variants": [{"id": "m", "stock": 1}, {"id": "l", "stock": 1}, {"id": "s"}]})
    await put(catalogue, {"id": "shoe", "variants": [{"id": "m", "stock": 2}, {"id": "l", "deleted": True}]})
    variants = (await catalogue.get("shoe")).product.variants
    assert {one.id: one.stock for one in variants.values()} == {"m": 2, "s": None}
    await put(catalogue, {"id": "shoe", "variants": None})
    assert (await catalogue.get("shoe")).product == Product("shoe")


async def test_a_product_that_is_deleted_moves_nothing_and_comes_back_as_a_new_one(catalogue: Catalogue) -> None:
    shoe = {"id": "shoe", "price": 9, "currency": "EUR", "stock": 3, "categories": ["Shoes/Running"]}
    variants = [{"id": "m", "price": 8}]
    await put(catalogue, shoe | {"variants": variants}, {"id": "hat", "categories": ["Hats"]})
    await put(catalogue, {"id": "shoe", "price": 7})
    before = await history(catalogue, "shoe")
    assert [one.kind for one in before] == ["price_drop"]

    assert await catalogue.delete(["shoe", "sock"]) == {"shoe"}
    assert await catalogue.delete(["shoe"]) == set()
    with pytest.raises(NotFoundError):
        await catalogue.get("shoe")
    assert [one.path for one in await catalogue.categories()] == ["Hats"]
    assert [one.product.id for one in (await catalogue.page(None, None, 9)).items] == ["hat"]
    assert await history(catalogue, "shoe") == before, "what moved before stays on record"

    made = await put(catalogue, {"id": "shoe", "price": 1, "currency": "EUR", "stock": 0, "variants": [{"id": "m"}]})
    assert (made.created, made.transitions) == (1, [])
    product = (await catalogue.get("shoe")).product
    assert (product.categories, product.variants["m"].price) == ((), None), "nothing is left of the one before"


async def test_a_product_may_be_deleted_while_others_bring_it(catalogue: Catalogue) -> None:
    async def bring(number: int) -> int:
        shoes = ({"id": "shoe", "stock": number, "variants": [{"id": str(turn), "stock": 1}]} for turn in range(8))
        return sum([(await put(catalogue, shoe)).created for shoe in shoes])

    async def take() -> int:
        return sum([len(await catalogue.delete(["shoe"])) for _ in range(16)])

    *made, taken = await asyncio.gather(bring(1), bring(2), bring(3), take())
    assert sum(made) - taken == len(await catalogue.find(["shoe"]))


async def test_a_product_that_vanishes_between_look_and_lock_is_a_new_one(
    database: Database, catalogue: Catalogue
) -> None:
    await put(catalogue, {"id": "shoe", "stock": 3})
    async with database.transaction() as connection:
        await repository.drop_products(connection, ["shoe"])
        made = asyncio.create_task(catalogue.upsert([{"id": "shoe", "stock": 9}]))
        done, _ = await asyncio.wait([made], timeout=0.2)
        assert not done, "it waits for whoever deletes"
    upserted = await made
    assert (upserted.created, upserted.transitions) == (1, [])
    assert (await catalogue.get("shoe")).product == Product("shoe", stock=9)


async def test_two_at_once_lose_no_movement_and_never_wait_in_a_circle(catalogue: Catalogue) -> None:
    """Each of many writers takes one piece of every product; however they interleave, the stocks chain up."""
    ids = [f"p{number}" for number in range(12)]

    async def feed(number: int) -> None:
        chance = random.Random(number)
        for turn in range(6):
            some = chance.sample(ids, 8)
            stock = 10 * (number * 6 + turn) * chance.choice((0, 1))
            await put(catalogue, *({"id": one, "stock": stock, "price": stock, "currency": "EUR"} for one in some))

    await asyncio.gather(*(feed(number) for number in range(6)))
    for product_id in ids:
        prices = [one for one in await history(catalogue, product_id) if one.kind.startswith("price")]
        assert prices
        assert all(later.old == earlier.new for earlier, later in pairwise(prices))
        assert prices[-1].new == (await catalogue.get(product_id)).product.price


async def test_two_who_bring_the_same_new_product_make_one(catalogue: Catalogue) -> None:
    batches = [[{"id": f"n{one}", "stock": stock} for one in order] for stock, order in ((0, range(9)), (7, range(9)))]
    made = await asyncio.gather(*(put(catalogue, *batch) for batch in (batches[0], batches[1][::-1])))
    assert sum(one.created for one in made) == 9
    assert sum(one.changed for one in made) == 9
    for one in (await catalogue.page(None, None, 50)).items:
        (moved,) = await history(catalogue, one.product.id)
        assert moved.new == one.product.stock


async def test_new_products_are_locked_in_one_order_whatever_order_they_are_named_in(database: Database) -> None:
    async def lock(ids: list[str]) -> set[str]:
        async with database.transaction() as connection:
            products, new = await repository.lock_products(connection, ids, NOON)
        assert products.keys() == {*ids}
        return new

    for turn in range(10):
        ids = [f"p{turn}-{number}" for number in range(300)]
        made = await asyncio.gather(lock(ids), lock(ids[::-1]))
        assert {*ids} == made[0] | made[1]
        assert not made[0] & made[1]


async def test_a_category_has_what_is_below_it(catalogue: Catalogue) -> None:
    await put(
        catalogue,
        {"id": "a", "categories": ["Shoes/Running", "Shoes/Trail", "Sale"]},
        {"id": "b", "categories": ["Shoes"]},
        {"id": "c", "categories": ["Shoes_x/Running"]},
        {"id": "d"},
    )
    page = await catalogue.page(" Shoes ", None, 1)
    assert [one.product.id for one in page.items] == ["a"]
    assert [one.product.id for one in (await catalogue.page("Shoes", page.next, 1)).items] == ["b"]
    assert [one.product.id for one in (await catalogue.page("Shoes/Running", None, 9)).items] == ["a"]
    assert (await catalogue.page("Hats", None, 9)).items == []
    with pytest.raises(InvalidError):
        await catalogue.page("/", None, 9)


async def test_the_tree_counts_each_product_once(catalogue: Catalogue) -> None:
    await put(
        catalogue,
        {"id": "a", "categories": ["Shoes/Running", "Shoes/Trail", "Sale"]},
        {"id": "b", "categories": ["Shoes", "100%/Wool", "100 g/Wool"]},
    )
    running, trail = Category("Shoes/Running", "Running", 1), Category("Shoes/Trail", "Trail", 1)
    wool = Category("100%/Wool", "Wool", 1)
    assert await catalogue.categories() == [
        Category("100 g", "100 g", 1, [Category("100 g/Wool", "Wool", 1)]),
        Category("100%", "100%", 1, [wool]),
        Category("Sale", "Sale", 1),
        Category("Shoes", "Shoes", 2, [running, trail]),
    ]
    assert await catalogue.categories("Shoes") == [running, trail]
    assert await catalogue.categories("100%") == [wool]
    assert await catalogue.categories("shoes") == []
    await put(catalogue, {"id": "a", "categories": None}, {"id": "b", "categories": []})
    assert await catalogue.categories() == []


async def test_what_is_not_there_is_said(catalogue: Catalogue) -> None:
    with pytest.raises(NotFoundError):
        await catalogue.get("nothing")
    with pytest.raises(NotFoundError):
        await catalogue.transitions("nothing", None, None, 9)
    await put(catalogue, {"id": "a"})
    assert [one.product.id for one in await catalogue.find(["nothing", "a"])] == ["a"]
