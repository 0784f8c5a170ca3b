"""Journeys that start on one another."""

from typing import Any

import pytest

from journeyman.kit.database import Database
from journeyman.kit.errors import InvalidError
from tests.builders import Shop, journey


@pytest.fixture
def shop(database: Database) -> Shop:
    return Shop(database)


def on(other: str, **parts: Any) -> dict[str, Any]:
    return {"entry": {"on": "journey", "journey": other, **parts}}


async def refusal(shop: Shop, document: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(InvalidError) as refused:
        await shop.publish(document)
    return [(fault.pointer, fault.detail) for fault in refused.value.faults]


async def test_the_other_journey_and_its_step_have_to_be_there(shop: Shop) -> None:
    assert await refusal(shop, journey("b", **on("a"))) == [("/entry/journey", "there is no journey `a`")]
    await shop.publish(journey("a"))
    assert await refusal(shop, journey("b", **on("a", step="gone"))) == [
        ("/entry/step", "the journey `a` has no step `gone`")
    ]
    assert (await shop.publish(journey("b", **on("a", step="pause")))).version == 1


async def test_a_circle_of_live_journeys_is_refused_and_told(shop: Shop) -> None:
    await shop.publish(journey("a"))
    await shop.publish(journey("b", **on("a")))
    await shop.publish(journey("c", **on("b")))
    assert await refusal(shop, journey("a", **on("c"))) == [
        ("/entry/journey", "`a` starts `b` starts `c` starts `a`: they would start one another for ever")
    ]
    await shop.stop("b")
    assert (await shop.publish(journey("a", **on("c")))).version == 2


async def test_a_journey_that_a_step_sends_into_is_there_and_lets_people_in(shop: Shop) -> None:
    into = {"steps": [{"id": "over", "enter": {"journey": "a"}}]}
    assert await refusal(shop, journey("b", **into)) == [("/steps/0/enter/journey", "there is no journey `a`")]
    await shop.publish(journey("a"))
    assert await refusal(shop, journey("b", **into)) == [("/steps/0/enter/journey", "nobody can be sent into `a`")]
    await shop.publish(journey("a", entry={"on": "api"}))
    assert (await shop.publish(journey("b", **into))).version == 1
