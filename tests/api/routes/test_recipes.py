"""Recipes over HTTP."""

from tests.world import World


async def test_recipes_are_listed(world: World) -> None:
    listed = (await world.http.get("/v1/recipes")).json()
    assert "slack-message" in [one["recipe"] for one in listed]
    assert all(one["documentation"].startswith("https://") and "call" in one["step"] for one in listed)
