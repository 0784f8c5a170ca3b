"""Slots show what other systems say, and blocks of the workspace."""

from typing import Any

import pytest

from tests.parts.other_system import OtherSystem, says
from tests.world import World

STOCK = {"connection": "shop", "path": "/stock/{{ context.sku | url_encode }}", "take": "/left"}


def slot(title: str = "{{ lookup.stock }} left", **parts: Any) -> dict[str, Any]:
    lookups = {"stock": {**STOCK, **parts}}
    return {"name": "Hero", "variants": [{"key": "all", "content": {"title": title}}], "lookups": lookups}


async def title(here: World, **query: Any) -> Any:
    body = {"slots": ["hero"], "context": {"sku": "a b"}, **query}
    answer = await here.http.post("/v1/content", json=body, headers={"x-journeyman-anonymous-id": "visitor"})
    assert answer.status_code == 200, answer.text
    shown = answer.json()["items"]["hero"]
    return shown and shown["content"]["title"]


async def test_a_slot_shows_what_another_system_says(here: World, shop: OtherSystem) -> None:
    shop.script.append(says(200, {"left": 3}))
    await here.put("/v1/slots/hero", slot())
    assert [await title(here), await title(here)] == ["3 left", "3 left"]
    assert [one.path for one in shop.calls] == ["/api/stock/a+b"]


@pytest.mark.parametrize(("otherwise", "shown"), [({"otherwise": "Some"}, "Some left"), ({}, None)])
async def test_a_slot_whose_lookup_fails_takes_another_value_or_shows_nothing(
    here: World, shop: OtherSystem, otherwise: dict[str, str], shown: str | None
) -> None:
    shop.script.append(says(500))
    await here.put("/v1/slots/hero", slot(**otherwise))
    assert await title(here) == shown


async def test_a_slot_that_shows_nothing_of_it_asks_nobody(here: World, shop: OtherSystem) -> None:
    await here.put("/v1/slots/hero", slot("Hello"))
    assert (await title(here), shop.calls) == ("Hello", [])


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        (slot(connection="shpo"), "/lookups/stock/connection"),
        (slot("{{ lookup.stok }}"), "/lookups"),
        (slot("{% render 'offer' %}"), "/variants/0/content/title"),
        (slot(timeout="1m"), "/lookups/stock/timeout"),
    ],
)
async def test_a_slot_that_names_what_is_not_there_is_refused(
    here: World, document: dict[str, Any], pointer: str
) -> None:
    answer = await here.http.put("/v1/slots/hero", json=document)
    assert answer.status_code == 422, answer.text
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]


async def test_a_slot_renders_blocks_in_the_language_and_the_variant_for_who_is_there(here: World) -> None:
    variants = [{"key": "shoes", "when": {"context": "page", "equals": "shoes"}, "text": "Shoes"}]
    offer = {"text": "Sale", "language": "en", "languages": {"pl": {"text": "Okazja"}}, "variants": variants}
    await here.put("/v1/blocks/offer", offer)
    await here.put("/v1/slots/hero", slot("{% render 'offer' %}!"))
    await here.shop.introduce("ann", language="pl")
    assert await title(here) == "Sale!"
    assert await title(here, context={"page": "shoes"}) == "Shoes!"
    assert await title(here, customer="ann") == "Okazja!"


async def test_a_block_that_a_slot_renders_is_not_deleted(here: World) -> None:
    await here.put("/v1/blocks/offer", {"text": "Sale"})
    await here.put("/v1/slots/hero", slot("{% render 'offer' %}"))
    answer = await here.http.delete("/v1/blocks/offer")
    assert (answer.status_code, "the slot `hero`" in answer.text) == (409, True)
    await here.http.delete("/v1/slots/hero")
    assert (await here.http.delete("/v1/blocks/offer")).status_code == 204
