"""Segments keep themselves: by the event, by the passing of time, when they are made, and by hand."""

from datetime import timedelta
from typing import Any

import pytest

from journeyman.customers.segments.library import LIBRARY
from journeyman.journeys.segmentation.keeping import Keeper
from journeyman.journeys.segmentation.segments import Segments
from journeyman.kit.database import Database
from journeyman.kit.errors import ConflictError, InvalidError, NotFoundError
from tests.builders import NOON, Shop, incoming, journey

VIEWED = {"event": "Product Viewed", "within": "30d"}


class Room:
    """A shop with its segments and who keeps them."""

    def __init__(self, database: Database) -> None:
        self.shop = Shop(database)
        self.segments = Segments(database, self.shop.clock)
        self.keeper = Keeper(database, self.shop.clock)

    async def put(self, key: str, when: dict[str, Any] | None) -> None:
        await self.segments.put(key, {"name": key} | ({"when": when} if when else {}))
        await self.settle()

    async def settle(self) -> None:
        """Everything is done that is due now."""
        for _ in range(100):
            if not await self.keeper.step():
                return
        raise AssertionError("the keeper comes to no end")

    async def pass_time(self, **span: float) -> None:
        self.shop.pass_time(**span)
        await self.settle()

    async def members(self, key: str) -> list[str]:
        return [customer for customer, _ in await self.segments.members(key, None, 100)]

    async def moves(self, key: str) -> list[tuple[str, str, str]]:
        moves = reversed(await self.segments.history(key=key))
        return [(move.customer_id, "in" if move.entered else "out", move.reason) for _, move in moves]


@pytest.fixture
def room(database: Database) -> Room:
    return Room(database)


async def test_an_event_moves_its_customer_in_and_another_out(room: Room) -> None:
    await room.put("idle-viewers", {"all": [VIEWED, {"not": {"event": "Order Completed"}}]})
    await room.shop.accept(incoming("Product Viewed", "ann", message_id="view"))
    assert await room.members("idle-viewers") == ["ann"]
    await room.shop.accept(incoming("Order Completed", "ann", message_id="order"))
    assert await room.members("idle-viewers") == []
    assert await room.moves("idle-viewers") == [("ann", "in", "view"), ("ann", "out", "order")]


async def test_time_alone_moves_a_customer_out_when_the_window_closes(room: Room) -> None:
    await room.put("viewers", VIEWED)
    await room.shop.accept(incoming("Product Viewed", "ann"))
    await room.shop.accept(incoming("Product Viewed", "bob", at=NOON - timedelta(days=29)))
    await room.pass_time(days=1)
    assert await room.members("viewers") == ["ann", "bob"]
    await room.pass_time(seconds=1)
    assert await room.members("viewers") == ["ann"]
    await room.pass_time(days=29)
    assert await room.members("viewers") == []
    assert [move[1:] for move in await room.moves("viewers")][-1] == ("out", "time")


async def test_l1_time_alone_moves_a_customer_out_when_a_yes_ends_by_itself(room: Room) -> None:
    await room.put("agreed", {"consent": "email"})
    await room.put("silent", {"consent": "email", "is": "unknown"})
    await room.shop.accept(incoming("Product Viewed", "ann"))
    await room.shop.consent("ann", NOON + timedelta(days=2), email="yes")
    await room.pass_time(days=2, microseconds=-1)
    assert (await room.members("agreed"), await room.members("silent")) == (["ann"], [])
    await room.pass_time(microseconds=1)
    assert (await room.members("agreed"), await room.members("silent")) == ([], ["ann"])
    assert await room.moves("agreed") == [("ann", "in", "time"), ("ann", "out", "time")]


async def test_a_later_event_keeps_a_customer_in_beyond_the_first_window(room: Room) -> None:
    await room.put("viewers", VIEWED)
    await room.shop.accept(incoming("Product Viewed", "ann"))
    await room.pass_time(days=20)
    await room.shop.accept(incoming("Product Viewed", "ann", at=room.shop.clock.now()))
    await room.pass_time(days=20)
    assert await room.members("viewers") == ["ann"]
    await room.pass_time(days=11)
    assert await room.members("viewers") == []


