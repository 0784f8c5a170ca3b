"""`audience`: noted with the step, told to the ad network afterwards, lost by nobody."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from journeyman.journeys.audiences import repository
from journeyman.journeys.audiences.keeping import ATTEMPTS, AudienceKeeper
from journeyman.journeys.audiences.ports import AudienceChange, AudienceError
from journeyman.journeys.steps.audience import AudienceMoves
from journeyman.language.steps.audience import AudienceStep
from tests.builders import incoming
from tests.journeyman.journeys.steps.visits import END, PAUSE, come, enter, lines
from tests.world import World

ADD: dict[str, Any] = {"id": "retarget", "audience": {"add": "carts"}}
REMOVE: dict[str, Any] = {"id": "enough", "audience": {"remove": "carts"}}


class Network:
    """An ad network that keeps what it is told."""

    def __init__(self) -> None:
        self.inside: dict[str, bool] = {}
        self.told: list[AudienceChange] = []
        self.error: AudienceError | None = None

    async def apply(self, audience: str, changes: Sequence[AudienceChange]) -> None:
        assert audience == "carts"
        if self.error is not None:
            raise self.error
        self.told += changes
        self.inside |= {change.customer: change.is_in for change in changes}


@pytest.fixture
def network(here: World) -> Network:
    here.advance.instant = {**here.advance.instant, AudienceStep: AudienceMoves({"carts"}).take}
    return Network()


def keeper(here: World, network: Network) -> AudienceKeeper:
    return AudienceKeeper(here.database, here.clock, {"carts": network})


async def members(here: World) -> dict[str, tuple[bool, str]]:
    async with here.database.reading() as connection:
        return await repository.members(connection, "carts")


async def test_without_an_ad_network_the_journey_goes_on(here: World) -> None:
    run = await enter(here, ADD, END)
    assert (run.outcome, await members(here)) == ("over", {run.customer_id: (True, "not_configured")})
    (line,) = await lines(here, "retarget")
    assert (line.code, line.data["outcome"]) == ("audience", "not_configured")


async def test_a_change_is_told_once_with_what_she_can_be_known_by(here: World, network: Network) -> None:
    await here.shop.introduce()
    run = await enter(here, ADD, END)
    assert await members(here) == {run.customer_id: (True, "pending")}
    keeps = keeper(here, network)
    assert (await keeps.step(), await keeps.step()) == (1, 0)
    (change,) = network.told
    assert (change.customer, change.is_in, change.attributes["email"]) == (run.customer_id, True, "ann@example.com")
    assert await members(here) == {run.customer_id: (True, "told")}


async def test_the_last_word_counts(here: World, network: Network) -> None:
    run = await enter(here, ADD, PAUSE, REMOVE)
    keeps = keeper(here, network)
    await keeps.step()
    await here.pass_time(hours=2)
    assert await members(here) == {run.customer_id: (False, "pending")}
    await keeps.step()
    assert network.inside == {run.customer_id: False}


async def test_what_came_before_the_ad_network_is_told_as_well(here: World) -> None:
    run = await enter(here, ADD, END)
    network = Network()
    await keeper(here, network).step()
    assert network.inside == {run.customer_id: True}


async def test_what_is_not_taken_is_told_again_until_it_is(here: World, network: Network) -> None:
    run = await enter(here, ADD, END)
    keeps = keeper(here, network)
    network.error = AudienceError("come back later", retry_after=timedelta(minutes=5))
    assert await keeps.step() == 0
    network.error = None
    assert await keeps.step() == 0
    here.clock.at += timedelta(minutes=5)
    assert await keeps.step() == 1
    assert await members(here) == {run.customer_id: (True, "told")}


@pytest.mark.parametrize(("is_final", "attempts"), [(True, 1), (False, ATTEMPTS)])
async def test_what_is_never_taken_fails_after_so_many_attempts(
    here: World, network: Network, is_final: bool, attempts: int
) -> None:
    run = await enter(here, ADD, END)
    keeps = keeper(here, network)
    network.error = AudienceError("no such audience", is_final=is_final)
    for _ in range(attempts):
        assert await members(here) == {run.customer_id: (True, "pending")}
        await keeps.step()
    assert await members(here) == {run.customer_id: (True, "failed")}


@pytest.mark.usefixtures("network")
async def test_a_merge_keeps_the_survivors_own_word(here: World) -> None:
    await enter(here, ADD, PAUSE, user=None, anonymous="a1")
    await come(here, user=None, anonymous="a2")
    for anonymous in ("a1", "a2"):
        known = incoming("Identified", "zoe", kind="identify", anonymous=anonymous, at=here.clock.at)
        await here.shop.accept(known)
    zoe = (await here.get("/v1/customers/zoe"))["id"]
    assert await members(here) == {zoe: (True, "pending")}
