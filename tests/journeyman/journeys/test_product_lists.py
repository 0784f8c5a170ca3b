"""Lists of products in messages: the customer's own and everybody's, as they are at the instant of sending."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from journeyman.channels.templates import read_content
from tests.builders import incoming
from tests.journeyman.journeys.contact.mailings import go, mailing
from tests.world import World, world

ITEM = "{{ item.name }} {{ item.price }}{% if item.was %} was {{ item.was }}{% endif %};"
NAMES = "{% for item in products.LIST %}" + ITEM + "{% endfor %}"
SECOND = timedelta(seconds=1)


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[World]:
    async with world(database_url) as opened:
        yield opened


async def stock(here: World, *products: dict[str, Any]) -> None:
    whole = [{"currency": "EUR", "price": "10", "stock": 5, "name": one["id"].title(), **one} for one in products]
    answer = await here.http.post("/v1/products", json={"products": whole})
    assert answer.status_code == 200, answer.text


async def does(here: World, name: str, product: str, customer: str = "ann") -> None:
    here.clock.at += SECOND
    bought = [{"product_id": product, "quantity": 1}]
    await here.shop.accept(incoming(name, customer, at=here.clock.at, product_id=product, products=bought))


async def shown(here: World, liquid: str) -> str:
    """What a mail to ann says."""
    content = read_content({"channel": "email", "subject": "x", "text": liquid + " {{ unsubscribe_url }}"})
    await here.shop.publish(mailing(), template=content)
    await go(here)
    return str(here.smtp.read(-1).get_content()).partition(" http")[0].strip()


async def test_what_she_looked_at_the_latest_first_without_what_is_bought_or_sold_out(here: World) -> None:
    await here.shop.introduce()
    cup, jar = {"id": "cup", "compare_at_price": "12.50"}, {"id": "jar", "stock": 0}
    await stock(here, {"id": "tea"}, cup, {"id": "pot"}, jar)
    for product in ("tea", "jar", "pot", "cup"):
        await does(here, "Product Viewed", product)
    await does(here, "Order Completed", "pot")
    assert await shown(here, NAMES.replace("LIST", "viewed")) == "Cup 10.00 was 12.50;Tea 10.00;"


async def test_what_others_buy_and_what_is_new(here: World) -> None:
    await here.shop.introduce()
    await stock(here, {"id": "tea"}, {"id": "cup"})
    for customer, product in (("bob", "cup"), ("eve", "cup"), ("bob", "tea")):
        await does(here, "Order Completed", product, customer)
    here.clock.at += SECOND
    await stock(here, {"id": "new"})
    assert await shown(here, NAMES.replace("LIST", "popular")) == "Cup 10.00;Tea 10.00;"
    preview = await here.http.post("/v1/templates/hello/render", json={"customer": {}})
    assert preview.json()["text"].startswith("Cup 10.00;Tea 10.00;")
    assert (await shown(here, NAMES.replace("LIST", "new"))).startswith("New 10.00;")


async def test_an_empty_list_is_visible_to_the_template(here: World) -> None:
    await here.shop.introduce()
    assert await shown(here, "{% if products.wished.size == 0 %}nothing{% endif %}") == "nothing"


async def test_a_template_without_lists_reads_no_product(here: World) -> None:
    await here.shop.introduce()
    said: list[str] = []
    event.listen(here.database.engine.sync_engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    assert await shown(here, "Hello") == "Hello"
    assert [one for one in said if "interests" in one or "FROM products" in one] == []