async def test_a_new_segment_finds_those_who_are_there_already(room: Room) -> None:
    await room.shop.accept(*(incoming("Product Viewed", f"u{number}") for number in range(3)))
    await room.shop.accept(incoming("Page Viewed", "passer-by", kind="page"))
    await room.put("viewers", VIEWED)
    assert await room.members("viewers") == ["u0", "u1", "u2"]
    assert (await room.segments.get("viewers")).built_at == NOON
    assert {reason for _, _, reason in await room.moves("viewers")} == {"build"}
    await room.pass_time(days=31)
    assert await room.members("viewers") == []


async def test_segments_that_are_new_together_are_built_in_one_pass(room: Room) -> None:
    await room.shop.accept(*(incoming("Product Viewed", f"u{number}") for number in range(3)))
    for key, when in {"viewers": VIEWED, "calm": {"not": VIEWED}, "both": {"segment": "viewers"}}.items():
        await room.segments.put(key, {"name": key, "when": when})
    assert [await room.keeper.step(), await room.keeper.step()] == [3, 0]
    assert [await room.members(key) for key in ("viewers", "calm", "both")] == [
        ["u0", "u1", "u2"],
        [],
        ["u0", "u1", "u2"],
    ]
    assert {(await room.segments.get(key)).built_at for key in ("viewers", "calm", "both")} == {NOON}


async def test_a_changed_condition_is_judged_for_everybody_again(room: Room) -> None:
    await room.shop.accept(incoming("Product Viewed", "ann"), incoming("Order Completed", "bob", revenue=10))
    await room.put("some", VIEWED)
    await room.put("some", {"computed": "orders", "gte": 1})
    assert await room.members("some") == ["bob"]


async def test_segments_of_segments_follow_the_same_event_and_the_same_instant(room: Room) -> None:
    await room.put("viewers", VIEWED)
    await room.put("buyers-now", {"event": "Order Completed", "within": "7d"})
    await room.put("browsing", {"all": [{"segment": "viewers"}, {"not": {"segment": "buyers-now"}}]})
    await room.shop.accept(incoming("Product Viewed", "ann"))
    assert await room.members("browsing") == ["ann"]
    await room.shop.accept(incoming("Order Completed", "ann"))
    assert await room.members("browsing") == []
    await room.pass_time(days=8)
    assert await room.members("browsing") == ["ann"]
    await room.pass_time(days=30)
    assert await room.members("browsing") == []


async def test_attributes_and_what_events_come_to_move_customers(room: Room) -> None:
    await room.put("polish", {"attribute": "country", "equals": "PL"})
    await room.put("vip", {"computed": "net_revenue", "gte": 100})
    await room.shop.introduce("ann", country="PL")
    assert await room.members("polish") == ["ann"]
    await room.shop.introduce("ann", country="DE")
    assert await room.members("polish") == []
    await room.shop.accept(
        incoming("Order Completed", "ann", revenue=60), incoming("Order Completed", "ann", revenue=40)
    )
    assert await room.members("vip") == ["ann"]
    await room.shop.accept(incoming("Order Refunded", "ann", total=1))
    assert await room.members("vip") == []


async def test_a_list_is_kept_by_hand_and_others_may_speak_of_it(room: Room) -> None:
    await room.shop.introduce("ann")
    await room.put("staff", None)
    await room.put("public", {"not": {"segment": "staff"}})
    moved = await room.segments.set_by_hand("staff", ["ann"], [])
    assert [(move.segment, move.entered) for move in moved] == [("staff", True), ("public", False)]
    assert await room.segments.set_by_hand("staff", ["ann"], []) == []
    await room.segments.set_by_hand("staff", [], ["ann"])
    assert (await room.members("staff"), await room.members("public")) == ([], ["ann"])
    with pytest.raises(NotFoundError):
        await room.segments.set_by_hand("staff", ["nobody"], [])
    with pytest.raises(ConflictError):
        await room.segments.set_by_hand("public", ["ann"], [])


async def test_e2_an_entry_sees_the_segment_that_its_own_event_makes(room: Room) -> None:
    await room.put("carted", {"event": "Product Added"})
    entry = {"on": "event", "event": "Product Added", "audience": {"segment": "carted"}}
    await room.shop.publish(journey(entry=entry))
    await room.shop.accept(incoming("Product Added", "ann"))
    assert [run.customer_id for run in await room.shop.runs()] == ["ann"]


