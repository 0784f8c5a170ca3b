import itertools
import random
from typing import Any

from sqlalchemy import select

from journeyman.customers.tables import Customer
from journeyman.journeys.populations.instants import InstantOf
from journeyman.kit.database import Database
from journeyman.language.instants import read_instant
from tests.journeyman.journeys.populations.people import Person, store


def written(dice: random.Random) -> str:
    """An instant, or what nearly is one."""
    year = dice.choice((0, 1, 4, 100, 400, 1900, 1970, 2000, 2024, 2026, 2100, 9999, dice.randrange(1, 10000)))
    date = f"{year:04}-{_mostly(dice, 12, (0, 2, 2, 4, 13)):02}-{_mostly(dice, 28, (0, 29, 30, 31, 32)):02}"
    clock = ":".join(f"{_mostly(dice, top - 1, (0, top - 1, top)):02}" for top in (24, 60, 60))
    fraction = _mostly(dice, ("", ".5", ".000001", ".1234567", ".999999999"), (".", ".1234567890", ".12x", ".1.2"))
    zone = _mostly(dice, ("Z", "+00:00", "-05:30", "+13:59", "-23:59"), ("+24:00", "+01:60", "", "z", "+1:00", "Z "))
    return f"{date}{_mostly(dice, ('T',), ('t', ' '))}{clock}{fraction}{zone}"


def _mostly(dice: random.Random, usual: Any, odd: tuple[Any, ...]) -> Any:
    if dice.random() < 0.15:
        return dice.choice(odd)
    return dice.randint(1, usual) if isinstance(usual, int) else dice.choice(usual)


def ends_of_months() -> list[str]:
    years = (1, 4, 100, 400, 500, 1600, 1900, 2000, 2023, 2024, 2100, 9999)
    days = itertools.product(years, range(1, 13), range(28, 33))
    return [f"{year:04}-{month:02}-{day:02}T23:59:59.999999Z" for year, month, day in days]


async def test_sql_reads_exactly_the_instants_that_memory_reads(database: Database) -> None:
    dice = random.Random(20260301)
    texts = [*ends_of_months(), *(written(dice) for _ in range(3000))]
    async with database.transaction() as connection:
        await store(connection, [Person({"at": text}) for text in texts])
        rows = await connection.execute(select(InstantOf(Customer.attributes["at"].as_string())).order_by(Customer.id))
        found = list(rows.scalars())
    expected = [read_instant(text) for text in texts]
    assert found == expected
    assert sum(instant is not None for instant in expected) > 500
