"""`update`: tags, and lists that are kept by hand."""

from typing import Any

import pytest

from tests.builders import incoming, journey
from tests.journeyman.journeys.steps.visits import END, PAUSE, enter, lines
from tests.world import World


def update(**what: Any) -> dict[str, Any]:
    return {"id": "note", "update": what}


async def attributes(here: World) -> Any:
    return (await here.get("/v1/customers/ann"))["attributes"]


@pytest.mark.parametrize(
    ("before", "tags", "after"),
    [
        (None, {"add": ["cart", "cart"]}, ["cart"]),
        (["old"], {"add": ["new", {"entry": "cart_id"}], "remove": ["old"]}, ["new", "c1"]),
        ("alone", {"add": ["new"]}, ["alone", "new"]),
        (["old"], {"remove": ["never"]}, ["old"]),
        (7, {"add": ["new"]}, 7),
    ],
)
async def test_tags_come_and_go(here: World, before: Any, tags: Any, after: Any) -> None:
    await here.shop.introduce(**({} if before is None else {"tags": before}))
    await enter(here, update(tags=tags), END, cart_id="c1")
    assert (await attributes(here))["tags"] == after
    (line,) = await lines(here, "note")
    assert line.data["attributes"] == ([] if before == after else ["tags"])


async def test_tags_may_stand_in_another_attribute(here: World) -> None:
    await enter(here, update(tags={"add": ["shoes"], "attribute": "likes"}), END)
    assert (await attributes(here))["likes"] == ["shoes"]


async def test_lists_are_joined_and_left(here: World) -> None:
    await here.put("/v1/segments/callers", {"name": "Callers"})
    await enter(here, update(segments={"add": ["callers"]}), END)
    assert len((await here.get("/v1/segments/callers/members"))["items"]) == 1
    (line,) = await lines(here, "note")
    assert (line.data["joined"], line.data["left"]) == (["callers"], [])
    leave = journey("out", entry={"on": "event", "event": "Bye"}, steps=[update(segments={"remove": ["callers"]})])
    await here.shop.publish(leave)
    await here.shop.accept(incoming("Bye", at=here.clock.at))
    await here.settle()
    assert (await here.get("/v1/segments/callers/members"))["items"] == []


async def test_a_segment_that_speaks_of_the_list_follows_at_once(here: World) -> None:
    await here.put("/v1/segments/callers", {"name": "Callers"})
    await here.put("/v1/segments/known", {"name": "Known", "when": {"segment": "callers"}})
    await here.shop.introduce()
    branch = {"id": "which", "branch": [{"when": {"segment": "known"}, "next": "yes"}], "else": "over"}
    await enter(here, update(segments={"add": ["callers"]}), branch, END, {"id": "yes", "end": "known"})
    (run,) = await here.shop.runs()
    assert run.outcome == "known"


async def test_a_list_that_a_condition_keeps_by_now_is_left_alone(here: World) -> None:
    await here.put("/v1/segments/adults", {"name": "Adults"})
    await enter(here, PAUSE, update(segments={"add": ["adults"]}), END)
    await here.put("/v1/segments/adults", {"name": "Adults", "when": {"attribute": "age", "gte": 18}})
    await here.pass_time(hours=1)
    (line,) = await lines(here, "note")
    assert (line.data["joined"], line.data["refused"]) == ([], ["adults"])
    assert [run.outcome for run in await here.shop.runs()] == ["over"]
