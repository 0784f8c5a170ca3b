"""The nights of learners: who is due, that a worse model replaces none, and what people see."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from journeyman.intelligence.registry import repository
from journeyman.intelligence.registry.repository import REMEMBERED, Model
from journeyman.journeys.learning.learner import Learnt, ModelCard, Trained
from journeyman.journeys.learning.learning import Learning, Models
from journeyman.kit.clock import FixedClock
from journeyman.kit.database import Database
from journeyman.kit.errors import NotFoundError
from tests.builders import NOON, Shop

CARD = ModelCard("A coin", "heads", "throws", "one throw", "half", "when it is bent")


class Coin:
    """Learns what it is told, and notes which version it was shown."""

    card = CARD

    def __init__(self, key: str, *nights: Learnt) -> None:
        self.key = key
        self.nights = list(nights)
        self.shown: list[int | None] = []
        self.at: list[datetime] = []
        self.learnt = asyncio.Event()

    async def learn(self, now: datetime, current: Model | None) -> Learnt:
        self.shown.append(current.version if current is not None else None)
        self.at.append(now)
        self.learnt.set()
        return self.nights.pop(0) if self.nights else Learnt("as before", 1)


def trained(quality: float, *, better: bool = True) -> Learnt:
    return Learnt(f"loss {quality}", 10, trained=Trained({"p": quality}, {"loss": quality}, {"loss": 0.7}, better))


def taught(database: Database, clock: FixedClock, *coins: Coin, zone: str = "Europe/Warsaw") -> Learning:
    return Learning(database, clock, coins, zone)


async def versions(database: Database, key: str = "coin") -> Mapping[int, bool]:
    async with database.reading() as connection:
        return {one.version: one.in_use for one in await repository.versions(connection, key)}


async def test_nobody_learns_before_the_first_night_and_everybody_once_in_it(database: Database) -> None:
    clock, one, two = FixedClock(NOON), Coin("one"), Coin("two")
    learning = taught(database, clock, one, two)
    first = await learning.next([])
    night = datetime(2026, 3, 3, 2, tzinfo=UTC)
    assert (first.key, first.again_at) == (None, night), "three o'clock in Warsaw"
    clock.at = night
    assert [(await learning.next([])).key for _ in range(3)] == ["one", "two", None]
    assert (await learning.next([])).again_at == night + timedelta(days=1)
    assert (one.at, two.at) == ([night], [night])


async def test_one_is_learnt_at_a_time_and_the_next_at_once(database: Database) -> None:
    clock = FixedClock(NOON)
    learning = taught(database, clock, Coin("one"), Coin("two"))
    await learning.next([])
    clock.at = NOON + timedelta(days=1)
    found = await learning.next([])
    assert (found.key, found.again_at) == ("one", clock.at)


async def test_who_is_asked_for_learns_now(database: Database) -> None:
    learning = taught(database, FixedClock(NOON), Coin("one"), two := Coin("two", trained(0.5)))
    await learning.next([])
    found = await learning.next(["two"])
    assert (found.key, found.words) == ("two", "loss 0.5")
    assert two.at == [NOON]


async def test_the_night_the_clocks_change_is_one_night(database: Database) -> None:
    clock, one = FixedClock(datetime(2026, 3, 28, 12, tzinfo=UTC)), Coin("one")
    learning = taught(database, clock, one)
    for _ in range(3):
        clock.at = (await learning.next([])).again_at
    assert one.at[0] == datetime(2026, 3, 29, 1, tzinfo=UTC), "three o'clock, which is where two was"
    assert one.at[1] == datetime(2026, 3, 30, 1, tzinfo=UTC)


async def test_a_worse_model_stays_on_record_and_the_one_before_in_use(database: Database) -> None:
    coin = Coin("coin", trained(0.5), trained(0.6, better=False), trained(0.4))
    learning = taught(database, FixedClock(NOON), coin)
    for _ in range(4):
        await learning.next(["coin"])
    assert coin.shown == [None, 1, 1, 3]
    assert await versions(database) == {3: True, 2: False, 1: False}


async def test_without_enough_data_no_model_is_in_use_any_more(database: Database) -> None:
    few = Learnt("not enough data: needs 2 throws, has 1", 1, enough=False)
    learning = taught(database, FixedClock(NOON), Coin("coin", trained(0.5), few))
    await learning.next(["coin"])
    await learning.next(["coin"])
    assert await versions(database) == {1: False}
    (shown,) = await Models(database, FixedClock(NOON), {"coin": CARD}).shown()
    assert shown.in_use is None
    assert shown.look is not None
    assert (shown.look.enough, shown.look.words) == (False, few.words)


async def test_old_versions_are_forgotten_but_never_the_one_in_use(database: Database) -> None:
    worse = [trained(0.9, better=False) for _ in range(REMEMBERED + 3)]
    learning = taught(database, FixedClock(NOON), Coin("coin", trained(0.5), *worse))
    for _ in range(REMEMBERED + 4):
        await learning.next(["coin"])
    found = await versions(database)
    async with database.reading() as connection:
        used = await repository.in_use(connection, "coin")
    assert used is not None
    assert used.version == 1
    assert len(found) == REMEMBERED
    assert min(found) == 5


async def test_a_model_is_asked_for_through_the_outbox(database: Database) -> None:
    models = Models(database, FixedClock(NOON), {"coin": CARD})
    await models.ask("coin")
    assert await Shop(database).outbox() == [("learning", {"model": "coin"})]
    with pytest.raises(NotFoundError, match="there is no model `dice`; there are: coin"):
        await models.ask("dice")
