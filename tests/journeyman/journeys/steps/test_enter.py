"""`enter`: into another journey, and perhaps until it is over there."""

from datetime import timedelta
from typing import Any

import pytest

from tests.builders import NOON, incoming, journey
from tests.journeyman.journeys.steps.visits import END, PAUSE, enter, lines, settle
from tests.world import World

WAYS: list[dict[str, Any]] = [
    END,
    {"id": "bought", "end": "bought"},
    {"id": "refused", "end": "refused"},
    {"id": "late", "end": "late"},
]


def other(*steps: dict[str, Any], **parts: Any) -> dict[str, Any]:
    return journey("other", entry={"on": "api"}, **{"steps": list(steps) or [PAUSE], **parts})


def into(**parts: Any) -> dict[str, Any]:
    return {"id": "into", "enter": {"journey": "other", **parts}}


def waiting(**parts: Any) -> dict[str, Any]:
    return into(wait=True, on={"won": "bought", "refused": "refused"}, **{"as": "there"}, **parts)


async def run_of(here: World, key: str) -> Any:
    (run,) = [run for run in await here.shop.runs() if run.journey_key == key]
    return run


async def test_the_customer_enters_the_other_journey_with_what_she_is_given(here: World) -> None:
    await here.shop.publish(other())
    await here.shop.introduce(tier="gold")
    context = {"cart": {"entry": "cart_id"}, "tier": {"attribute": "tier"}, "gone": {"context": "gone"}, "n": 3}
    await enter(here, into(context=context), END, cart_id="c1")
    assert (await run_of(here, "cart")).outcome == "over"
    entered = await run_of(here, "other")
    assert (entered.entry, entered.state) == ({"cart": "c1", "tier": "gold", "n": 3}, "live")
    (line,) = await lines(here, "into")
    assert (line.code, line.data["journey"]) == ("entered", "other")


async def test_it_waits_for_the_other_end_and_its_outcome_leads_the_way(here: World) -> None:
    await here.shop.publish(other(PAUSE, {"id": "won", "end": "won"}))
    await enter(here, waiting(), *WAYS)
    assert ((await run_of(here, "cart")).step, (await run_of(here, "cart")).until) == (
        "into",
        NOON + timedelta(days=365),
    )
    await here.pass_time(hours=2)
    run, entered = await run_of(here, "cart"), await run_of(here, "other")
    assert (run.outcome, run.context["there"]) == ("bought", {"outcome": "won", "run": entered.id})
    assert ("signal", run.id) in [(kind, payload["run_id"]) for kind, payload in await here.shop.outbox()]


async def test_an_outcome_without_a_way_of_its_own_goes_on(here: World) -> None:
    await here.shop.publish(other(PAUSE))
    await enter(here, waiting(), *WAYS)
    await here.pass_time(hours=2)
    assert (await run_of(here, "cart")).outcome == "over"


async def test_an_exit_of_the_other_run_ends_the_wait_at_once(here: World) -> None:
    exits = [{"on": "event", "event": "Order Completed", "outcome": "won"}]
    await here.shop.publish(other(exit=exits))
    await enter(here, waiting(), *WAYS)
    await here.shop.accept(incoming("Order Completed", at=here.clock.at))
    await settle(here)
    assert (await run_of(here, "cart")).outcome == "bought"


async def test_a_run_that_is_over_in_the_batch_that_begins_it_ends_the_wait_too(here: World) -> None:
    await here.shop.publish(other({"id": "won", "end": "won"}))
    await enter(here, waiting(), *WAYS)
    assert (await run_of(here, "cart")).outcome == "bought"


@pytest.mark.parametrize(
    ("parts", "code"),
    [({"entry": {"on": "api", "audience": {"attribute": "vip", "equals": True}}}, "audience"), ({}, "live")],
)
async def test_who_is_not_let_in_there_goes_on_here(here: World, parts: dict[str, Any], code: str) -> None:
    await here.shop.publish({**other(), **parts})
    await here.http.post("/v1/journeys/other/enter", json={"customer": "ann", "context": {}})
    await here.settle()
    await enter(here, waiting(), *WAYS)
    assert (await run_of(here, "cart")).outcome == "refused"
    (line,) = [line for line in await lines(here, "into") if line.kind == "left"]
    assert (line.code, line.data["outcome"], line.data["code"]) == ("other_ended", "refused", code)


@pytest.mark.parametrize(("published", "reason"), [(None, "not_live"), (journey("other", steps=[PAUSE]), "not_api")])
@pytest.mark.parametrize(("step", "outcome"), [(waiting(), "refused"), (into(), "over")])
async def test_a_journey_that_cannot_be_entered_holds_nobody_up(
    here: World, published: dict[str, Any] | None, reason: str, step: dict[str, Any], outcome: str
) -> None:
    if published is not None:
        await here.shop.publish({**published, "entry": {"on": "event", "event": "Never"}})
    await here.shop.drafts.save("other", other(PAUSE))
    await enter(here, step, *WAYS)
    (line,) = await lines(here, "into")
    assert (await run_of(here, "cart")).outcome == outcome
    assert reason in {line.data.get("reason"), line.data.get("code")}


async def test_the_wait_has_an_end_of_its_own(here: World) -> None:
    await here.shop.publish(other({"id": "long", "wait": {"for": "30d"}}))
    step = into(wait={"timeout": "1d", "on_timeout": "late"})
    await enter(here, step, *WAYS)
    await here.pass_time(days=1)
    assert (await run_of(here, "cart")).outcome == "late"
    assert (await run_of(here, "other")).state == "live"


async def test_whoever_leaves_meanwhile_is_not_fetched_back(here: World) -> None:
    await here.shop.publish(other(PAUSE))
    await enter(here, waiting(), *WAYS, parts={"exit": [{"on": "event", "event": "Order Completed"}]})
    await here.shop.accept(incoming("Order Completed", at=here.clock.at))
    await here.pass_time(hours=2)
    assert [(run.journey_key, run.outcome) for run in await here.shop.runs()] == [
        ("cart", "exited"),
        ("other", "completed"),
    ]


async def test_journeys_that_enter_one_another_come_to_an_end(here: World) -> None:
    third = journey("third", entry={"on": "api"}, steps=[{"id": "forth", "enter": {"journey": "other"}}])
    await here.shop.drafts.save("third", third)
    await here.shop.publish(other({"id": "back", "enter": {"journey": "third"}}))
    await here.shop.publish(third)
    await enter(here, into(), END)
    runs = await here.shop.runs()
    assert 3 < len(runs) < 20
    assert "depth" in {line.data.get("reason") for line in await here.shop.journal()}
