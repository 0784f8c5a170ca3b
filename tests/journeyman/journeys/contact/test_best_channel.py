"""O2 through the product: which channel a message takes, what is on record of it, and what follows when it fails."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from journeyman.channels import templates
from journeyman.channels.content.in_app import InAppContent
from journeyman.channels.tables import Message
from journeyman.intelligence.channel_choice import Prior
from journeyman.intelligence.registry import repository as registry
from journeyman.journeys.contact.best_channel import MODEL
from journeyman.kit.errors import InvalidError
from tests.builders import NOON, email
from tests.journeyman.journeys.contact.mailings import go, ledger, mailing, outcomes, policy
from tests.journeyman.journeys.learning.readers import message
from tests.parts.smtp import DIE
from tests.world import World

BEST = {"best_channel": ["email", "in_app"], "template": "hello"}


@pytest.fixture(autouse=True)
async def contents(here: World) -> None:
    content = InAppContent.model_validate({"channel": "in_app", "title": "Hello"})
    await templates.save(here.database, "hello-in-app", content, NOON)
    await templates.save(here.database, "hello-email", email(), NOON)


async def published(here: World, **send: Any) -> None:
    document = mailing("cart", {"id": "mail", "send": {**BEST, **send}})
    await here.shop.drafts.save("cart", document)
    await here.shop.drafts.publish("cart", inside="stay", dry_run=False, wish=None, by="test")


async def met(here: World, customer: str = "ann", **consent: str) -> None:
    await here.shop.introduce(customer)
    said = {"email": "yes", "in_app": "yes", **consent}
    await here.shop.consent(customer, None, **said)


async def learnt(here: World, **chances: float) -> None:
    """How probable all customers are to click each channel's messages, with the weight of ten."""
    artefact = {name: Prior(10 * chance, 10 * (1 - chance), 5000).to_json() for name, chance in chances.items()}
    async with here.database.transaction() as connection:
        await registry.add(connection, MODEL, NOON, 5000, ({}, {}), artefact, in_use=True)


async def read(here: World) -> dict[str, Any]:
    """What the channel of the newest message was chosen by."""
    lines = [entry for entry in await here.shop.journal() if entry.kind == "message"]
    gate = lines[-1].data["gates"][0]
    assert gate["gate"] == "channel"
    found: dict[str, Any] = gate["read"]
    return found


async def channels(here: World) -> list[tuple[str, str | None]]:
    return [
        (row.channel, row.outcome) for row in sorted(await ledger(here), key=lambda row: (row.reserved_at, row.visit))
    ]


async def test_o2_with_too_little_data_the_authors_first_is_taken(here: World) -> None:
    await met(here)
    await published(here)
    await go(here)
    assert await channels(here) == [("email", "sent")]
    assert await read(here) == {"channel": "email", "by": "author"}


async def test_o2_a_model_that_lacks_one_of_the_channels_is_too_little(here: World) -> None:
    await met(here)
    await learnt(here, in_app=0.5)
    await published(here)
    await go(here)
    assert (await read(here))["by"] == "author"


async def test_o2_the_channel_on_which_all_answer_best_is_taken_of_somebody_new(here: World) -> None:
    for place in range(30):
        await met(here, f"c{place}")
    await learnt(here, email=0.05, in_app=0.2)
    await published(here)
    for place in range(30):
        await go(here, f"c{place}")
    lines = [entry for entry in await here.shop.journal() if entry.kind == "message"]
    reads = [line.data["gates"][0]["read"] for line in lines]
    assert len(reads) == 30
    chosen = [one for one in reads if not one["explored"]]
    assert len(chosen) >= 24
    assert {one["channel"] for one in chosen} == {"in_app"}
    assert {one["propensity"] for one in chosen} == {0.975}
    assert chosen[0]["ranking"] == {"email": 0.05, "in_app": 0.2}
    assert all(line.data["channel"] == line.data["gates"][0]["read"]["channel"] for line in lines)


async def test_o2_her_own_answers_count_and_those_of_today_do_not_yet(here: World) -> None:
    await met(here)
    await learnt(here, email=0.05, in_app=0.2)
    old = [message("ann", NOON - timedelta(days=day), NOON - timedelta(days=day)) for day in range(20, 60)]
    fresh = [message("ann", NOON - timedelta(hours=2), None, channel="in_app")]
    async with here.database.transaction() as connection:
        await connection.execute(insert(Message), [*old, *fresh])
    await published(here)
    await go(here)
    ranking = (await read(here))["ranking"]
    assert ranking["email"] == pytest.approx((0.5 + 40) / (10 + 40), abs=1e-4)
    assert ranking["in_app"] == 0.2


