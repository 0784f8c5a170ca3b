"""Versions over the API: what they differ in, what becomes of those inside, and what is done to one run."""

from typing import Any

import pytest

from tests.builders import email, incoming, journey
from tests.journeyman.journeys.migration.test_inside import LAST, MAIL, waiting
from tests.world import World

SHORT = journey(steps=[{"id": "short", "wait": {"for": "1d"}}, LAST])


async def publish(world: World, document: dict[str, Any], **wish: Any) -> dict[str, Any]:
    await world.put("/v1/journeys/cart", document)
    answer = await world.http.post("/v1/journeys/cart/publish", json=wish)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def post(world: World, path: str, status: int = 200, **body: Any) -> dict[str, Any]:
    answer = await world.http.post(path, json=body)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture
async def inside(world: World) -> World:
    """Ann and Bob wait at the first step of version 1."""
    await world.put("/v1/templates/hello", email().model_dump(mode="json", exclude_none=True))
    await publish(world, waiting("2d", MAIL, LAST))
    for name in ("ann", "bob"):
        await world.shop.introduce(name)
        await world.shop.accept(incoming("Product Added", name))
    await world.settle()
    return world


async def run_of(world: World, customer: str) -> str:
    runs = (await world.get("/v1/journeys/cart/runs"))["items"]
    (found,) = [run["id"] for run in runs if run["customer"] == customer]
    return str(found)


async def visit_of(world: World, customer: str) -> int:
    (visit,) = [run.visit for run in await world.shop.runs() if run.customer_id == customer]
    return int(visit)


async def test_versions_are_listed_with_who_is_inside_and_compared_in_words(inside: World) -> None:
    await publish(inside, waiting("1d", MAIL, LAST))
    newest, first = (await inside.get("/v1/journeys/cart/versions"))["items"]
    assert (newest["version"], newest["taken"], newest["inside"]) == (2, True, 0)
    assert (first["version"], first["taken"], first["inside"]) == (1, False, 2)
    assert (await inside.get("/v1/journeys/cart/versions/1"))["document"] == waiting("2d", MAIL, LAST)
    assert (await inside.http.get("/v1/journeys/cart/versions/9")).status_code == 404
    difference = await inside.get("/v1/journeys/cart/diff", **{"from": "1", "to": "2"})
    assert difference == {"from": "1", "to": "2", "changes": ["Step `pause` waits 1 day instead of 2 days"]}
    await inside.put("/v1/journeys/cart", waiting("3d", MAIL, LAST))
    assert (await inside.get("/v1/journeys/cart/diff", **{"from": "2"}))["changes"] == [
        "Step `pause` waits 3 days instead of 1 day"
    ]


async def test_v2_a_publication_tells_the_counts_and_its_migration_how_far_it_is(inside: World) -> None:
    wish: dict[str, Any] = {"inside": "now", "map": {"pause": "short"}}
    await inside.put("/v1/journeys/cart", SHORT)
    seen = await post(inside, "/v1/journeys/cart/publish", **wish, dry_run=True)
    assert (seen["becoming"], seen["migration"]) == ([{"version": 1, "step": "pause", "runs": 2, "to": "short"}], None)
    made = await post(inside, "/v1/journeys/cart/publish", **wish)
    path = f"/v1/journeys/cart/migrations/{made['migration']}"
    assert ((await inside.get(path))["state"], (await inside.get(path))["population"]) == ("under_way", 2)
    await inside.shop.migrate()
    done = await inside.get(path)
    assert (done["state"], done["taken"]) == ("done", 2)
    assert done["steps"] == [{"version": 1, "step": "pause", "outcome": "moved", "runs": 2}]
    assert (await inside.get("/v1/journeys/cart/migrations"))["items"][0] == done
    back = await post(inside, "/v1/journeys/cart/rollback", 202)
    assert (back["kind"], back["version"], back["requested_by"]) == ("rollback", 1, "api/operator")
    await post(inside, "/v1/journeys/cart/rollback", 409)
    cancelled = await post(inside, f"/v1/journeys/cart/migrations/{back['id']}/cancel")
    assert cancelled["state"] == "cancelled"
    assert (await inside.http.get("/v1/journeys/other/migrations/mig_1")).status_code == 404


