"""Lint of the attributes that a journey's templates read."""

from collections.abc import AsyncIterator

import pytest

from journeyman.kit.database import Database
from tests.builders import email
from tests.journeyman.journeys.contact.mailings import mail, mailing
from tests.world import World, world


@pytest.fixture
async def here(database_url: str, database: Database) -> AsyncIterator[World]:
    del database
    async with world(database_url) as opened:
        yield opened


async def findings(here: World) -> list[tuple[str, str, str]]:
    found = await here.get("/v1/journeys/cart/lint")
    return [
        (one["pointer"], one["detail"], one["mend"]) for one in found["items"] if one["code"] == "unknown-attribute"
    ]


async def test_an_attribute_that_nobody_has_is_found_with_the_one_that_was_meant(here: World) -> None:
    await here.shop.introduce("ann", first_name="Ann")
    content = email(
        "Hello {{ customer.frist_name }}", text="{{ customer.id }} {{ customer.email }} {{ customer.shoe }}"
    )
    await here.shop.publish(mailing("cart", mail()), template=content)
    place = "/steps/0/send/template"
    assert await findings(here) == [
        (
            place,
            "`mail` sends `hello`, which reads `customer.frist_name`, and nobody has that attribute",
            "did you mean `first_name`?",
        ),
        (
            place,
            "`mail` sends `hello`, which reads `customer.shoe`, and nobody has that attribute",
            "send it with `identify`, or ask for it with `{% if … %}`",
        ),
    ]


async def test_what_the_journey_writes_itself_is_known(here: World) -> None:
    await here.shop.introduce("ann")
    note = {"id": "note", "update": {"attributes": {"stage": "lead"}}}
    await here.shop.publish(mailing("cart", note, mail()), template=email("{{ customer.stage }}"))
    assert await findings(here) == []


async def test_of_a_workspace_without_customers_nothing_is_said(here: World) -> None:
    await here.shop.publish(mailing("cart", mail()), template=email("{{ customer.first_name }}"))
    assert await findings(here) == []
