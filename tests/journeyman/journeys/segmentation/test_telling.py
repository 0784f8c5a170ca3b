"""Coming into a segment and leaving it are customer events where the segment is asked to tell."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from journeyman.customers.inbox.reading import IMPORTED
from journeyman.customers.scoring.definition import read_model
from journeyman.customers.tables import Event
from journeyman.journeys.checks import every_check
from journeyman.journeys.rebuilding import Rebuilding
from journeyman.kit.database import Database
from journeyman.kit.errors import InvalidError
from tests.builders import NOON, incoming, journey
from tests.journeyman.journeys.segmentation.test_segments import VIEWED, Room

HEARS = {"event": "Segment Entered"}


class TellingRoom(Room):
    async def put_telling(self, key: str, when: dict[str, Any] | None) -> None:
        await self.segments.put(key, {"name": key, "events": True} | ({"when": when} if when else {}))
        await self.settle()

    async def told(self) -> list[tuple[str, str, str]]:
        """(customer, event, segment) of what segments have told, once everything is decided."""
        await self.shop.decide()
        query = select(Event.customer_id, Event.name, Event.properties).where(Event.name.like("Segment %"))
        async with self.shop.database.reading() as connection:
            rows = (await connection.execute(query.order_by(Event.seq))).all()
        return [(row.customer_id, row.name, row.properties["segment"]) for row in rows]


@pytest.fixture
def room(database: Database) -> TellingRoom:
    return TellingRoom(database)


async def test_an_event_and_time_are_told_of_where_the_segment_is_asked_to(room: TellingRoom) -> None:
    await room.put_telling("viewers", VIEWED)
    await room.put("silent", VIEWED)
    await room.shop.accept(incoming("Product Viewed", "ann"))
    await room.pass_time(days=31)
    assert await room.told() == [("ann", "Segment Entered", "viewers"), ("ann", "Segment Left", "viewers")]
    await room.settle()
    assert len(await room.told()) == 2


async def test_building_a_segment_tells_nobody(room: TellingRoom) -> None:
    await room.shop.accept(incoming("Product Viewed", "ann"))
    await room.put_telling("viewers", VIEWED)
    assert (await room.members("viewers"), await room.told()) == (["ann"], [])


async def test_a_hand_is_told_of(room: TellingRoom) -> None:
    await room.shop.introduce("ann")
    await room.put_telling("staff", None)
    await room.segments.set_by_hand("staff", ["ann"], [])
    await room.segments.set_by_hand("staff", [], ["ann"])
    assert await room.told() == [("ann", "Segment Entered", "staff"), ("ann", "Segment Left", "staff")]


async def test_imported_history_is_told_to_nobody(room: TellingRoom) -> None:
    await room.put_telling("viewers", VIEWED)
    event = incoming("Product Viewed", "ann")
    payload = event.payload[:-1] + f',"context":{{"{IMPORTED}":{{"source":"file"}}}}}}'
    await room.shop.accept(type(event)(event.subject, event.message_id, event.event_time, payload))
    assert (await room.members("viewers"), await room.told()) == (["ann"], [])


async def test_w9_leaving_a_segment_ends_a_wait_at_once(room: TellingRoom) -> None:
    await room.put_telling("viewers", VIEWED)
    left = {"on": "event", "event": "Segment Left", "where": {"property": "segment", "equals": "viewers"}}
    await room.shop.publish(journey(exit=[left], steps=[{"id": "pause", "wait": {"for": "90d"}}]))
    await room.shop.accept(incoming("Product Viewed", "ann"), incoming("Product Added", "ann"))
    await room.pass_time(days=29)
    await room.shop.decide()
    assert [run.state for run in await room.shop.runs()] == ["live"]
    await room.pass_time(days=2)
    await room.shop.decide()
    assert [(run.state, run.outcome) for run in await room.shop.runs()] == [("ended", "exited")]


async def test_entering_a_segment_releases_a_wait_for_it_and_starts_another_journey(room: TellingRoom) -> None:
    await room.put_telling("buyers", {"computed": "orders", "gte": 1})
    entered = {"event": "Segment Entered", "where": {"property": "segment", "equals": "buyers"}}
    waits = [{"id": "until", "wait_for": {**entered, "timeout": "9d"}}]
    await room.shop.publish(journey("waits", steps=waits))
    await room.shop.publish(journey("starts", entry={"on": "event", **entered}))
    await room.shop.accept(incoming("Product Added", "ann"))
    await room.shop.accept(incoming("Order Completed", "ann", revenue=5, at=NOON + timedelta(seconds=1)))
    await room.told()
    runs = {run.journey_key: run for run in await room.shop.runs()}
    assert runs.keys() == {"waits", "starts"}
    assert runs["waits"].released["event"] == "Segment Entered"


async def test_what_tells_may_not_hear_be_it_by_a_detour(room: TellingRoom) -> None:
    with pytest.raises(InvalidError, match="for ever"):
        await room.put_telling("echo", HEARS)
    await room.put("hears", HEARS)
    with pytest.raises(InvalidError, match="for ever") as refused:
        await room.put_telling("detour", {"not": {"segment": "hears"}})
    assert "`detour`" in refused.value.faults[0].detail
    await room.put("viewers", VIEWED)
    await room.put_telling("tells", {"segment": "viewers"})
    with pytest.raises(InvalidError, match="for ever") as refused:
        await room.put("viewers", {"all": [VIEWED, HEARS]})
    assert "`tells`" in refused.value.faults[0].detail


@pytest.mark.parametrize("rule", [HEARS, {"when": {"not": HEARS}}])
def test_a_score_counts_no_points_for_what_segments_tell(rule: dict[str, Any]) -> None:
    with pytest.raises(InvalidError) as refused:
        read_model({"score": "warmth", "rules": [{"points": 5, **rule}]})
    assert "tells of segments" in refused.value.faults[0].detail


async def test_a_rebuild_agrees_with_what_was_told(room: TellingRoom) -> None:
    await room.put_telling("viewers", VIEWED)
    await room.put("newcomers", {"event": "Segment Entered", "within": "7d"})
    await room.shop.accept(incoming("Product Viewed", "ann"))
    await room.told()
    assert await room.members("newcomers") == ["ann"]
    rebuilding = Rebuilding(room.shop.database, room.shop.clock, every_check())
    assert (await rebuilding.run(repair=True)).differences == {}
    assert len(await room.told()) == 1
