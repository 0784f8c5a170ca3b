"""The catalogue over the API."""

from typing import Any

import pytest

from tests.builders import incoming
from tests.world import World

SHOE = {
    "id": "shoe",
    "name": "Running shoe",
    "price": 79.9,
    "currency": "EUR",
    "stock": 12,
    "categories": ["Shoes/Running"],
    "url": "https://shop.example/shoe",
    "fields": {"brand": "Swift"},
    "variants": [{"id": "42", "title": "42", "stock": 5}],
}


async def post(world: World, *products: Any, status: int = 200) -> Any:
    answer = await world.http.post("/v1/products", json={"products": products})
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_a_product_comes_out_as_it_went_in(world: World) -> None:
    assert await post(world, SHOE) == {
        "success": True,
        "accepted": 1,
        "created": 1,
        "changed": 0,
        "unchanged": 0,
        "transitions": 0,
        "errors": [],
    }
    read = await world.get("/v1/products/shoe")
    (variant,) = read.pop("variants")
    assert {name: value for name, value in SHOE.items() if name != "variants"}.items() <= read.items()
    assert variant == {"id": "42", "title": "42", "price": None, "currency": None, "stock": 5, "fields": {}}
    assert (read["low_stock_threshold"], read["created_at"]) == (None, read["updated_at"])


async def test_an_id_may_hold_a_slash(world: World) -> None:
    await post(world, {"id": "shoe/42", "stock": 0}, {"id": "shoe/42", "stock": 4})
    assert (await world.get("/v1/products/shoe/42"))["stock"] == 4
    assert (await world.get("/v1/products/shoe%2F42"))["stock"] == 4
    (moved,) = (await world.get("/v1/products/shoe%2F42/transitions"))["items"]
    assert moved["kind"] == "back_in_stock"
    assert (await world.get("/v1/products/shoe%2F42/customers"))["items"] == []


async def test_a_product_can_be_deleted_and_what_was_known_of_its_past_stays(world: World) -> None:
    await post(world, {"id": "shoe/42", "stock": 0}, {"id": "shoe/42", "stock": 4})
    await world.shop.accept(incoming("Product Viewed", "ann", product_id="shoe/42", price=9))
    assert (await world.http.delete("/v1/products/shoe%2F42")).status_code == 204
    assert (await world.http.get("/v1/products/shoe%2F42")).status_code == 404
    assert (await world.http.delete("/v1/products/shoe%2F42")).json()["detail"] == "there is no product `shoe/42`"
    (moved,) = (await world.get("/v1/products/shoe%2F42/transitions"))["items"]
    assert moved["kind"] == "back_in_stock"
    (seen,) = (await world.get("/v1/customers/ann/interests"))["items"]
    assert (seen["product"], seen["kind"], seen["count"]) == ("shoe/42", "viewed", 1)


async def test_a_bad_one_is_refused_by_itself(world: World) -> None:
    body = await post(world, SHOE, {**SHOE, "id": "hat", "price": -1}, {"name": "nameless"}, status=207)
    assert (body["success"], body["accepted"]) == (False, 1)
    assert [(one["index"], one["id"], one["pointer"]) for one in body["errors"]] == [
        (1, "hat", "/products/1/price"),
        (2, None, "/products/2/id"),
    ]
    assert all(one["detail"] and one["mend"] for one in body["errors"])


async def test_a_batch_of_which_nothing_can_be_taken_is_a_problem(world: World) -> None:
    body = await post(world, {"id": "hat", "price": -1}, 7, status=422)
    assert [one["pointer"] for one in body["errors"]] == ["/products/0/price", "/products/1"]


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 422),
        (b'{"products": {}}', 422),
        (b'{"products": [], "more": 1}', 422),
        (b'{"products": [{"id": "a", "price": NaN}]}', 422),
        (b'{"products": [{"id": "a", "fields": {"x": 99999999999999999999999}}]}', 422),
        (b'{"products": [{"id": "a", "fields": {"x": "\\u0000"}, "name": "a\\u0000"}]}', 200),
        (b'{"products": [' + b'{"id": "a"},' * 1000 + b'{"id": "a"}]}', 422),
        (b'{"products": [{"id": "a", "fields": {"x": ' + b"[" * 500 + b"]" * 500 + b"}}]}", 422),
        (b'{"products": []}', 200),
    ],
)
async def test_what_is_no_batch_is_said(world: World, content: bytes, status: int) -> None:
    answer = await world.http.post("/v1/products", content=content)
    assert answer.status_code == status, answer.text


async def test_what_moved_is_told_newest_first(world: World) -> None:
    await post(world, SHOE)
    drop = await post(world, {"id": "shoe", "price": 59.9, "stock": 3})
    assert drop["transitions"] == 2
    await post(world, {"id": "shoe", "stock": 0, "variants": [{"id": "42", "stock": 0}]})
    page = await world.get("/v1/products/shoe/transitions", limit=3)
    rest = await world.get("/v1/products/shoe/transitions", limit=3, cursor=page["next"])
    assert [(one["kind"], one["variant"]) for one in (*page["items"], *rest["items"])] == [
        ("out_of_stock", "42"),
        ("out_of_stock", None),
        ("low_stock", None),
        ("price_drop", None),
    ]
    (moved,) = (await world.get("/v1/products/shoe/transitions", kind="price_drop"))["items"]
    assert {name: moved[name] for name in ("old", "new", "amount", "percent", "currency")} == {
        "old": 79.9,
        "new": 59.9,
        "amount": 20.0,
        "percent": 25.0312,
        "currency": "EUR",
    }
    assert (await world.http.get("/v1/products/hat/transitions")).status_code == 404
    assert (await world.http.get("/v1/products/shoe/transitions", params={"kind": "up"})).status_code == 422


async def test_the_threshold_of_the_workspace_is_a_setting(world: World) -> None:
    await post(world, {"id": "shoe", "stock": 6}, {"id": "shoe", "stock": world.services.settings.low_stock_threshold})
    (moved,) = (await world.get("/v1/products/shoe/transitions"))["items"]
    assert moved["kind"] == "low_stock"


async def test_products_are_listed_by_category_and_by_id(world: World) -> None:
    await post(world, SHOE, {**SHOE, "id": "boot", "categories": ["Shoes/Winter"]}, {"id": "hat"})

    async def ids(**query: Any) -> list[str]:
        return [one["id"] for one in (await world.get("/v1/products", **query))["items"]]

    assert await ids() == ["boot", "hat", "shoe"]
    assert await ids(category="Shoes") == ["boot", "shoe"]
    assert await ids(category="Shoes/Winter") == ["boot"]
    assert await ids(id=["shoe", "hat", "nothing"]) == ["hat", "shoe"]
    page = await world.get("/v1/products", limit=2)
    assert await ids(limit=2, cursor=page["next"]) == ["shoe"]
    answer = await world.http.get("/v1/products", params={"category": "/"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/query/category")


async def test_categories_are_a_tree(world: World) -> None:
    await post(world, SHOE, {**SHOE, "id": "boot", "categories": ["Shoes/Winter"]})
    (shoes,) = (await world.get("/v1/categories"))["categories"]
    assert (shoes["path"], shoes["products"]) == ("Shoes", 2)
    assert [one["name"] for one in shoes["children"]] == ["Running", "Winter"]
    below = await world.get("/v1/categories", under="Shoes")
    assert below["categories"] == shoes["children"]
