"""Groups come to the same whatever the order in which their calls arrive."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeyman.customers.groups import groups, repository
from journeyman.customers.groups.groups import Groups, Saying
from journeyman.customers.groups.profiles import GroupProfile
from journeyman.kit.database import Database
from journeyman.kit.errors import NotFoundError
from tests.builders import NOON, Shop, incoming

EARLY, LATE = NOON - timedelta(days=2), NOON - timedelta(days=1)
TRAITS = st.dictionaries(
    st.sampled_from("abc"), st.one_of(st.none(), st.booleans(), st.integers(0, 2), st.text(max_size=1))
)
SAYINGS = st.lists(st.tuples(st.integers(0, 3), TRAITS), min_size=1, max_size=6)


async def note(database: Database, *sayings: Saying) -> None:
    async with database.transaction() as connection:
        await groups.note(connection, sayings, NOON)


@given(SAYINGS, st.randoms())
def test_the_order_of_arrival_does_not_matter(sayings: list[tuple[int, dict[str, Any]]], random: Any) -> None:
    shuffled = sayings.copy()
    random.shuffle(shuffled)
    one, other = GroupProfile("acme"), GroupProfile("acme")
    for profile, order in ((one, sayings), (other, shuffled)):
        for hours, traits in order:
            profile.take(traits, NOON + timedelta(hours=hours))
    assert (one.traits, one.created_at) == (other.traits, other.created_at)
    assert [type(value) for _, value in sorted(one.traits.items())] == [
        type(value) for _, value in sorted(other.traits.items())
    ]


@pytest.mark.parametrize("turned", [False, True])
async def test_of_each_trait_the_latest_stays(database: Database, turned: bool) -> None:
    sayings: list[Saying] = [
        ("acme", "ann", {"name": "Acme", "plan": "free", "size": 3}, EARLY),
        ("acme", "bob", {"plan": "pro", "size": None}, LATE),
        ("other", "ann", {"name": "Other"}, LATE),
    ]
    for saying in reversed(sayings) if turned else sayings:
        await note(database, saying)
    found = await Groups(database).get("acme")
    assert (found.traits, found.created_at) == ({"name": "Acme", "plan": "pro"}, EARLY)
    page = await Groups(database).members("acme", None, 10)
    assert [(one.customer, one.since) for one in page.items] == [("ann", EARLY), ("bob", LATE)]


async def test_many_at_once_come_to_what_one_by_one_does(database: Database) -> None:
    sayings: list[Saying] = [
        (f"g{number % 7}", f"u{number % 50}", {"n": number}, EARLY + timedelta(minutes=number)) for number in range(300)
    ]
    await note(database, *sayings)
    assert (await Groups(database).get("g6")).traits == {"n": 293}
    page = await Groups(database).members("g6", None, 200)
    assert {one.customer: one.since for one in page.items} == {
        f"u{number % 50}": EARLY + timedelta(minutes=number) for number in range(6, 300, 7)
    }


async def test_two_writers_of_one_new_group_lose_nothing(database: Database) -> None:
    sayings: list[Saying] = [("acme", f"u{number}", {f"t{number}": number}, EARLY) for number in range(8)]
    await asyncio.gather(*(note(database, saying) for saying in sayings))
    assert (await Groups(database).get("acme")).traits == {f"t{number}": number for number in range(8)}


async def test_merged_profiles_share_their_groups(database: Database) -> None:
    await note(database, ("acme", "ann", {}, LATE), ("acme", "device", {}, EARLY), ("home", "device", {}, LATE))
    async with database.transaction() as connection:
        await repository.follow_merge(connection, "device", "ann")
    members = (await Groups(database).members("acme", None, 10)).items
    assert [(one.customer, one.since) for one in members] == [("ann", EARLY)]
    assert [one.customer for one in (await Groups(database).members("home", None, 10)).items] == ["ann"]


async def test_who_is_forgotten_belongs_nowhere(database: Database) -> None:
    await note(database, ("acme", "ann", {}, LATE), ("acme", "bob", {}, LATE))
    async with database.transaction() as connection:
        await repository.forget(connection, ["ann"])
    assert [one.customer for one in (await Groups(database).members("acme", None, 10)).items] == ["bob"]


async def test_a_customers_groups_are_found_by_any_of_her_ids(database: Database) -> None:
    shop = Shop(database)
    await shop.accept(incoming("Identified", "ann", kind="identify", anonymous="device"))
    await note(database, ("acme", "ann", {"name": "Acme"}, LATE), ("home", "ann", {}, EARLY))
    page = await Groups(database).of_customer("device", None, 1)
    assert [(one.group, one.traits) for one in page.items] == [("acme", {"name": "Acme"})]
    rest = await Groups(database).of_customer("ann", page.next, 1)
    assert ([one.group for one in rest.items], rest.next) == (["home"], None)
    with pytest.raises(NotFoundError):
        await Groups(database).of_customer("nobody", None, 1)
    with pytest.raises(NotFoundError):
        await Groups(database).get("nobody")
