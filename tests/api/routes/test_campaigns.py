"""Campaigns over the API."""

from tests.builders import incoming
from tests.world import World

STEPS = [{"id": "stay", "wait": {"for": "30d"}}]
NEWS = {"journey": "news", "entry": {"on": "api"}, "steps": STEPS}


async def people(world: World, number: int) -> None:
    for one in range(number):
        traits = {"n": one}
        await world.shop.accept(incoming("Identified", f"p{one}", kind="identify", at=world.clock.at, traits=traits))


async def test_a_campaign_is_begun_once_and_shown(world: World) -> None:
    await people(world, 5)
    await world.shop.publish(NEWS)
    body = {"when": {"attribute": "n", "gte": 2}, "rate": "60 per 1m", "context": {"sale": "may"}}
    answers = [
        await world.http.post("/v1/journeys/news/campaigns", json=body, headers={"Idempotency-Key": "one"})
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [202, 202], answers[0].text
    first, second = (answer.json() for answer in answers)
    assert first["id"] == second["id"]
    assert (first["journey"], first["kind"], first["state"], first["population"]) == ("news", "call", "under_way", 3)
    assert first["requested_by"] == "api/operator"
    found = await world.get(f"/v1/campaigns/{first['id']}")
    assert (found["offered"], found["entered"], found["refused"]) == (0, 0, {})
    assert [one["id"] for one in (await world.get("/v1/campaigns", journey="news"))["items"]] == [first["id"]]
    assert (await world.get("/v1/campaigns", journey="other"))["items"] == []


async def test_pages_of_campaigns(world: World) -> None:
    await world.shop.publish(NEWS)
    made = []
    for _ in range(3):
        made.append((await world.http.post("/v1/journeys/news/campaigns", json={})).json()["id"])
        await world.pass_time(minutes=1)
    first = await world.get("/v1/campaigns", limit=2)
    rest = await world.get("/v1/campaigns", limit=2, cursor=first["next"])
    assert [one["id"] for one in (*first["items"], *rest["items"])] == made[::-1]


async def test_a_campaign_is_paused_resumed_and_cancelled(world: World) -> None:
    await world.shop.publish(NEWS)
    campaign = (await world.http.post("/v1/journeys/news/campaigns", json={})).json()["id"]
    for verb, state in (("pause", "paused"), ("resume", "under_way"), ("cancel", "cancelled"), ("cancel", "cancelled")):
        answer = await world.http.post(f"/v1/campaigns/{campaign}/{verb}")
        assert (answer.status_code, answer.json()["state"]) == (200, state)
    assert answer.json()["note"] == "by api/operator"
    assert (await world.http.post(f"/v1/campaigns/{campaign}/resume")).status_code == 409
    assert (await world.http.post("/v1/campaigns/cmp_0/pause")).status_code == 404


async def test_what_cannot_be_begun(world: World) -> None:
    path = "/v1/journeys/news/campaigns"
    assert (await world.http.post(path, json={})).status_code == 404
    await world.shop.publish({**NEWS, "entry": {"on": "event", "event": "Signed Up"}})
    assert (await world.http.post(path, json={})).status_code == 409
    await world.shop.publish(NEWS)
    for body, pointer in (
        ({"segment": "nobody"}, "/segment"),
        ({"segment": "vip", "when": {"attribute": "n", "exists": True}}, "/when"),
        ({"when": {"atribute": "n"}}, "/when"),
        ({"rate": "fast"}, "/rate"),
    ):
        answer = await world.http.post(path, json=body)
        assert answer.status_code == 422, body
        assert answer.json()["errors"][0]["pointer"].startswith(pointer), answer.text
