"""What authors learn of lookups: before they save, publish and send."""

from typing import Any

import pytest

from journeyman.channels.lint.lint import lint
from journeyman.channels.templates import read_content
from tests.builders import journey
from tests.parts.other_system import OtherSystem, says
from tests.world import World

STOCK: dict[str, Any] = {"connection": "shop", "path": "/stock/{{ customer.size }}", "take": "/left"}
TEXT = {"channel": "sms", "text": "{{ lookup.stock }} left", "lookups": {"stock": STOCK}}


def template(**parts: Any) -> dict[str, Any]:
    return {**TEXT, "lookups": {"stock": {**STOCK, **parts}}}


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        (template(path="stock"), "/lookups/stock/path"),
        (template(timeout="6s"), "/lookups/stock/timeout"),
        (template(keep="2d"), "/lookups/stock/keep"),
        (template(take="left"), "/lookups/stock/take"),
        (template(otherwise=None), "/lookups/stock/otherwise"),
        (template(path="/{{ customer.size"), "/lookups/stock/path"),
        (template(path="/{{ lookup.stock }}"), "/lookups/stock/path"),
        ({**TEXT, "lookups": {}}, "/lookups"),
        ({**TEXT, "lookups": dict.fromkeys("abcdef", STOCK)}, "/lookups"),
        ({**TEXT, "lookups": {"my stock": STOCK}}, "/lookups/my stock/[key]"),
        ({**TEXT, "languages": {"pl": {"lookups": {}}}}, "/languages/pl/lookups"),
    ],
)
async def test_a_template_with_a_lookup_that_cannot_work_is_refused(
    here: World, document: dict[str, Any], pointer: str
) -> None:
    answer = await here.http.put("/v1/templates/left", json=document)
    assert answer.status_code == 422, answer.text
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]


async def test_a_template_says_what_it_looks_up(here: World) -> None:
    await here.put("/v1/templates/left", TEXT)
    kept = await here.get("/v1/templates/left")
    assert kept["lookups"] == {"stock": STOCK}
    assert (kept["uses"]["lookups"], kept["uses"]["customer"]) == (["stock"], ["size"])


async def test_a_preview_really_looks_up(here: World, shop: OtherSystem) -> None:
    shop.script.append(says(200, {"left": 3}))
    await here.put("/v1/templates/left", TEXT)
    answer = await here.http.post("/v1/templates/left/render", json={"customer": {"size": "M"}})
    assert (answer.json()["text"], shop.calls[0].path) == ("3 left", "/api/stock/M")


async def test_a_preview_says_what_failed(here: World, shop: OtherSystem) -> None:
    shop.script.append(says(404))
    await here.put("/v1/templates/left", TEXT)
    answer = await here.http.post("/v1/templates/left/render", json={"customer": {"size": "M"}})
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert (fault["pointer"], fault["detail"]) == ("/lookups/stock", "the answer is 404")


def test_lint_finds_lookups_that_nothing_shows_and_connections_that_nobody_has_set_up() -> None:
    content = read_content({**TEXT, "text": "Hello", "lookups": {"stock": {**STOCK, "connection": "shpo"}}})
    found = {one.code: one for one in lint(content, marketing=False, connections=["shop"])}
    assert found["lookup-unused"].pointer == "/lookups/stock"
    assert (found["unknown-connection"].pointer, found["unknown-connection"].mend) == (
        "/lookups/stock/connection",
        "Did you mean `shop`?",
    )
    assert not {"lookup-unused", "unknown-connection"} & {
        one.code for one in lint(read_content(TEXT), marketing=False, connections=["shop"])
    }


async def test_a_journey_whose_template_names_an_unknown_connection_is_not_published(here: World) -> None:
    await here.put("/v1/templates/left", template(connection="shpo"))
    steps = [
        {"id": "text", "send": {"channel": "sms", "template": "left"}},
        {"id": "ask", "call": {"connection": "warehouse"}},
    ]
    await here.put("/v1/journeys/cart", journey(steps=steps))
    answer = await here.http.post("/v1/journeys/cart/publish")
    assert answer.status_code == 422, answer.text
    assert {fault["pointer"]: fault["mend"] for fault in answer.json()["errors"]} == {
        "/steps/0/send/template": "did you mean `shop`?",
        "/steps/1/call/connection": "set it up in the providers' file, or name another",
    }
    await here.put("/v1/templates/left", TEXT)
    await here.put("/v1/journeys/cart", journey(steps=steps[:1]))
    assert (await here.http.post("/v1/journeys/cart/publish")).status_code == 200
