"""`audience`: noted with the step, told to the ad network afterwards, lost by nobody."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from journeyman.journeys.audiences import repository
from journeyman.journeys.audiences.keeping import LONGEST_REST, LOOK, Audience, AudienceKeeper
from journeyman.journeys.segmentation.keeping import Keeper
from journeyman.journeys.steps.audience import AudienceMoves
from journeyman.kit.holdings import take_away
from journeyman.language.steps.audience import AudienceStep
from tests.builders import incoming
from tests.journeyman.channels.ads.networks import Meta
from tests.journeyman.journeys.steps.visits import END, PAUSE, come, enter, lines
from tests.parts.other_system import Says, says
from tests.world import World

ADD: dict[str, Any] = {"id": "retarget", "audience": {"add": "carts"}}
REMOVE: dict[str, Any] = {"id": "enough", "audience": {"remove": "carts"}}


@pytest.fixture
async def network(here: World) -> AsyncIterator[Meta]:
    here.advance.instant = {**here.advance.instant, AudienceStep: AudienceMoves({"carts"}).take}
    async with Meta() as fake:
        yield fake


@asynccontextmanager
async def keeping(here: World, network: Meta, segment: str | None = None) -> AsyncIterator[AudienceKeeper]:
    opened = network.settings().open(here.clock)
    yield AudienceKeeper(here.database, here.clock, {"carts": Audience(opened, segment)})
    await opened.close()


async def members(here: World) -> dict[str, tuple[bool, str]]:
    async with here.database.reading() as connection:
        return await repository.members(connection, "carts")


def hashes(email: str) -> set[str]:
    return {sha256(email.encode()).hexdigest()}


async def known(here: World, *steps: dict[str, Any]) -> str:
    """The customer of a run through these steps, who has an address and agrees to ads."""
    await here.shop.introduce()
    await here.shop.consent(ads="yes")
    return str((await enter(here, *steps)).customer_id)


async def test_without_an_ad_network_the_journey_goes_on(here: World) -> None:
    run = await enter(here, ADD, END)
    assert (run.outcome, await members(here)) == ("over", {run.customer_id: (True, "not_configured")})
    (line,) = await lines(here, "retarget")
    assert (line.code, line.data["outcome"]) == ("audience", "not_configured")


async def test_a_change_is_told_once_by_hashes_alone(here: World, network: Meta) -> None:
    ann = await known(here, ADD, END)
    assert await members(here) == {ann: (True, "pending")}
    async with keeping(here, network) as keeper:
        assert (await keeper.step(), await keeper.step()) == (1, 0)
    assert (network.inside, network.requests) == (hashes("ann@example.com"), [1])
    assert await members(here) == {ann: (True, "told")}


async def test_the_last_word_counts(here: World, network: Meta) -> None:
    ann = await known(here, ADD, PAUSE, REMOVE)
    async with keeping(here, network) as keeper:
        await keeper.step()
        assert network.inside == hashes("ann@example.com")
        await here.pass_time(hours=2)
        assert await members(here) == {ann: (False, "pending")}
        await keeper.step()
    assert network.inside == set()
    assert await members(here) == {ann: (False, "told")}


async def test_nobody_is_taken_out_who_never_was_in(here: World, network: Meta) -> None:
    await known(here, ADD, REMOVE, END)
    async with keeping(here, network) as keeper:
        assert await keeper.step() == 1
    assert network.calls == []


async def test_what_came_before_the_ad_network_is_told_as_well(here: World) -> None:
    await known(here, ADD, END)
    async with Meta() as network, keeping(here, network) as keeper:
        await keeper.step()
        assert network.inside == hashes("ann@example.com")


async def test_l1_who_has_not_agreed_to_ads_is_not_told_of_until_she_does(here: World, network: Meta) -> None:
    await here.shop.introduce()
    run = await enter(here, ADD, END)
    async with keeping(here, network) as keeper:
        await keeper.step()
        assert (network.calls, await members(here)) == ([], {run.customer_id: (True, "withheld")})
        await here.shop.consent(ads="yes")
        here.clock.at += LOOK
        await keeper.step()
    assert network.inside == hashes("ann@example.com")


@pytest.mark.parametrize("ends", [False, True])
async def test_l1_who_no_longer_agrees_is_taken_out_again(here: World, network: Meta, ends: bool) -> None:
    ann = await known(here, ADD, END)
    async with keeping(here, network) as keeper:
        await keeper.step()
        if ends:
            await here.shop.consent(ads="yes", ends=here.clock.at + timedelta(hours=1))
            here.clock.at += timedelta(hours=2)
        else:
            await here.shop.consent(ads="no")
            here.clock.at += LOOK
        await keeper.step()
    assert network.inside == set()
    assert await members(here) == {ann: (True, "withheld")}


async def test_what_is_not_taken_is_told_again_until_it_is(here: World, network: Meta) -> None:
    ann = await known(here, ADD, END)
    async with keeping(here, network) as keeper:
        network.script.append(says(429, {"error": {"code": 80003, "message": "too many"}}, retry_after="300"))
        assert await keeper.step() == 0
        assert await keeper.step() == 0
        assert len(network.calls) == 1
        here.clock.at += timedelta(minutes=5)
        assert await keeper.step() == 1
    assert await members(here) == {ann: (True, "told")}


async def test_a_network_that_fails_is_asked_ever_more_rarely_and_nobody_is_given_up(
    here: World, network: Meta
) -> None:
    ann = await known(here, ADD, END)
    async with keeping(here, network) as keeper:
        for _ in range(400):
            network.script.append(says(503))
            await keeper.step()
            here.clock.at += timedelta(seconds=10)
        assert 5 < len(network.calls) < 12
        network.script.clear()
        assert await members(here) == {ann: (True, "pending")}
        here.clock.at += LONGEST_REST
        assert await keeper.step() == 1
    assert network.inside == hashes("ann@example.com")


async def test_a_lost_answer_is_no_reason_to_leave_her_in(here: World, network: Meta) -> None:
    ann = await known(here, ADD, PAUSE, REMOVE)
    async with keeping(here, network) as keeper:
        network.script.append(Says(None, after=True))
        assert await keeper.step() == 0
        assert network.inside == hashes("ann@example.com")
        await here.pass_time(hours=2)
        assert await keeper.step() == 1
    assert (network.inside, await members(here)) == (set(), {ann: (False, "told")})


async def test_who_is_refused_fails_and_the_others_do_not(here: World, network: Meta) -> None:
    ann = await known(here, ADD, END)
    network.unwelcome = hashes("ann@example.com")
    async with keeping(here, network) as keeper:
        await keeper.step()
    assert await members(here) == {ann: (True, "failed")}
    async with here.database.reading() as connection:
        assert (await repository.standing(connection))["carts"].failure == "the network does not take this entry"


async def test_an_address_that_changed_leaves_as_it_was(here: World, network: Meta) -> None:
    await known(here, ADD, PAUSE, {**ADD, "id": "again"})
    async with keeping(here, network) as keeper:
        await keeper.step()
        await here.shop.accept(
            incoming("Identified", kind="identify", at=here.clock.at, traits={"email": "smith@example.com"})
        )
        await here.pass_time(hours=2)
        await keeper.step()
    assert network.inside == hashes("smith@example.com")


async def test_a_segment_fills_an_audience(here: World, network: Meta) -> None:
    await here.shop.introduce()
    await here.shop.consent(ads="yes")
    ready = {"name": "Lost", "when": {"attribute": "plan", "equals": "free"}}
    await here.http.put("/v1/segments/lost", json=ready)
    keeps = Keeper(here.database, here.clock)
    async with keeping(here, network, "lost") as keeper:
        for plan, inside in (("free", hashes("ann@example.com")), ("pro", set()), ("free", hashes("ann@example.com"))):
            await here.shop.accept(incoming("Identified", kind="identify", at=here.clock.at, traits={"plan": plan}))
            while await keeps.step():
                pass
            here.clock.at += LOOK
            await keeper.step()
            assert network.inside == inside


async def test_l3_who_is_erased_is_forgotten_by_the_network_too(here: World, network: Meta) -> None:
    ann = await known(here, ADD, END)
    async with keeping(here, network) as keeper:
        await keeper.step()
        async with here.database.transaction() as connection:
            await repository.leave(connection, [ann])
            await take_away(connection, repository.AUDIENCES, {"customer": [ann], "subject": []}, "nobody", 10)
        network.script.append(says(503))
        await keeper.step()
        assert (await members(here), network.inside) == ({}, hashes("ann@example.com"))
        here.clock.at += LONGEST_REST
        await keeper.step()
        assert network.inside == set()
        calls = len(network.calls)
        here.clock.at += LONGEST_REST
        await keeper.step()
    assert len(network.calls) == calls


@pytest.mark.usefixtures("network")
async def test_a_merge_keeps_the_survivors_own_word(here: World) -> None:
    await enter(here, ADD, PAUSE, user=None, anonymous="a1")
    await come(here, user=None, anonymous="a2")
    for anonymous in ("a1", "a2"):
        known = incoming("Identified", "zoe", kind="identify", anonymous=anonymous, at=here.clock.at)
        await here.shop.accept(known)
    zoe = (await here.get("/v1/customers/zoe"))["id"]
    assert await members(here) == {zoe: (True, "pending")}
