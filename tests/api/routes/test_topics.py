"""Topics as settings of the workspace, and what they mean for messages (L1, L2)."""

from typing import Any

import pytest

from tests.builders import incoming, journey
from tests.world import World

NEWS = {"name": "News", "description": "What is new, once a week"}


async def send(world: World, topic: str, **consents: str) -> str | None:
    """What becomes of a mail on a topic to a customer who has said this."""
    given = {"email": "ann@example.com"}
    await world.shop.accept(incoming("Identified", "ann", kind="identify", at=world.clock.at, traits=given))
    if consents:
        wishes = {subject: {"status": word} for subject, word in consents.items()}
        await world.put("/v1/customers/ann/consent", wishes)
    steps = [{"id": "mail", "send": {"channel": "email", "template": "hello"}}]
    await world.shop.publish(journey(steps=steps, topic=topic))
    await world.shop.accept(incoming("Product Added", "ann", at=world.clock.at))
    await world.settle()
    outcome: str | None = (await world.get("/v1/customers/ann/messages"))["items"][0]["outcome"]
    return outcome


async def test_a_topic_is_written_read_listed_and_taken_away(world: World) -> None:
    kept = await world.put("/v1/topics/news", {**NEWS, "channels": ["email", "email"], "basis": "consent"})
    assert (kept["key"], kept["channels"], kept["marketing"]) == ("news", ["email"], True)
    assert await world.get("/v1/topics/news") == kept
    await world.put("/v1/topics/tips", {"name": "Tips", "translations": {"de": {"name": "Tipps"}}})
    first = await world.get("/v1/topics", limit=1)
    second = await world.get("/v1/topics", limit=1, cursor=first["next"])
    assert [one["key"] for one in first["items"] + second["items"]] == ["news", "tips"]
    assert second["next"] is None
    assert (await world.http.delete("/v1/topics/news")).status_code == 204
    assert (await world.http.get("/v1/topics/news")).status_code == 404
    assert (await world.http.delete("/v1/topics/news")).status_code == 404


@pytest.mark.parametrize("key", ["email", "transactional", "sms"])
async def test_a_topic_cannot_have_the_name_of_something_else(world: World, key: str) -> None:
    answer = await world.http.put(f"/v1/topics/{key}", json=NEWS)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/key")


@pytest.mark.parametrize(
    ("settings", "consents", "outcome"),
    [
        (NEWS, {"email": "yes"}, "sent"),
        (NEWS, {}, "no_consent"),
        (NEWS, {"email": "yes", "news": "no"}, "no_consent"),
        ({**NEWS, "channels": ["sms"]}, {"email": "yes"}, "no_consent"),
        ({**NEWS, "channels": ["sms", "email"]}, {"email": "yes"}, "sent"),
        ({**NEWS, "marketing": False, "basis": "contract"}, {}, "sent"),
        ({**NEWS, "marketing": False}, {"email": "no"}, "sent"),
        ({**NEWS, "marketing": False}, {"news": "no"}, "no_consent"),
    ],
)
async def test_l1_a_topics_settings_decide_what_it_needs(
    world: World, settings: dict[str, Any], consents: dict[str, str], outcome: str
) -> None:
    await world.put("/v1/topics/news", settings)
    assert await send(world, "news", **consents) == outcome


async def test_l1_a_yes_to_a_topic_that_waits_for_its_confirmation_is_none(world: World) -> None:
    await world.put("/v1/topics/news", {**NEWS, "double_opt_in": True})
    assert await send(world, "news", email="yes", news="yes") == "no_consent"


async def test_l1_a_yes_has_the_basis_of_its_topic(world: World) -> None:
    await world.put("/v1/topics/news", {**NEWS, "basis": "legitimate_interest"})
    await send(world, "news", email="yes", news="yes")
    items = (await world.get("/v1/customers/ann/consent"))["items"]
    assert {one["subject"]: one["basis"] for one in items} == {"email": "consent", "news": "legitimate_interest"}


@pytest.mark.parametrize(("marketing", "has_it"), [(True, True), (False, False)])
async def test_l2_what_is_no_marketing_has_no_way_out(world: World, marketing: bool, has_it: bool) -> None:
    await world.put("/v1/topics/news", {**NEWS, "marketing": marketing})
    assert await send(world, "news", email="yes") == "sent"
    mail = world.smtp.read()
    body = mail.get_body(("plain",))
    assert body is not None
    assert ("List-Unsubscribe" in mail, "Choose what you receive: http" in body.get_content()) == (has_it, has_it)