async def test_v2_a_share_grows(inside: World) -> None:
    made = await publish(inside, waiting("1d", MAIL, LAST), share=10)
    assert (made["version"], made["share"]) == (2, 10)
    (item,) = (await inside.get("/v1/journeys"))["items"]
    assert (item["version"], item["trial_version"], item["trial_share"]) == (1, 2, 10)
    await post(inside, "/v1/journeys/cart/rollout", share=60)
    await post(inside, "/v1/journeys/cart/rollout", 422, share=30)
    await post(inside, "/v1/journeys/cart/rollout", share=100)
    (item,) = (await inside.get("/v1/journeys"))["items"]
    assert (item["version"], item["trial_version"], item["trial_share"]) == (2, None, None)
    await post(inside, "/v1/journeys/cart/rollout", 409, share=100)


async def test_v4_a_journey_is_paused_resumed_and_stopped(inside: World) -> None:
    assert (await post(inside, "/v1/journeys/cart/pause"))["state"] == "paused"
    assert (await post(inside, "/v1/journeys/cart/resume", spread="10m"))["state"] == "live"
    assert (await post(inside, "/v1/journeys/cart/resume"))["state"] == "live"
    await post(inside, "/v1/journeys/cart/resume", 422, spread="soon")
    assert (await post(inside, "/v1/journeys/cart/stop", inside="exit"))["state"] == "stopped"
    await inside.shop.migrate()
    assert {run.outcome for run in await inside.shop.runs()} == {"stopped"}
    await post(inside, "/v1/journeys/cart/pause", 409)
    await post(inside, "/v1/journeys/other/pause", 404)


async def test_a_run_is_skipped_retried_moved_and_ended_by_hand(inside: World) -> None:
    path = f"/v1/runs/{await run_of(inside, 'ann')}"
    await post(inside, f"{path}/retry")
    assert await visit_of(inside, "ann") == 2
    moved = await post(inside, f"{path}/move", to="last")
    assert moved["step"] == "last"
    refused = await inside.http.post(f"{path}/move", json={"to": "nowhere"})
    assert (refused.status_code, refused.json()["errors"][0]["mend"]) == (422, "write one of: pause, mail, last")
    await post(inside, f"{path}/move", 422)
    assert (await post(inside, f"{path}/skip"))["outcome"] == "completed"
    await post(inside, f"{path}/skip", 409)
    assert (await post(inside, f"{path}/exit"))["outcome"] == "completed"
    other = f"/v1/runs/{await run_of(inside, 'bob')}"
    assert (await post(inside, f"{other}/exit"))["outcome"] == "exited"
    said = [line["text"] for line in (await inside.get("/v1/customers/ann/timeline"))["items"]]
    assert any("had **pause** begin anew" in text for text in said)
    assert inside.smtp.mails == []


async def test_what_was_asked_for_twice_under_one_key_is_done_once(inside: World) -> None:
    path, headers = f"/v1/runs/{await run_of(inside, 'ann')}", {"idempotency-key": "once"}
    for _ in range(2):
        assert (await inside.http.post(f"{path}/retry", headers=headers)).status_code == 200
    assert await visit_of(inside, "ann") == 2


async def test_after_hand_the_engine_is_told_and_the_run_goes_on(inside: World) -> None:
    path = f"/v1/runs/{await run_of(inside, 'ann')}"
    await post(inside, f"{path}/skip")
    told = [payload for kind, payload in await inside.shop.outbox() if kind == "signal"]
    assert [payload["visit"] for payload in told] == [1]
    await inside.settle()
    assert len(inside.smtp.mails) == 1
