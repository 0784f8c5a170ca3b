"""A segment that a live journey starts on, ends by or waits for tells, whoever set it to tell or not."""

from datetime import timedelta
from typing import Any

import pytest

from journeyman.kit.database import Database
from journeyman.kit.errors import InvalidError
from tests.builders import NOON, incoming, journey
from tests.journeyman.journeys.segmentation.test_segments import VIEWED
from tests.journeyman.journeys.segmentation.test_telling import TellingRoom

HELD: list[dict[str, Any]] = [{"id": "pause", "wait": {"for": "90d"}}]


@pytest.fixture
def room(database: Database) -> TellingRoom:
    return TellingRoom(database)


def on_segment(key: str = "welcome", segment: str = "viewers", **parts: Any) -> dict[str, Any]:
    return journey(key, entry={"on": "segment", "segment": segment, **parts}, steps=HELD)


async def inside(room: TellingRoom) -> list[tuple[str, str, str]]:
    await room.shop.decide()
    return [(run.journey_key, run.customer_id, run.state) for run in await room.shop.runs()]


async def test_an_event_starts_a_run_by_way_of_a_segment_once(room: TellingRoom) -> None:
    await room.put("viewers", VIEWED)
    await room.shop.publish(on_segment())
    await room.shop.accept(incoming("Product Viewed", "ann"))
    await room.shop.accept(incoming("Product Viewed", "ann", at=NOON + timedelta(minutes=1)))
    assert await inside(room) == [("welcome", "ann", "live")]
    assert await room.shop.codes("refused") == []
    assert (await room.shop.runs())[0].entry == {"segment": "viewers"}


async def test_time_starts_a_run_by_way_of_a_segment_that_is_left(room: TellingRoom) -> None:
    await room.put("viewers", VIEWED)
    await room.shop.publish(on_segment(direction="leaves"))
    await room.shop.accept(incoming("Product Viewed", "ann"))
    assert await inside(room) == []
    await room.pass_time(days=31)
    await room.settle()
    assert await inside(room) == [("welcome", "ann", "live")]


async def test_a_hand_starts_a_run_by_way_of_a_segment(room: TellingRoom) -> None:
    await room.put("staff", None)
    await room.shop.publish(on_segment(segment="staff"))
    await room.shop.introduce("ann")
    await room.segments.set_by_hand("staff", ["ann"], [])
    assert await inside(room) == [("welcome", "ann", "live")]


async def test_who_is_in_the_segment_already_does_not_enter(room: TellingRoom) -> None:
    await room.shop.accept(incoming("Product Viewed", "ann"))
    await room.put("viewers", VIEWED)
    await room.shop.publish(on_segment())
    await room.settle()
    assert await inside(room) == []


async def test_a_segment_tells_as_long_as_somebody_listens(room: TellingRoom) -> None:
    await room.put("viewers", VIEWED)
    leaver = {"on": "segment", "segment": "viewers", "direction": "leaves", "outcome": "cold"}
    await room.shop.publish(journey(exit=[leaver], steps=HELD))
    await room.shop.accept(incoming("Product Added", "ann"), incoming("Product Viewed", "ann"))
    await room.shop.stop("cart")
    assert (await room.segments.get("viewers")).heard
    await room.pass_time(days=31)
    await room.shop.decide()
    (run,) = await room.shop.runs()
    assert run.outcome == "cold"
    await room.shop.stop("cart")
    assert not (await room.segments.get("viewers")).heard


@pytest.mark.parametrize(
    ("parts", "pointer"),
    [
        ({"entry": {"on": "segment", "segment": "gone"}}, "/entry/segment"),
        ({"exit": [{"on": "segment", "segment": "gone"}]}, "/exit/0/segment"),
        ({"exit": [{"on": "condition", "when": {"segment": "gone"}}]}, "/exit/0/when"),
        ({"goals": [{"key": "g", "on": "segment", "segment": "gone", "within": "1d"}]}, "/goals/0/segment"),
        ({"steps": [{"id": "in", "wait_for": {"segment": "gone", "timeout": "1d"}}]}, "/steps/0/wait_for"),
    ],
)
async def test_a_segment_that_is_not_there_is_refused_once(
    room: TellingRoom, parts: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        await room.shop.publish(journey(**parts))
    assert [(fault.pointer, fault.detail) for fault in refused.value.faults] == [
        (pointer, "there is no segment `gone`")
    ]


async def test_a_segment_that_rests_on_what_segments_tell_cannot_be_listened_to(room: TellingRoom) -> None:
    await room.put("movers", {"event": "Segment Entered"})
    with pytest.raises(InvalidError) as refused:
        await room.shop.publish(on_segment(segment="movers"))
    assert refused.value.faults[0].detail == "`movers` rests on the events by which segments tell"
    await room.put("viewers", VIEWED)
    await room.shop.publish(on_segment())
    with pytest.raises(InvalidError, match="for ever"):
        await room.segments.put("viewers", {"name": "viewers", "when": {"event": "Segment Entered"}})
