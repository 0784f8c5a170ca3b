"""What of a template a message is made of, chosen at the instant of sending."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from journeyman.channels.languages import phrases
from journeyman.channels.templates import load_by_hash, read_content
from tests.journeyman.journeys.contact.mailings import go, ledger, mailing
from tests.world import World, world

MAIL = {"channel": "email", "language": "en", "subject": "Hello {{ customer.name }}", "text": "Come {{ language }}"}
LANGUAGES = {"pl": {"subject": "Witaj {{ customer.name }}"}, "de": {"subject": "Hallo", "text": "Komm"}}


@pytest.fixture
async def here(database_url: str) -> AsyncIterator[World]:
    async with world(database_url, language="de-AT") as opened:
        yield opened


async def publish(here: World, template: dict[str, Any]) -> None:
    await here.shop.publish(mailing(), template=read_content(template))


async def chosen(here: World) -> list[dict[str, Any]]:
    wanted = ("language",)
    lines = [line.data for line in await here.shop.journal() if line.kind == "message"]
    return [{name: line[name] for name in wanted if name in line} for line in lines]


@pytest.mark.parametrize(
    ("profile", "language", "subject"),
    [
        ({"language": "pl-PL"}, "pl", "Witaj Ann"),
        ({"locale": "pl_PL"}, "pl", "Witaj Ann"),
        ({"language": "fr", "locale": "en-GB"}, "en", "Hello Ann"),
        ({"language": "fr"}, "de", "Hallo"),
        ({}, "de", "Hallo"),
    ],
)
async def test_a_message_speaks_the_customers_language_else_the_workspaces(
    here: World, profile: dict[str, Any], language: str, subject: str
) -> None:
    await here.shop.introduce(**profile)
    await publish(here, {**MAIL, "languages": LANGUAGES})
    await go(here)
    assert here.smtp.read()["subject"] == subject
    assert await chosen(here) == [{"language": language}]
    (row,) = await ledger(here)
    assert (await load_by_hash(here.database, row.template_hash)).languages.keys() == LANGUAGES.keys()


async def test_what_the_product_says_in_a_message_is_said_in_the_messages_language(here: World) -> None:
    await here.shop.introduce(language="fr", locale="pl")
    await publish(here, {**MAIL, "languages": LANGUAGES})
    await go(here)
    assert phrases("pl").unsubscribe in here.smtp.read().get_content()


async def test_a_template_of_one_language_that_says_none_is_as_before(here: World) -> None:
    await here.shop.introduce(language="pl")
    await publish(here, {"channel": "email", "subject": "Hello", "text": "Come"})
    await go(here)
    assert await chosen(here) == [{}]
