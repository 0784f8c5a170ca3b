"""Experiments over the API, and an arm's figures in the journey's statistics."""

from tests.builders import incoming
from tests.journeyman.journeys.experiments.documents import experiment
from tests.world import World

RULE = {"metric": "order", "after": "1d", "minimum": 10}
PATH = "/v1/journeys/cart/experiments"


async def come(world: World, number: int) -> None:
    people = [f"p{one}" for one in range(number)]
    await world.shop.accept(*(incoming("Product Added", one, at=world.clock.at) for one in people))
    await world.settle()


async def test_figures_verdicts_and_a_decision_by_hand(world: World) -> None:
    await world.shop.publish(experiment(split={"winner": RULE, "holdout": 20}))
    await come(world, 30)
    await world.pass_time(hours=1)
    await world.shop.accept(incoming("Order Completed", "p1", at=world.clock.at, revenue=40))
    await world.pass_time(days=2)
    ((found,), after) = (page := await world.get(PATH))["items"], page["next"]
    assert after is None
    assert (found["state"], found["kind"], found["metric"], found["reason"]) == (
        "running",
        "winner",
        "order",
        "not_enough",
    )
    assert [arm["arm"] for arm in found["arms"]] == ["a", "b", "holdout"]
    assert sum(arm["customers"] for arm in found["arms"]) == sum(arm["matured"] for arm in found["arms"]) == 30
    assert sum(arm["converted"] for arm in found["arms"]) == 1
    assert found["shares"] == {"a": 0.4, "b": 0.4, "holdout": 0.2}
    assert (found["best_guess"], found["significant"], found["warning"]) == (None, None, None)
    answer = await world.http.post(f"{PATH}/offer/decide", json={"arm": "b"})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["winner"], answer.json()["state"]) == ("b", "decided")
    (decision,) = (await world.get(PATH))["items"][0]["decisions"]
    assert decision["arm"] == "b"
    assert decision["by"] == "api/operator"


async def test_what_cannot_be_decided(world: World) -> None:
    assert (await world.http.get(PATH)).status_code == 404
    await world.shop.publish(experiment())
    refused = await world.http.post(f"{PATH}/offer/decide", json={"arm": "z"})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/arm"
    assert (await world.http.post(f"{PATH}/pause/decide", json={"arm": "a"})).status_code == 404
    assert (await world.http.post(f"{PATH}/offer/decide", json={"arm": "a"})).status_code == 200
    assert (await world.http.post(f"{PATH}/offer/decide", json={"arm": "a"})).status_code == 409


async def test_statistics_have_every_arm(world: World) -> None:
    await world.shop.publish(experiment())
    await come(world, 20)
    await world.pass_time(minutes=1)
    await world.shop.accept(incoming("Order Completed", "p1", at=world.clock.at, revenue=40))
    found = (await world.get("/v1/journeys/cart/stats"))["arms"]
    assert [(one["step"], one["arm"]) for one in found] == [("offer", "a"), ("offer", "b")]
    assert sum(one["entered"] for one in found) == 20
    assert sum(one["converted"] for one in found) == 1
    assert sum(one["revenue"] for one in found) == 40
