"""What of a template a message is made of, chosen at the instant of sending."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from journeyman.channels.blocks import blocks
from journeyman.channels.blocks.blocks import read_block
from journeyman.channels.languages import phrases
from journeyman.channels.templates import load_by_hash, read_content
from tests.builders import incoming
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
    wanted = ("language", "variant")
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


PRO = {"attribute": "plan", "equals": "pro"}
VARIANTS = [
    {
        "key": "vip",
        "when": PRO,
        "subject": "For you",
        "languages": {"pl": {"text": "Ty"}},
    },
    {"key": "buyer", "when": {"event": "Bought", "within": "30d"}, "subject": "Again, {{ entry.n }}?"},
]


@pytest.mark.parametrize(
    ("profile", "bought", "key", "subject"),
    [
        ({"plan": "pro"}, True, "vip", "For you"),
        ({"plan": "free"}, True, "buyer", "Again, n"),
        ({"plan": "free"}, False, None, "Hello Ann"),
        ({"plan": "pro", "language": "pl"}, False, "vip", "For you"),
    ],
)
async def test_the_first_variant_whose_condition_holds_is_sent_whatever_the_journey_reads(
    here: World, profile: dict[str, Any], bought: bool, key: str | None, subject: str
) -> None:
    await here.shop.introduce(**{"language": "en", **profile})
    await here.shop.accept(*([incoming("Bought")] if bought else []))
    await publish(here, {**MAIL, "languages": LANGUAGES, "variants": VARIANTS})
    await go(here)
    mail = here.smtp.read()
    assert str(mail["subject"]).startswith(subject)
    language = profile.get("language", "en")
    assert await chosen(here) == [{"language": language, **({"variant": key} if key else {})}]
    assert ("Ty" in mail.get_content()) is (language == "pl")


async def test_a_block_has_variants_too(here: World) -> None:
    await here.shop.introduce(plan="pro")
    variants = [{"key": "vip", "when": PRO, "text": "dear"}]
    await blocks.save(here.database, "who", read_block({"text": "all", "variants": variants}), here.clock.now())
    await publish(here, {"channel": "email", "subject": "To {% render 'who' %}", "text": "x"})
    await go(here)
    assert here.smtp.read()["subject"] == "To dear"


async def test_a_preview_shows_the_variant_of_a_sample_of_a_customer_or_the_one_that_is_asked_for(here: World) -> None:
    await here.shop.introduce(language="en")
    await here.shop.accept(incoming("Bought"))
    await publish(here, {**MAIL, "variants": VARIANTS})
    seen = []
    for query, customer in ("", {"plan": "pro"}), ("", "ann"), ("", {}), ("?variant=vip", "ann"):
        answer = await here.http.post(f"/v1/templates/hello/render{query}", json={"customer": customer})
        seen.append(answer.json()["variant"])
    assert seen == ["vip", "buyer", None, "vip"]
