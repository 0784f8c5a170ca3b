"""Segments that variants name are there when these are kept, and stay."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.world import World, world

VIP = {"name": "VIP", "when": {"attribute": "plan", "equals": "pro"}}
WHEN = {"all": [{"segment": "vip"}, {"attribute": "city", "equals": "Bonn"}]}
MAIL: dict[str, Any] = {
    "channel": "email",
    "subject": "Hello",
    "text": "Come",
    "variants": [{"key": "some", "when": WHEN, "subject": "Hello you"}],
}
TEXT = {"text": "Plain"}
BLOCK: dict[str, Any] = {"text": "Bye", "variants": [{"key": "some", "when": {"segment": "vip"}, "text": "Bye you"}]}


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[World]:
    async with world(database_url) as opened:
        yield opened


@pytest.mark.parametrize(
    ("path", "document", "pointer"),
    [
        ("/v1/templates/hello", MAIL, "/variants/0/when"),
        ("/v1/blocks/bye", BLOCK, "/variants/0/when"),
        (
            "/v1/templates/hello",
            {**MAIL, "variants": [], "text": "{% render 'bye' %}", "blocks": {"bye": BLOCK}},
            "/blocks/bye/variants/0/when",
        ),
    ],
)
async def test_a_variant_names_segments_that_are_there_and_stay(
    here: World, path: str, document: dict[str, Any], pointer: str
) -> None:
    answer = await here.http.put(path, json=document)
    assert answer.status_code == 422, answer.text
    (fault,) = answer.json()["errors"]
    assert (fault["pointer"], fault["detail"]) == (pointer, "there is no segment `vip`")
    await here.put("/v1/segments/vip", VIP)
    await here.put(path, document)
    refused = await here.http.delete("/v1/segments/vip")
    assert (refused.status_code, "a variant of" in refused.text) == (409, True)
    await here.put(path, {name: part for name, part in document.items() if name not in {"variants", "blocks"}} | TEXT)
    assert (await here.http.delete("/v1/segments/vip")).status_code in {202, 204}


async def test_a_version_that_names_a_segment_that_is_gone_is_not_restored(here: World) -> None:
    await here.put("/v1/segments/vip", VIP)
    kept = await here.put("/v1/templates/hello", MAIL)
    await here.put("/v1/templates/hello", {**MAIL, "variants": []})
    await here.http.delete("/v1/segments/vip")
    answer = await here.http.post(f"/v1/templates/hello/versions/{kept['hash']}/restore")
    assert (answer.status_code, "no segment" in answer.text) == (422, True)
