"""Places under ramps: never one too many, whoever asks at the same time, and one for each message."""

import asyncio
from datetime import UTC, date, datetime, timedelta

from journeyman.channels.warming.figures import Figure, figures
from journeyman.channels.warming.places import Turn, admit, give_back
from journeyman.channels.warming.ramp import WarmUp
from journeyman.kit.clock import FixedClock
from journeyman.kit.database import Database

TODAY = date(2026, 11, 3)
NEW = WarmUp(started=TODAY, first_day=10, growth=2, until=1_000, in_all=15)


async def ask(
    database: Database,
    message: str,
    domain: str = "gmail.com",
    *,
    day: date = TODAY,
    keeps: bool = False,
    second: bool = False,
    ramp: WarmUp = NEW,
) -> Turn:
    ramps = [("new", ramp), *([("old", None)] if second else [])]
    async with database.transaction() as connection:
        return await admit(connection, ramps, message, f"{message}@{domain}", day, keeps=keeps)


async def counted(database: Database, day: date = TODAY) -> dict[str, tuple[int, int]]:
    clock = FixedClock(datetime.combine(day, datetime.min.time(), UTC))
    return {one.part: (one.taken, one.kept) for one in await figures(database, clock, {"new": NEW})}


async def test_of_many_who_ask_at_once_exactly_so_many_have_a_place(database: Database) -> None:
    found = await asyncio.gather(*(ask(database, f"m{number}") for number in range(40)))
    assert [one.provider for one in found].count("new") == 10
    assert {one.day for one in found if one.provider is None} == {TODAY + timedelta(days=1)}
    assert (await counted(database))["gmail"] == (10, 0)
    other = await asyncio.gather(*(ask(database, f"n{number}", "shop.example") for number in range(40)))
    assert [one.provider for one in other].count("new") == 5, "fifteen in all"
    assert await counted(database) == {
        "gmail": (10, 0),
        "outlook": (0, 0),
        "yahoo": (0, 0),
        "apple": (0, 0),
        "other": (5, 0),
        "all": (15, 0),
    }


async def test_a_second_attempt_has_the_place_of_the_first_and_another_day_counts_anew(database: Database) -> None:
    for _ in range(3):
        assert (await ask(database, "m1")).provider == "new"
    assert (await counted(database))["gmail"] == (1, 0)
    tomorrow = TODAY + timedelta(days=1)
    await ask(database, "m1", day=tomorrow)
    assert (await counted(database))["gmail"] == (1, 0)
    assert (await counted(database, tomorrow))["gmail"] == (1, 0)


async def test_what_has_no_share_left_goes_to_a_provider_that_is_not_new(database: Database) -> None:
    found = [await ask(database, f"m{number}", second=True) for number in range(12)]
    assert [one.provider for one in found] == ["new"] * 10 + ["old"] * 2


async def test_what_goes_first_keeps_a_place_of_the_next_day_and_others_do_not(database: Database) -> None:
    tomorrow = TODAY + timedelta(days=1)
    for number in range(10):
        await ask(database, f"m{number}")
    waits = [await ask(database, f"first{number}", keeps=True) for number in range(3)]
    assert {(one.provider, one.day) for one in waits} == {("new", tomorrow)}
    again = await ask(database, "first0", keeps=True)
    assert (again.provider, again.day) == ("new", tomorrow)
    assert (await counted(database, tomorrow))["gmail"] == (0, 3)
    late = [await ask(database, f"x{number}", day=tomorrow) for number in range(30)]
    assert [one.provider for one in late].count("new") == 17, "twenty, of which three are kept"
    found = [await ask(database, f"first{number}", day=tomorrow, keeps=True) for number in range(3)]
    assert {(one.provider, one.day) for one in found} == {("new", tomorrow)}
    assert (await counted(database, tomorrow))["gmail"] == (20, 0)


async def test_a_place_of_which_nothing_became_is_given_back(database: Database) -> None:
    for number in range(10):
        await ask(database, f"m{number}")
    assert (await ask(database, "late")).provider is None
    async with database.transaction() as connection:
        await give_back(connection, "m3")
        await give_back(connection, "m3")
    assert await counted(database) == {**(await counted(database)), "gmail": (9, 0), "all": (9, 0)}
    assert (await ask(database, "late")).provider == "new"


async def test_a_kept_place_that_was_missed_is_no_place(database: Database) -> None:
    for number in range(11):
        await ask(database, f"m{number}", keeps=True)
    later = TODAY + timedelta(days=2)
    found = await ask(database, "m10", day=later, keeps=True)
    assert (found.provider, found.day) == ("new", later)
    assert (await counted(database, TODAY + timedelta(days=1)))["gmail"] == (0, 0)
    assert (await counted(database, later))["gmail"] == (1, 0)


async def test_before_the_first_day_nothing_goes_and_after_the_ramp_nothing_is_counted(database: Database) -> None:
    assert (await ask(database, "m1", day=TODAY - timedelta(days=1))).provider is None
    over = TODAY + timedelta(days=7)
    assert (await ask(database, "m1", day=over)).provider == "new"
    clock = FixedClock(datetime.combine(over, datetime.min.time(), UTC))
    assert await figures(database, clock, {"new": NEW}) == []
    begun = FixedClock(datetime.combine(TODAY, datetime.min.time(), UTC))
    assert (await figures(database, begun, {"new": NEW}))[-1] == Figure("new", "all", 15, 0, 0)
