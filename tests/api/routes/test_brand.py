"""The brand's voice over the API."""

import pytest

from tests.world import World

VOICE = {
    "voice": "Warm and short",
    "use": ["Lumen"],
    "avoid": ["cheap"],
    "forbidden_claims": ["best in the world"],
    "languages": ["en", "de"],
    "address": {"de": "informal"},
}


async def test_nobody_has_written_one_until_somebody_does(world: World) -> None:
    assert await world.get("/v1/settings/brand") == {"updated_at": None, "actor": None}
    kept = await world.put("/v1/settings/brand", VOICE)
    assert {name: kept[name] for name in VOICE} == VOICE
    assert await world.get("/v1/settings/brand") == kept
    assert kept["actor"] == "api/operator"
    assert await world.put("/v1/settings/brand", {**kept, "use": []}) == {**kept, "use": []}


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ([], ""),
        ({"tone": "x"}, "/tone"),
        ({"avoid": "cheap"}, "/avoid"),
        ({"address": {"de": "rude"}}, "/address/de"),
        ({"languages": ["?"]}, "/languages/0"),
    ],
)
async def test_what_is_wrong_with_it_is_named(world: World, document: object, pointer: str) -> None:
    answer = await world.http.put("/v1/settings/brand", json=document)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