@pytest.mark.parametrize(
    ("consent", "out"), [({"email": "no"}, {"email": "no_consent"}), ({"in_app": "no"}, {"in_app": "no_consent"})]
)
async def test_o2_a_channel_that_cannot_be_used_is_left_out(
    here: World, consent: dict[str, str], out: dict[str, str]
) -> None:
    await met(here, **consent)
    await learnt(here, email=0.1, in_app=0.1)
    await published(here)
    await go(here)
    found = await read(here)
    assert (found["out"], found["by"]) == (out, "only")
    assert await channels(here) == [({"email": "in_app", "in_app": "email"}[next(iter(out))], "sent")]


async def test_o2_a_channel_whose_cap_is_full_is_left_out(here: World) -> None:
    await met(here)
    await policy(here, caps=[{"max": 1, "per": "1d", "channel": "email"}])
    await published(here)
    await go(here)
    here.clock.at += timedelta(minutes=1)  # so that the ledger says which of the two was first
    await go(here)
    assert await channels(here) == [("email", "sent"), ("in_app", "sent")]
    assert (await read(here))["out"] == {"email": "capped"}


async def test_o2_where_no_channel_can_be_used_the_authors_first_says_why(here: World) -> None:
    await met(here, email="no", in_app="no")
    await published(here)
    await go(here)
    assert await channels(here) == [("email", "no_consent")]
    assert (await here.shop.runs())[0].outcome == "over"


async def test_o2_what_costs_more_than_it_brings_is_not_taken(here: World) -> None:
    await met(here)
    await learnt(here, email=0.05, in_app=0.2)
    await policy(here, click_worth=1.0, channel_costs={"in_app": 0.19})
    await published(here)
    await go(here)
    assert (await read(here))["ranking"] == {"email": 0.05, "in_app": pytest.approx(0.01, abs=1e-6)}


async def test_a_message_that_is_refused_goes_on_the_next_channel(here: World) -> None:
    await met(here)
    here.smtp.script("RCPT", "550 5.1.1 no such mailbox")
    document = mailing(
        "cart", {"id": "mail", "send": {"channel": "email", "fallback": ["in_app"], "template": "hello"}}
    )
    await here.shop.drafts.save("cart", document)
    await here.shop.drafts.publish("cart", inside="stay", dry_run=False, wish=None, by="test")
    await go(here)
    assert await channels(here) == [("email", "rejected"), ("in_app", "sent")]
    (run,) = await here.shop.runs()
    assert (run.state, run.outcome) == ("ended", "over")
    assert await read(here) == {"channel": "in_app", "by": "only"}


async def test_without_consent_to_the_first_channel_the_fallback_is_taken_at_once(here: World) -> None:
    await met(here, email="no")
    document = mailing(
        "cart", {"id": "mail", "send": {"channel": "email", "fallback": ["in_app"], "template": "hello"}}
    )
    await here.shop.drafts.save("cart", document)
    await here.shop.drafts.publish("cart", inside="stay", dry_run=False, wish=None, by="test")
    await go(here)
    assert await channels(here) == [("in_app", "sent")]
    assert (await read(here))["out"] == {"email": "no_consent"}


async def test_when_every_channel_has_failed_the_last_outcome_leads(here: World) -> None:
    await met(here, in_app="no")
    here.smtp.script("RCPT", "550 5.1.1 no such mailbox")
    await published(here, on={"rejected": "end"})
    await go(here)
    assert await channels(here) == [("email", "rejected")]
    assert (await here.shop.runs())[0].outcome == "completed"


async def test_a_message_that_waits_keeps_the_channel_that_was_chosen(here: World) -> None:
    await met(here)
    await published(here, at={"within": "1d", "else": "18:00"})
    await go(here)
    assert await outcomes(here) == [None]
    await learnt(here, email=0.01, in_app=0.9)
    await here.pass_time(hours=7)
    assert await channels(here) == [("email", "sent")]


async def test_a_template_for_each_channel_has_to_be_there(here: World) -> None:
    document = mailing("cart", {"id": "mail", "send": {**BEST, "template": "offer"}})
    await here.shop.drafts.save("cart", document)
    with pytest.raises(InvalidError) as error:
        await here.shop.drafts.publish("cart", inside="stay", dry_run=False, wish=None, by="test")
    assert [fault.detail for fault in error.value.faults] == [
        "step `mail`: there is no template `offer-email`",
        "step `mail`: there is no template `offer-in-app`",
    ]


async def test_a_message_that_may_have_left_goes_on_no_other_channel(here: World) -> None:
    await met(here)
    here.smtp.script("END", DIE)
    await published(here, delivery="at_most_once")
    await go(here)
    assert await channels(here) == [("email", "failed")]
