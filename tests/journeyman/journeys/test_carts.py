"""P4 and P5 as journeys that anybody may write: carts and looks that were abandoned."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from journeyman.kit.yaml_format import load_yaml
from tests.builders import NOON, incoming
from tests.house.tree import ROOT
from tests.world import World, world

CART = load_yaml("""
journey: cart-abandoned
entry: {on: event, event: Product Added, correlate: cart_id, while_live: restart, collect: product_id}
exit:
  - {on: event, event: Order Completed, where: {property: cart_id, equals: {entry: cart_id}}, outcome: bought}
  - on: event
    event: Order Completed
    where: {some: products, where: {property: product_id, in: {entry: collected}}}
    outcome: bought
  - {on: event, event: Cart Emptied, where: {property: cart_id, equals: {entry: cart_id}}, outcome: emptied}
steps:
  - id: cool-off
    wait_for:
      event: Product Removed
      where: {property: cart_id, equals: {entry: cart_id}}
      timeout: 30m
      next: cool-off
  - {id: remind, send: {channel: email, template: cart-reminder}}
""")
BROWSE = load_yaml("""
journey: browse-abandoned
entry: {on: event, event: Product Viewed, correlate: product_id, while_live: restart, reentry: {after: 7d}}
exit:
  - {on: event, event: Product Added, where: {property: product_id, equals: {entry: product_id}}, outcome: carted}
  - {on: event, event: Order Completed, outcome: bought}
steps:
  - {id: think, wait: {for: 1h}}
  - {id: remind, send: {channel: email, template: seen-lately}}
""")


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[World]:
    async with world(database_url) as made:
        for document in (CART, BROWSE):
            await made.shop.publish(document)
        await made.shop.introduce("ann")
        yield made


def at(minutes: float) -> Any:
    return NOON + timedelta(minutes=minutes)


async def does(here: World, minutes: float, name: str, **properties: Any) -> None:
    await here.pass_time(minutes=(at(minutes) - here.clock.at).total_seconds() / 60)
    await here.shop.accept(incoming(name, at=at(minutes), **properties))


async def sent(here: World, journey: str) -> list[float]:
    """The minutes at which the journey's messages went out, once a day has passed."""
    await here.pass_time(days=1)
    entries = [entry for entry in await here.shop.journal() if entry.kind == "message" and entry.code == "sent"]
    step = {"cart-abandoned": "cart-reminder", "browse-abandoned": "seen-lately"}[journey]
    return [(entry.at - NOON).total_seconds() / 60 for entry in entries if entry.data["template"] == step]


async def test_p4_each_cart_change_starts_the_half_hour_anew(here: World) -> None:
    await does(here, 0, "Product Added", cart_id="c1", product_id="p1")
    await does(here, 20, "Product Added", cart_id="c1", product_id="p2")
    await does(here, 40, "Product Removed", cart_id="c1", product_id="p1")
    assert await sent(here, "cart-abandoned") == [70]


async def test_p4_carts_are_told_apart(here: World) -> None:
    await does(here, 0, "Product Added", cart_id="c1", product_id="p1")
    await does(here, 20, "Product Added", cart_id="c2", product_id="p2")
    await does(here, 25, "Order Completed", cart_id="c2")
    assert await sent(here, "cart-abandoned") == [30]


@pytest.mark.parametrize("product", ["p1", "p2", 3])
async def test_p4_buying_any_item_of_the_cart_exits_wherever_it_is_bought(here: World, product: object) -> None:
    await does(here, 0, "Product Added", cart_id="c1", product_id="p1")
    await does(here, 5, "Product Added", cart_id="c1", product_id="p2")
    await does(here, 10, "Product Added", cart_id="c1", products=[{"product_id": 3}, "odd"])
    assert (await here.shop.runs())[-1].entry["collected"] == ["p1", "p2", 3]
    await does(here, 20, "Order Completed", order_id="till", products=[{"product_id": "x"}, {"product_id": product}])
    assert await sent(here, "cart-abandoned") == []
    assert [run.outcome for run in await here.shop.runs()] == ["restarted", "restarted", "bought"]


async def test_p4_buying_something_else_does_not(here: World) -> None:
    await does(here, 0, "Product Added", cart_id="c1", product_id="p1")
    await does(here, 20, "Order Completed", cart_id="c9", products=[{"product_id": "p9"}, {"sku": "p1"}])
    assert await sent(here, "cart-abandoned") == [30]


async def test_p5_what_was_looked_at_and_not_carted_within_the_hour_is_reminded_of(here: World) -> None:
    await does(here, 0, "Product Viewed", product_id="p1")
    await does(here, 5, "Product Viewed", product_id="p2")
    await does(here, 30, "Product Added", product_id="p2", cart_id="c1")
    assert await sent(here, "browse-abandoned") == [60]


async def test_p5_anything_bought_since_keeps_it_back(here: World) -> None:
    await does(here, 0, "Product Viewed", product_id="p1")
    await does(here, 59, "Order Completed", products=[{"product_id": "p7"}])
    assert await sent(here, "browse-abandoned") == []


async def test_p5_each_look_starts_the_hour_anew_and_one_reminder_a_week_is_enough(here: World) -> None:
    await does(here, 0, "Product Viewed", product_id="p1")
    await does(here, 50, "Product Viewed", product_id="p1")
    await does(here, 115, "Product Viewed", product_id="p1")
    assert await sent(here, "browse-abandoned") == [110]
    assert await here.shop.codes("refused") == ["reentry"]


def test_p4_and_p5_stand_in_the_guide_as_they_are_proved_here() -> None:
    guide = (ROOT / "docs" / "semantics" / "commerce.md").read_text()
    documents = [load_yaml(block.split("```")[0]) for block in guide.split("```yaml\n")[1:]]
    assert [one for one in documents if one.get("journey") in {"cart-abandoned", "browse-abandoned"}] == [CART, BROWSE]
