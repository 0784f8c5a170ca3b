"""C1 and C2: whom a conversion is credited to, and where its window begins."""

from datetime import timedelta
from typing import Any

import pytest

from journeyman.journeys.direct import incoming as direct
from tests.builders import incoming, journey
from tests.workflows.theatre import Theatre

MAILS = [
    {"id": "first", "send": {"channel": "email", "template": "hello"}},
    {"id": "pause", "wait": {"for": "2d"}},
    {"id": "second", "send": {"channel": "email", "template": "hello"}},
    {"id": "rest", "wait": {"for": "30d"}},
]


async def play(stage: Theatre, **goal: Any) -> None:
    order = {"key": "order", "on": "event", "event": "Order Completed", "within": "1d", **goal}
    await stage.shop.introduce()
    await stage.shop.publish(journey(steps=MAILS, goals=[order]))
    await stage.accept(incoming("Product Added", at=stage.clock.at))


async def order(stage: Theatre) -> list[list[str]]:
    await stage.accept(incoming("Order Completed", at=stage.clock.at))
    return [conversion.credited for conversion in await stage.shop.conversions()]


async def test_c1_credit_goes_to_the_messages_before_it_the_newest_first(stage: Theatre) -> None:
    await play(stage, within="7d")
    await stage.pass_time(days=2, minutes=1)
    assert await order(stage) == [["second", "first"]]


async def test_c1_a_conversion_before_the_first_message_counts_for_the_journey_and_no_step(stage: Theatre) -> None:
    steps = [{"id": "pause", "wait": {"for": "2d"}}, MAILS[0]]
    goal = {"key": "order", "on": "event", "event": "Order Completed", "within": "7d"}
    await stage.shop.introduce()
    await stage.shop.publish(journey(steps=steps, goals=[goal]))
    await stage.accept(incoming("Product Added", at=stage.clock.at))
    assert await order(stage) == [[]]


@pytest.mark.parametrize(("hours", "counts"), [(71, True), (73, False)])
async def test_c2_a_window_that_begins_with_a_send_begins_anew_with_each(
    stage: Theatre, hours: int, counts: bool
) -> None:
    await play(stage, anchor="send")
    await stage.pass_time(hours=49)
    await stage.pass_time(hours=hours - 49)
    assert (len(await order(stage)) == 1) is counts


async def test_c2_a_window_that_begins_with_an_open_needs_one(stage: Theatre) -> None:
    await play(stage, anchor="open")
    await stage.pass_time(hours=1)
    assert await order(stage) == []
    (message, *_) = [entry for entry in await stage.shop.journal() if entry.kind == "message"]
    properties = {"message_id": message.data["message"]}
    await stage.accept(direct("ann", "opened", "receipt", "Email Opened", stage.clock.at, properties))
    await stage.pass_time(hours=1)
    assert await order(stage) == [["first"]]


async def test_a_receipt_releases_a_wait_for_a_message(stage: Theatre) -> None:
    wait = {"id": "opened", "wait_for": {"message": "first", "status": "opened", "timeout": "7d", "on_timeout": "exit"}}
    await stage.shop.introduce()
    await stage.shop.publish(journey(steps=[MAILS[0], wait, {"id": "stop", "end": "opened"}]))
    await stage.accept(incoming("Product Added", at=stage.clock.at))
    (message, *_) = [entry for entry in await stage.shop.journal() if entry.kind == "message"]
    at = stage.clock.at + timedelta(seconds=1)
    await stage.accept(direct("ann", "o", "receipt", "Email Opened", at, {"message_id": message.data["message"]}))
    assert (await stage.run()).outcome == "opened"
