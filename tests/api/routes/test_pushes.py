"""Segments pushed to a webhook, over the API."""

from collections.abc import AsyncIterator

import pytest

from tests.parts.webhook_receiver import WebhookReceiver
from tests.world import World, world

URL = "https://crm.example/in"


@pytest.fixture(name="world")
async def opened_world(database_url: str) -> AsyncIterator[World]:
    async with world(database_url) as opened:
        await opened.put("/v1/segments/vip", {"name": "VIP"})
        yield opened


async def test_a_webhook_is_set_shown_without_its_secret_and_taken_away(world: World) -> None:
    made = await world.put("/v1/segments/vip/webhook", {"url": URL, "attributes": ["email"]})
    assert made["secret"].startswith("whsec_")
    read = await world.get("/v1/segments/vip/webhook")
    assert (read["segment"], read["url"], read["attributes"]) == ("vip", URL, ["email"])
    assert "secret" not in read
    again = await world.put("/v1/segments/vip/webhook", {"url": f"{URL}/2"})
    assert (again["secret"], again["url"], again["attributes"]) == (made["secret"], f"{URL}/2", None)
    assert (await world.http.delete("/v1/segments/vip/webhook")).status_code == 204
    for method in ("GET", "DELETE"):
        assert (await world.http.request(method, "/v1/segments/vip/webhook")).status_code == 404
    assert (await world.http.post("/v1/segments/vip/pushes")).status_code == 404


async def test_addresses_inside_the_house_are_refused(world: World) -> None:
    for url in ("http://crm.example/", "https://169.254.169.254/latest/meta-data", "https://[::1]/"):
        answer = await world.http.put("/v1/segments/vip/webhook", json={"url": url})
        (error,) = answer.json()["errors"]
        assert (answer.status_code, error["pointer"]) == (422, "/url")
    assert (await world.http.get("/v1/segments/vip/webhook")).status_code == 404


async def test_a_push_is_asked_for_and_followed(world: World) -> None:
    await world.put("/v1/segments/vip/webhook", {"url": URL})
    answer = await world.http.post("/v1/segments/vip/pushes")
    push = answer.json()
    assert (answer.status_code, push["state"], push["requested_by"]) == (202, "under_way", "api/operator")
    assert (await world.http.post("/v1/segments/vip/pushes")).status_code == 409
    assert await world.get(f"/v1/segments/vip/pushes/{push['id']}") == push
    assert (await world.get("/v1/segments/vip/pushes")) == {"items": [push], "next": None}
    assert (await world.http.get("/v1/segments/vip/pushes/psh_0")).status_code == 404
    await world.http.delete("/v1/segments/vip/webhook")
    stopped = await world.get(f"/v1/segments/vip/pushes/{push['id']}")
    assert (stopped["state"], stopped["failure"]) == ("stopped", "its webhook was taken away")


async def test_pushes_are_listed_newest_first_page_by_page(world: World) -> None:
    made = []
    for _ in range(3):
        await world.put("/v1/segments/vip/webhook", {"url": URL})
        made.append((await world.http.post("/v1/segments/vip/pushes")).json()["id"])
        await world.http.delete("/v1/segments/vip/webhook")
        await world.pass_time(hours=1)
    first = await world.get("/v1/segments/vip/pushes", limit=2)
    rest = await world.get("/v1/segments/vip/pushes", limit=2, cursor=first["next"])
    assert [one["id"] for one in first["items"] + rest["items"]] == made[::-1]
    assert rest["next"] is None


async def test_without_a_segment_there_is_nothing(world: World) -> None:
    for path in ("webhook", "pushes", "pushes/psh_0"):
        assert (await world.http.get(f"/v1/segments/none/{path}")).status_code == 404
    assert (await world.http.put("/v1/segments/none/webhook", json={"url": URL})).status_code == 404


async def test_where_private_addresses_are_allowed_plain_http_is_too(database_url: str) -> None:
    async with world(database_url, webhook_private_addresses=True) as opened, WebhookReceiver() as receiver:
        await opened.put("/v1/segments/vip", {"name": "VIP"})
        made = await opened.put("/v1/segments/vip/webhook", {"url": receiver.url()})
        assert made["url"] == receiver.url()
