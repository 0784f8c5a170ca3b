"""Shares that go first, and the way back (V2)."""

from datetime import timedelta

import pytest

from journeyman.journeys.migration.planning import Wish
from journeyman.journeys.published import is_in_share
from journeyman.kit.errors import ConflictError, InvalidError
from tests.builders import NOON, incoming, journey
from tests.journeyman.journeys.migration.test_inside import LAST, MAIL, enter, stand, waiting
from tests.world import World

CROWD = [f"c{number}" for number in range(12)]
FIRST = {name for name in CROWD if is_in_share("cart", 2, 40, name)}
LATER = [f"n{number}" for number in range(8)]


async def versions(here: World) -> dict[str, int]:
    return {run.customer_id: run.version for run in await here.shop.runs()}


async def crowd(here: World, *names: str) -> None:
    await here.shop.accept(*(incoming("Product Added", name) for name in names))


def test_v2_a_larger_share_has_everybody_of_a_smaller_one() -> None:
    names = [f"customer-{number}" for number in range(4000)]
    small, large = ({one for one in names if is_in_share("cart", 2, share, one)} for share in (10, 50))
    assert small < large
    assert abs(len(small) - 400) < 100
    assert abs(len(large) - 2000) < 160


async def test_v2_a_share_goes_first_of_those_inside_and_of_newcomers(here: World) -> None:
    assert 0 < len(FIRST) < len(CROWD)
    await here.shop.publish(waiting("2d"))
    await crowd(here, *CROWD)
    made = await here.shop.publish(waiting("1d"), wish=Wish("now", share=40))
    assert sum(one.runs for one in made.becoming) == len(FIRST)
    await here.shop.migrate()
    assert {name for name, version in (await versions(here)).items() if version == 2} == FIRST
    await crowd(here, *LATER)
    mine = {name for name in LATER if is_in_share("cart", 2, 40, name)}
    assert {name for name in LATER if (await versions(here))[name] == 2} == mine
    await here.shop.rollouts.widen("cart", 100)
    await here.shop.migrate()
    assert set((await versions(here)).values()) == {2}
    await crowd(here, "last")
    assert (await versions(here))["last"] == 2
    document = await here.shop.drafts.read("cart")
    assert (document.version, document.trial_version) == (2, None)


async def test_v2_a_share_only_grows_and_has_no_door_of_its_own(here: World) -> None:
    await here.shop.drafts.save("cart", waiting("2d"))
    with pytest.raises(InvalidError):
        await here.shop.drafts.publish("cart", inside="stay", dry_run=False, wish=Wish(share=10))
    await here.shop.publish(waiting("2d"))
    with pytest.raises(ConflictError):
        await here.shop.rollouts.widen("cart", 100)
    with pytest.raises(InvalidError):
        await here.shop.publish(journey(entry={"on": "api"}), wish=Wish(share=10))
    await here.shop.publish(waiting("1d"), wish=Wish(share=40))
    with pytest.raises(InvalidError):
        await here.shop.rollouts.widen("cart", 30)


async def test_v2_rolled_back_everybody_is_where_she_was_and_once(here: World) -> None:
    await here.shop.publish(waiting("2d", LAST))
    await enter(here, "ann", "bob")
    new = journey(steps=[{"id": "short", "wait": {"for": "1d"}}, MAIL, {"id": "rest", "wait": {"for": "9d"}}])
    await here.pass_time(hours=12)
    await here.shop.publish(new, wish=Wish("now", {"pause": "short", "last": "exit"}))
    await here.shop.migrate()
    assert await stand(here) == (2, "short", 1)
    await here.shop.rollouts.roll_back("cart", "test")
    assert (await here.shop.migrate()).counts == {"moved": 2}
    runs = await here.shop.runs()
    assert {(run.version, run.step, run.visit, run.until) for run in runs} == {
        (1, "pause", 1, NOON + timedelta(days=2))
    }
    with pytest.raises(ConflictError):
        await here.shop.rollouts.roll_back("cart", "test")
    assert (await here.shop.drafts.read("cart")).version == 1
    await here.pass_time(days=1)
    assert here.smtp.mails == []


async def test_v2_rolled_back_nobody_is_mailed_twice(here: World) -> None:
    """She got the mail in the new version, and comes by it once more in the old one."""
    await here.shop.publish(journey(steps=[{"id": "pause", "wait": {"for": "2d"}}, MAIL, LAST]))
    await enter(here)
    short = [{"id": "pause", "wait": {"for": "1h"}}, MAIL, {"id": "rest", "wait": {"for": "9d"}}]
    await here.shop.publish(journey(steps=short), wish=Wish("now", {"last": "rest"}))
    await here.shop.migrate()
    await here.pass_time(hours=2)
    assert len(here.smtp.mails) == 1
    assert await stand(here) == (2, "rest", 3)
    await here.shop.rollouts.roll_back("cart", "test")
    await here.shop.migrate()
    assert await stand(here) == (1, "last", 3)
    await here.pass_time(days=20)
    assert len(here.smtp.mails) == 1
    assert {run.outcome for run in await here.shop.runs()} == {"completed"}


async def test_v2_who_heads_for_a_version_that_is_rolled_back_does_not_take_it(here: World) -> None:
    await here.shop.publish(waiting("2d", LAST))
    await enter(here)
    await here.shop.publish(waiting("1d", LAST), wish=Wish("next_step"))
    await here.shop.migrate()
    await here.shop.rollouts.roll_back("cart", "test")
    assert (await here.shop.migrate()).counts == {"stayed": 1}
    await here.pass_time(days=2)
    assert await stand(here) == (1, "last", 2)


async def test_v2_before_the_first_version_there_is_nothing_to_go_back_to(here: World) -> None:
    await here.shop.publish(waiting("2d"))
    with pytest.raises(ConflictError):
        await here.shop.rollouts.roll_back("cart", "test")
