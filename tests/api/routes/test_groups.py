"""Groups over HTTP."""

from datetime import timedelta

from journeyman.customers.groups import groups
from tests.builders import NOON, incoming
from tests.world import World


async def test_a_group_and_who_belongs_to_it(world: World) -> None:
    await world.shop.accept(incoming("Identified", "ann", kind="identify"))
    at = NOON - timedelta(days=1)
    sayings = [("acme/eu", "ann", {"name": "Acme"}, at), ("acme/eu", "bob", {}, at)]
    async with world.database.transaction() as connection:
        await groups.note(connection, sayings, NOON)
    said_at = "2026-03-01T12:00:00Z"
    assert await world.get("/v1/groups/acme%2Feu") == {
        "id": "acme/eu",
        "traits": {"name": "Acme"},
        "created_at": said_at,
        "updated_at": "2026-03-02T12:00:00Z",
    }
    first = await world.get("/v1/groups/acme%2Feu/members", limit=1)
    assert first["items"] == [{"customer": "ann", "since": said_at}]
    rest = await world.get("/v1/groups/acme%2Feu/members", limit=1, cursor=first["next"])
    assert (rest["items"][0]["customer"], rest["next"]) == ("bob", None)
    mine = await world.get("/v1/customers/ann/groups")
    assert mine["items"] == [{"group": "acme/eu", "since": said_at, "traits": {"name": "Acme"}}]


async def test_what_is_not_there_is_told(world: World) -> None:
    for path in ("/v1/groups/none", "/v1/groups/none/members", "/v1/customers/none/groups"):
        answer = await world.http.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
