"""A split in a journey that runs: on record, sticky over re-entry and edits, and followed where people turn out one."""

from collections.abc import AsyncIterator

import pytest

from tests.builders import incoming
from tests.journeyman.journeys.experiments.documents import arms, assignments, experiment
from tests.world import World, world

PEOPLE = [f"p{number}" for number in range(12)]
ALWAYS = {"on": "event", "event": "Product Added", "reentry": "always"}


@pytest.fixture
async def shop(database_url: str) -> AsyncIterator[World]:
    async with world(database_url) as opened:
        yield opened


async def come(shop: World, *people: str) -> None:
    await shop.shop.accept(*(incoming("Product Added", one, at=shop.clock.at) for one in people))
    await shop.settle()


async def test_o3_the_arm_and_its_probability_are_on_record(shop: World) -> None:
    await shop.shop.publish(experiment())
    await come(shop, *PEOPLE)
    rows = await assignments(shop)
    assert {row.arm for row in rows} == {"a", "b"}
    assert {(row.how, row.propensity, row.phase) for row in rows} == {("drawn", 0.5, 1)}
    left = [entry for entry in await shop.shop.journal() if entry.code == "split"]
    assert [entry.data["arm"] for entry in left].count("a") == sum(row.arm == "a" for row in rows)
    assert {entry.data["propensity"] for entry in left} == {0.5}
    assert {run.step for run in await shop.shop.runs()} == {"pause"}


async def test_o3_an_arm_may_carry_a_whole_flow(shop: World) -> None:
    ways = [{"key": "a", "next": "long"}, {"key": "b", "next": "end"}]
    steps = [
        {"id": "offer", "split": {"arms": ways}},
        {"id": "long", "wait": {"for": "1d"}},
        {"id": "tag", "update": {"attributes": {"arm": "a"}}},
    ]
    await shop.shop.publish(experiment(steps=steps))
    await come(shop, *PEOPLE)
    given = await arms(shop)
    assert {run.customer_id for run in await shop.shop.runs() if run.state == "ended"} == {
        one for one, (arm,) in given.items() if arm == "b"
    }
    await shop.pass_time(days=2)
    assert {run.state for run in await shop.shop.runs()} == {"ended"}


async def test_o3_who_comes_again_gets_the_same_arm(shop: World) -> None:
    await shop.shop.publish(experiment(entry=ALWAYS))
    for _ in range(3):
        await come(shop, *PEOPLE)
        await shop.pass_time(hours=2)
    assert {len(given) for given in (await arms(shop)).values()} == {3}
    assert {len(set(given)) for given in (await arms(shop)).values()} == {1}
    assert [row.how for row in await assignments(shop)] == ["drawn"] * 12 + ["kept"] * 24


async def test_o3_where_the_author_says_so_chance_decides_each_time(shop: World) -> None:
    await shop.shop.publish(experiment(entry=ALWAYS, split={"sticky": False}))
    for _ in range(5):
        await come(shop, *PEOPLE)
        await shop.pass_time(hours=2)
    given = await arms(shop)
    assert 2 in {len(set(one)) for one in given.values()}
    assert {row.how for row in await assignments(shop)} == {"drawn"}


async def test_o8_an_edit_elsewhere_changes_nobodys_arm(shop: World) -> None:
    await shop.shop.publish(experiment(entry=ALWAYS))
    await come(shop, *PEOPLE)
    await shop.pass_time(hours=2)
    before = await arms(shop)
    edited = experiment(entry=ALWAYS, name="Another name")
    edited["steps"][1] = {"id": "pause", "wait": {"for": "3h"}}
    assert (await shop.shop.publish(edited)).version == 2
    await come(shop, *PEOPLE, "new")
    after = await arms(shop)
    assert {one: given[-1] for one, given in after.items() if one in before} == {
        one: given[0] for one, given in before.items()
    }
    assert len({row.experiment_id for row in await assignments(shop)}) == 1


async def test_o3_of_two_profiles_that_are_one_person_the_first_arm_counts(shop: World) -> None:
    await shop.shop.publish(experiment(entry=ALWAYS))
    known = [f"d{number}" for number in range(6)]
    anonymous = [incoming("Product Added", None, at=shop.clock.at, anonymous=one) for one in known]
    await shop.shop.accept(*anonymous)
    await shop.settle()
    first = await assignments(shop)
    await shop.pass_time(hours=2)
    named = [incoming("Identified", f"u{one}", kind="identify", at=shop.clock.at, anonymous=one) for one in known]
    await shop.shop.accept(*named)
    await come(shop, *(f"u{one}" for one in known))
    given = await arms(shop)
    assert sum(len(one) for one in given.values()) == 12
    assert {len(set(one)) for one in given.values()} == {1}
    assert sorted(one[0] for one in given.values()) == sorted(row.arm for row in first)


async def test_o7_a_holdout_is_remembered_in_the_run(shop: World) -> None:
    await shop.shop.publish(experiment(split={"holdout": 50}))
    await come(shop, *PEOPLE)
    given = await arms(shop)
    held = {one for one, (arm,) in given.items() if arm == "holdout"}
    assert held
    assert {run.customer_id: run.context.get("held_out") for run in await shop.shop.runs()} == {
        one: "offer" if one in held else None for one in given
    }
    assert {run.step for run in await shop.shop.runs()} == {"pause"}


async def test_o7_who_is_held_out_walks_the_whole_way_and_is_sent_nothing(shop: World) -> None:
    steps = [
        {"id": "offer", "split": {"arms": [{"key": "all"}], "holdout": 50}},
        {"id": "remind", "send": {"channel": "email", "template": "cart"}},
        {"id": "receipt", "send": {"channel": "email", "template": "cart", "topic": "transactional"}},
        {"id": "pause", "wait": {"for": "1h"}},
    ]
    for person in PEOPLE:
        await shop.shop.introduce(person)
    await shop.shop.publish(experiment(steps=steps))
    await come(shop, *PEOPLE)
    lines = [entry for entry in await shop.shop.journal() if entry.kind == "message"]
    held = sum(given == ["holdout"] for given in (await arms(shop)).values())
    assert 0 < held < 12
    assert [(entry.step, entry.code) for entry in lines].count(("remind", "held_out")) == held
    assert [(entry.step, entry.code) for entry in lines].count(("remind", "sent")) == 12 - held
    assert [entry.code for entry in lines if entry.step == "receipt"] == ["sent"] * 12
    gate = next(entry.data["gates"][0] for entry in lines if entry.code == "held_out")
    assert gate == {"gate": "holdout", "passed": False, "read": {"by": "offer"}}
    assert {run.step for run in await shop.shop.runs()} == {"pause"}
    await shop.shop.accept(*(incoming("Order Completed", one, at=shop.clock.at) for one in PEOPLE))
    assert len(await shop.shop.conversions()) == 12


async def test_an_arm_goes_with_the_run_where_a_profile_is_split(shop: World) -> None:
    await shop.shop.publish(experiment(entry=ALWAYS))
    await shop.shop.accept(incoming("Product Added", None, at=shop.clock.at, anonymous="device"))
    await shop.settle()
    await shop.pass_time(hours=2)
    await shop.shop.accept(incoming("Identified", "ann", kind="identify", at=shop.clock.at, anonymous="device"))
    ((owner, (arm,)),) = (await arms(shop)).items()
    body = {"identifiers": [{"kind": "anonymous_id", "value": "device"}]}
    answer = await shop.http.post(f"/v1/customers/{owner}/split", json=body)
    assert answer.status_code == 200, answer.text
    ((other, (kept,)),) = (await arms(shop)).items()
    assert (other != owner, kept) == (True, arm)
