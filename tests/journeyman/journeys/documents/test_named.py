"""What a journey names has to be there when it is published, and cannot be taken away while it is live."""

from typing import Any

import pytest

from journeyman.customers.scoring.scoring import Scoring
from journeyman.customers.scoring.shelf import ScoreShelf
from journeyman.journeys.segmentation.segments import Segments
from journeyman.kit.database import Database
from journeyman.kit.errors import ConflictError, InvalidError
from tests.builders import Shop, journey

STAFF = {"segment": "staff"}
LEFT = {"event": "Segment Left", "where": {"property": "segment", "equals": "staff"}}
WAIT: dict[str, Any] = {"id": "until", "wait_for": {"when": {"not": STAFF}, "timeout": "9d"}}
WAYS: dict[str, Any] = {"id": "ways", "branch": [{"when": {"all": [STAFF]}, "next": "end"}]}
ENTRY = {"on": "event", "event": "Product Added"}


@pytest.fixture
def shop(database: Database) -> Shop:
    return Shop(database)


@pytest.fixture
def segments(shop: Shop) -> Segments:
    return Segments(shop.database, shop.clock)


async def refusal(shop: Shop, document: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(InvalidError) as refused:
        await shop.publish(document)
    return [(fault.pointer, fault.detail) for fault in refused.value.faults]


@pytest.mark.parametrize(
    ("parts", "pointer"),
    [
        ({"entry": {**ENTRY, "audience": {"not": STAFF}}}, "/entry/audience"),
        ({"steps": [WAYS]}, "/steps/0/branch"),
        ({"steps": [WAIT]}, "/steps/0/wait_for"),
        ({"exit": [{"on": "event", **LEFT}]}, "/exit/0/where"),
        ({"entry": {"on": "event", **LEFT}}, "/entry/where"),
        ({"goals": [{"key": "gone", "on": "event", **LEFT, "within": "7d"}]}, "/goals/0/where"),
        ({"steps": [{"id": "until", "wait_for": {**LEFT, "timeout": "9d"}}]}, "/steps/0/wait_for/where"),
    ],
)
async def test_a_segment_that_is_not_there_is_refused_where_it_is_named(
    shop: Shop, parts: dict[str, Any], pointer: str
) -> None:
    assert await refusal(shop, journey(**parts)) == [(pointer, "there is no segment `staff`")]


async def test_a_journey_is_published_once_its_segment_is_there_and_tells(shop: Shop, segments: Segments) -> None:
    document = journey(entry={**ENTRY, "audience": STAFF}, exit=[{"on": "event", **LEFT}])
    await segments.put("staff", {"name": "Staff"})
    assert await refusal(shop, document) == [("/exit/0/where", "the segment `staff` tells nobody who comes and goes")]
    await segments.put("staff", {"name": "Staff", "events": True})
    assert (await shop.publish(document)).version == 1


@pytest.mark.parametrize("parts", [{"entry": {**ENTRY, "audience": STAFF}}, {"exit": [{"on": "event", **LEFT}]}])
async def test_a_segment_that_a_live_journey_names_is_not_deleted(
    shop: Shop, segments: Segments, parts: dict[str, Any]
) -> None:
    await segments.put("staff", {"name": "Staff", "events": True})
    await shop.publish(journey("welcome", **parts))
    with pytest.raises(ConflictError, match="the journey welcome is live"):
        await segments.delete("staff")
    await shop.stop("welcome")
    await segments.delete("staff")
    assert await segments.listed(None, 10) == []


async def test_a_score_that_is_not_there_is_refused_where_it_is_named(shop: Shop) -> None:
    ways = {"id": "ways", "branch": [{"when": {"not": {"score": "leads", "gte": 5}}, "next": "end"}]}
    assert await refusal(shop, journey(steps=[ways])) == [("/steps/0/branch", "there is no score `leads`")]
    scoring = Scoring(shop.database, shop.clock, ScoreShelf())
    await scoring.save("leads", {"rules": [{"event": "Product Viewed", "points": 1}]})
    assert (await shop.publish(journey(steps=[ways]))).version == 1


async def test_a_segment_that_a_live_journey_hears_goes_on_telling(shop: Shop, segments: Segments) -> None:
    await segments.put("staff", {"name": "Staff", "events": True})
    await shop.publish(journey(exit=[{"on": "event", **LEFT}]))
    with pytest.raises(ConflictError, match="the journey cart hears who comes into staff"):
        await segments.put("staff", {"name": "Staff"})
    await segments.put("staff", {"name": "Our staff", "events": True})
    await shop.stop("cart")
    assert not (await segments.put("staff", {"name": "Staff"})).events