async def test_a_merged_customer_is_in_the_segments_of_both_histories_together(room: Room) -> None:
    await room.put("viewers", VIEWED)
    await room.put("twice", {"event": "Product Viewed", "count": {"gte": 2}})
    await room.shop.accept(incoming("Product Viewed", None, anonymous="device"))
    await room.shop.accept(incoming("Product Viewed", "ann"))
    assert len(await room.members("viewers")) == 2
    await room.shop.accept(incoming("Identified", "ann", kind="identify", anonymous="device", traits={"name": "Ann"}))
    await room.settle()
    assert (await room.members("viewers"), await room.members("twice")) == (["ann"], ["ann"])


async def test_l1_consent_moves_a_customer_whoever_records_it(room: Room) -> None:
    await room.put("agreed", {"consent": "email"})
    await room.shop.introduce("ann", consent="yes")
    await room.settle()
    assert await room.members("agreed") == ["ann"]
    await room.shop.consent("ann", email="no")
    await room.settle()
    assert await room.members("agreed") == []


async def test_preview_counts_before_anything_is_kept(room: Room) -> None:
    await room.shop.accept(incoming("Product Viewed", "ann"), incoming("Product Viewed", "bob"))
    preview = await room.segments.preview({"name": "x", "when": VIEWED}, 1)
    assert (preview.count, preview.sample) == (2, ["ann"])
    with pytest.raises(NotFoundError):
        await room.segments.get("x")


async def test_explain_tells_every_part_and_when_time_moves_her(room: Room) -> None:
    await room.put("viewers", VIEWED)
    await room.shop.accept(incoming("Product Viewed", "ann"))
    explained = await room.segments.explain("viewers", "ann")
    assert explained.is_member
    assert explained.since == NOON
    assert explained.verdict is not None
    assert explained.verdict["holds"]
    assert explained.recheck_at == NOON + timedelta(days=30, microseconds=1)


@pytest.mark.parametrize(
    ("when", "pointer", "words"),
    [
        ({"segment": "none-such"}, "/when", "there is no segment `none-such`"),
        ({"segment": "self"}, "/when", "this is `self` itself"),
        ({"entry": "cart_id", "exists": True}, "/when/entry", "`entry` conditions need a run"),
        ({"attribute": "country", "is": "PL"}, "/when/is", "`is` is no operator"),
        ({"computed": "orders"}, "/when", "`computed` has no operator"),
    ],
)
async def test_a_segment_that_cannot_be_is_refused_at_its_field(
    room: Room, when: dict[str, Any], pointer: str, words: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        await room.segments.put("self", {"name": "Self", "when": when})
    assert any(fault.pointer.startswith(pointer) and words in fault.detail for fault in refused.value.faults)


async def test_a_circle_of_segments_is_refused(room: Room) -> None:
    await room.put("a", VIEWED)
    await room.put("b", {"segment": "a"})
    with pytest.raises(InvalidError, match="circle"):
        await room.segments.put("a", {"name": "A", "when": {"segment": "b"}})


async def test_a_segment_is_taken_apart_and_its_history_stays(room: Room) -> None:
    await room.put("viewers", VIEWED)
    await room.put("also", {"segment": "viewers"})
    await room.shop.accept(incoming("Product Viewed", "ann"))
    with pytest.raises(ConflictError):
        await room.segments.delete("viewers")
    await room.segments.delete("also")
    await room.segments.delete("viewers")
    await room.settle()
    with pytest.raises(NotFoundError):
        await room.members("viewers")
    assert await room.moves("viewers") != []
    await room.put("viewers", VIEWED)
    assert await room.members("viewers") == ["ann"]


@pytest.mark.parametrize("key", LIBRARY)
async def test_every_ready_segment_can_be_kept(room: Room, key: str) -> None:
    await room.shop.introduce("ann", phone="+48123456789")
    await room.shop.accept(incoming("Product Viewed", "ann"), incoming("Order Completed", "ann", revenue=2000))
    await room.segments.put(key, LIBRARY[key])
    await room.settle()
    preview = await room.segments.preview(LIBRARY[key], 10)
    assert await room.members(key) == preview.sample
