"""Why somebody is in a journey that no plain event starts, or is not, and what ended her run."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from journeyman.journeys.dates.keeping import DateKeeper
from tests.builders import incoming, journey
from tests.world import World, world

PAUSE: list[dict[str, Any]] = [{"id": "pause", "wait": {"for": "30d"}}]


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[World]:
    async with world(database_url) as made:
        yield made


async def explained(here: World, key: str) -> str:
    answer: str = (await here.get("/v1/customers/ann/explain", journey=key))["answer"]
    return answer


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (
            {"on": "attribute_change", "attribute": "tier", "changes_from": "silver", "changes_to": "gold"},
            "a change of **tier** from silver to gold has not come since",
        ),
        ({"on": "segment", "segment": "vip", "direction": "leaves"}, "leaving the segment **vip** has not come since"),
        ({"on": "journey", "journey": "other"}, "the end of the journey **other** has not come since"),
        (
            {"on": "journey", "journey": "other", "step": "pause"},
            "reached **pause** in the journey **other** has not come since",
        ),
        (
            {"on": "event", "event": "Product Viewed", "count": 3, "within": "7d"},
            "With **Product Viewed** for the 3rd time within 7d now, the customer would enter",
        ),
    ],
)
async def test_what_has_not_come_is_told_in_words(here: World, entry: dict[str, Any], words: str) -> None:
    await here.put("/v1/segments/vip", {"name": "VIP"})
    await here.shop.publish(journey("other"))
    await here.shop.publish(journey("gold", entry=entry))
    await here.shop.introduce("ann")
    assert words in await explained(here, "gold")


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"on": "attribute_change", "attribute": "tier"}, "ended: exited by a change of **tier** from silver to gold"),
        (
            {"on": "condition", "when": {"attribute": "tier", "equals": "gold"}},
            "ended: exited by a condition that came to hold",
        ),
        ({"on": "date", "attribute": "ends"}, "ended: exited by a date that came: "),
    ],
)
async def test_w9_the_timeline_tells_what_ended_a_run(here: World, rule: dict[str, Any], words: str) -> None:
    await here.shop.publish(journey(exit=[rule], steps=PAUSE))
    await here.shop.introduce("ann", tier="silver", ends="2026-03-04")
    await here.shop.accept(incoming("Product Added"))
    await here.shop.accept(incoming("Identified", kind="identify", at=here.clock.now(), traits={"tier": "gold"}))
    await here.pass_time(days=3)
    told = [item["text"] for item in (await here.get("/v1/customers/ann/timeline"))["items"]]
    assert [text for text in told if words in text]


async def test_when_a_date_comes_due_is_told_and_what_let_her_in(here: World) -> None:
    keeper = DateKeeper(here.database, here.clock, "UTC")
    await here.shop.publish(
        journey("gold", entry={"on": "date", "attribute": "birthday", "time": "09:00"}, steps=PAUSE)
    )
    await here.shop.introduce("ann", timezone="Europe/Warsaw")
    assert "the date **birthday** has not come since" in await explained(here, "gold")
    await here.shop.accept(incoming("Identified", "ann", kind="identify", traits={"birthday": "2026-03-10"}))
    assert "the date **birthday** comes due on 10 Mar 09:00 Warsaw" in await explained(here, "gold")
    here.clock.at = datetime(2026, 3, 10, 8, 1, tzinfo=UTC)
    await keeper.fire()
    await here.shop.decide()
    timeline = str(await here.get("/v1/customers/ann/timeline"))
    assert "Entered **gold** (version 1) by the date **birthday**" in timeline
    assert "Entry into **gold** was asked for by a date that came due" in timeline
