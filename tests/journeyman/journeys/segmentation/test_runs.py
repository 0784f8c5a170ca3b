"""Segments and audiences that speak of journeys follow runs that begin and end, by whatever ends them."""

from typing import Any

import pytest

from journeyman.bootstrap import tokens_of
from journeyman.journeys.advance import Advance, Request
from journeyman.journeys.delivery import Delivery
from journeyman.journeys.mail import MailFactory
from journeyman.kit.database import Database
from journeyman.settings import Settings
from tests.builders import incoming, journey
from tests.journeyman.journeys.segmentation.test_segments import Room

IN = {"journey": "welcome"}
DONE = {"journey": "welcome", "is": "exited", "by": "completed"}
CUT = {"journey": "welcome", "is": "exited", "by": "exited"}
NEVER = {"journey": "welcome", "is": "never_in"}
WELCOME: dict[str, Any] = journey(
    "welcome",
    entry={"on": "event", "event": "Signed Up"},
    exit=[{"on": "event", "event": "Order Completed"}],
    steps=[{"id": "pause", "wait": {"for": "1d"}}],
)


@pytest.fixture
async def room(database: Database) -> Room:
    room = Room(database)
    for key, when in (("inside", IN), ("done", DONE), ("cut", CUT), ("never", NEVER)):
        await room.put(key, when)
    await room.shop.publish(WELCOME)
    return room


async def where(room: Room) -> dict[str, list[str]]:
    await room.settle()
    return {key: found for key in ("inside", "done", "cut", "never") if (found := await room.members(key))}


async def test_entering_and_leaving_by_an_event_moves_segments_that_speak_of_the_journey(room: Room) -> None:
    await room.shop.accept(incoming("Page Viewed"))
    assert await where(room) == {"never": ["ann"]}
    await room.shop.accept(incoming("Signed Up"))
    assert await where(room) == {"inside": ["ann"]}
    await room.shop.accept(incoming("Order Completed"))
    assert await where(room) == {"cut": ["ann"]}


async def test_a_run_that_ends_by_its_timer_moves_them_as_well(room: Room) -> None:
    await room.shop.accept(incoming("Signed Up"))
    assert await where(room) == {"inside": ["ann"]}
    tokens = tokens_of(Settings(secret_key="a secret of thirty-two characters"))
    advance = Advance(room.shop.database, room.shop.clock, Delivery({}, MailFactory(tokens)), "UTC")
    run = (await room.shop.runs())[0]
    await advance(Request(run.id, run.step, run.visit, room.shop.pass_time(days=1)))
    assert await where(room) == {"done": ["ann"]}


async def test_a_window_on_a_journey_closes_as_time_passes(room: Room) -> None:
    await room.put("fresh", {"journey": "welcome", "is": "was_in", "within": "7d"})
    await room.shop.accept(incoming("Signed Up"))
    await room.settle()
    assert await room.members("fresh") == ["ann"]
    await room.pass_time(days=7)
    assert await room.members("fresh") == ["ann"]
    await room.pass_time(seconds=1)
    assert await room.members("fresh") == []


async def test_e2_an_audience_sees_the_run_that_another_journey_has_begun_just_now(room: Room) -> None:
    entry = {"on": "event", "event": "Page Viewed"}
    await room.shop.publish(journey("outside", entry={**entry, "audience": {"not": IN}}))
    await room.shop.accept(incoming("Signed Up", "ann"), incoming("Page Viewed", "ann"), incoming("Page Viewed", "bob"))
    entered = {(run.journey_key, run.customer_id) for run in await room.shop.runs()}
    assert entered == {("welcome", "ann"), ("outside", "bob")}


async def test_a_merge_brings_the_runs_of_both(room: Room) -> None:
    await room.shop.accept(incoming("Signed Up", None, anonymous="a1"), incoming("Page Viewed", "ann"))
    await room.shop.accept(incoming("Identified", "ann", kind="identify", anonymous="a1"))
    assert await where(room) == {"inside": ["ann"]}


async def test_a_journey_that_no_segment_names_rechecks_nobody(database: Database) -> None:
    room = Room(database)
    await room.put("elsewhere", {"journey": "another"})
    await room.shop.publish(WELCOME)
    await room.shop.accept(incoming("Signed Up"))
    assert await room.keeper.step() == 0


async def test_an_explanation_tells_of_the_runs(room: Room) -> None:
    await room.shop.accept(incoming("Signed Up"))
    await room.settle()
    verdict = (await room.segments.explain("inside", "ann")).verdict
    assert verdict is not None
    assert (verdict["holds"], verdict["read"]["runs"], verdict["read"]["live"]) == (True, 1, 1)
