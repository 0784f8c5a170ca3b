"""Blocks over the API: kept, shown with what renders them, forgotten."""

from typing import Any

from journeyman.kit.yaml_format import dump_yaml
from tests.world import World

FOOTER = {"text": "Bye {{ customer.name }}", "language": "en", "languages": {"pl": {"text": "Pa {{ customer.name }}"}}}
MAIL = {"channel": "email", "language": "en", "subject": "Hi", "text": 'x {% render "footer" %}'}


async def test_a_block_comes_out_as_it_went_in_and_tells_what_renders_it(world: World) -> None:
    kept = await world.put("/v1/blocks/footer", FOOTER)
    assert {name: kept[name] for name in FOOTER} == FOOTER
    await world.put("/v1/templates/bye", MAIL)
    read = await world.get("/v1/blocks/footer")
    assert (read["hash"], read["used_by"]) == (kept["hash"], {"templates": ["bye"], "blocks": []})
    (item,) = (await world.get("/v1/blocks"))["items"]
    assert (item["key"], item["hash"]) == ("footer", kept["hash"])


async def test_it_is_rendered_in_the_language_of_the_template_else_in_the_customers(world: World) -> None:
    await world.put("/v1/blocks/footer", FOOTER)
    ann = {"customer": {"name": "Ann", "language": "pl"}}
    for languages, said in ({"pl": {"subject": "Cześć"}}, "x Pa Ann"), ({}, "x Bye Ann"):
        await world.put("/v1/templates/bye", {**MAIL, "languages": languages})
        assert (await world.http.post("/v1/templates/bye/render", json=ann)).json()["text"] == said
    await world.put("/v1/templates/bye", {name: part for name, part in MAIL.items() if name != "language"})
    assert (await world.http.post("/v1/templates/bye/render", json=ann)).json()["text"] == "x Pa Ann"


async def test_a_block_goes_in_as_yaml_and_what_is_no_block_is_refused(world: World) -> None:
    headers = {"content-type": "application/yaml"}
    answer = await world.http.put("/v1/blocks/footer", content=dump_yaml(FOOTER), headers=headers)
    assert answer.status_code == 200
    bodies: list[Any] = [[], {"text": 7}, {}]
    refused = [await world.http.put("/v1/blocks/footer", json=body) for body in bodies]
    assert [one.json()["errors"][0]["pointer"] for one in refused] == ["", "/text", "/text"]


async def test_a_block_in_use_is_not_forgotten(world: World) -> None:
    await world.put("/v1/blocks/footer", FOOTER)
    await world.put("/v1/templates/bye", MAIL)
    answer = await world.http.delete("/v1/blocks/footer")
    assert (answer.status_code, "`bye`" in answer.json()["detail"]) == (409, True)
    await world.put("/v1/templates/bye", {**MAIL, "text": "x"})
    codes = [(await world.http.delete("/v1/blocks/footer")).status_code for _ in range(2)]
    assert [*codes, (await world.http.get("/v1/blocks/footer")).status_code] == [204, 404, 404]
