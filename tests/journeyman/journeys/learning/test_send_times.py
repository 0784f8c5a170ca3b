"""O1 through the store: what is learnt from messages and visits, and what a message then does; on both databases."""

from collections import Counter
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select

from journeyman.channels.tables import Message
from journeyman.customers.tables import Event
from journeyman.intelligence.registry import repository as registry
from journeyman.intelligence.send_times import repository as send_times
from journeyman.intelligence.send_times.learnt import MODEL, Everybody
from journeyman.intelligence.send_times.tables import SendTime
from journeyman.journeys.learning.learning import Learning
from journeyman.journeys.learning.repository import Sent
from journeyman.journeys.learning.send_times import SendTimes, history_of
from journeyman.kit.clock import FixedClock
from journeyman.kit.database import Database
from tests.journeyman.intelligence.world import Reader, readers
from tests.journeyman.journeys.learning.readers import LONDON, NOW, hour, message, move_in, visit

UTC = ZoneInfo("UTC")


async def learnt(database: Database) -> str:
    night = await Learning(database, FixedClock(NOW), [SendTimes(database, "UTC")], "UTC").next([MODEL])
    assert night.key == MODEL
    return night.words


async def rows(database: Database) -> dict[str, Any]:
    async with database.reading() as connection:
        found = await connection.execute(select(SendTime.__table__))
        return {row.customer_id: row for row in found}


@pytest.fixture(scope="module")
def people() -> list[Reader]:
    return readers(1, 1500, 12)


async def test_o1_a_customer_who_reads_in_the_evening_gets_the_evening(
    database: Database, people: list[Reader]
) -> None:
    await move_in(database, people)
    words = await learnt(database)
    assert "customers have hours of their own" in words
    async with database.reading() as connection:
        everybody = await send_times.everybody(connection)
        own = await send_times.of_customers(connection, [f"c{place}" for place in range(len(people))])
        (version,) = await registry.versions(connection, MODEL)
    assert everybody is not None
    assert version.in_use
    assert version.n == 1500 * 12
    assert version.quality["log_loss"] < version.baseline["log_loss"]
    evening = [one for place, one in enumerate(people) if best(one) == 20 and f"c{place}" in own]
    found = Counter(
        max(range(24), key=lambda at: own[f"c{place}"].hours[at] * everybody.fit.rates.hours[at]) // 4
        for place, one in enumerate(people)
        if best(one) == 20 and f"c{place}" in own
    )
    assert len(evening) > 100
    assert found.most_common(1)[0][0] == 5, "from eight to midnight"


def best(one: Reader) -> int:
    """The hour at which she clicks most, 20 for anything around it; -1 for who has none."""
    hours = [sum(one.chances[day * 24 + at] for day in range(7)) for at in range(24)]
    top = hours.index(max(hours))
    return -1 if max(hours) < 1.5 * min(hours) else 20 if top in {19, 20, 21} else top


async def test_o1_a_workspace_of_forty_gets_not_enough_data(database: Database) -> None:
    await move_in(database, readers(1, 40, 12))
    assert await learnt(database) == (
        "not enough data: needs 1,000 messages sent and 100 of them clicked in 16 weeks, has 480 and "
        f"{await clicks(database)}"
    )
    assert await rows(database) == {}
    async with database.reading() as connection:
        assert await send_times.everybody(connection) is None
        look = (await registry.looks(connection))[MODEL]
    assert (look.enough, look.n) == (False, 480)


async def clicks(database: Database) -> int:
    async with database.reading() as connection:
        found = await connection.execute(select(Message.clicked_at).where(Message.clicked_at.is_not(None)))
        return len(found.all())


async def test_o1_what_was_learnt_is_taken_away_when_its_data_are_too_old(
    database: Database, people: list[Reader]
) -> None:
    await move_in(database, people[:400])
    learning = Learning(database, clock := FixedClock(NOW), [SendTimes(database, "UTC")], "UTC")
    await learning.next([MODEL])
    async with database.reading() as connection:
        assert await send_times.everybody(connection) is not None
    clock.at = NOW + timedelta(weeks=20)
    assert (await learning.next([MODEL])).words.startswith("not enough data")
    assert await rows(database) == {}
    async with database.reading() as connection:
        assert await send_times.everybody(connection) is None


async def test_o1_a_customer_with_a_hundred_thousand_events_moves_nobody_else(
    database: Database, people: list[Reader]
) -> None:
    """Each hour counts once, so she is worth 2,688 hours at most; hers are hers, and others' move by under 5 %."""
    await move_in(database, people[:600])
    await learnt(database)
    before = await rows(database)
    async with database.transaction() as connection:
        poison = [visit("c0", hour(week, cell, cell % 60)) for week in range(1, 15) for cell in range(168)] * 1
        for begin in range(0, len(poison), 1000):
            await connection.execute(insert(Event), poison[begin : begin + 1000])
        future = [message("c0", NOW + timedelta(days=4000), NOW + timedelta(days=4001))]
        await connection.execute(insert(Message), future)
    async with database.transaction() as connection:
        await registry.retire(connection, MODEL)
    await learnt(database)
    after = await rows(database)
    others = [key for key in before if key != "c0" and key in after]
    moved = [
        abs(one - two) / max(one, 1)
        for key in others
        for one, two in zip(before[key].hours, after[key].hours, strict=True)
    ]
    assert len(others) > 400
    assert max(moved) < 0.05


def test_o1_a_visit_that_a_click_led_to_is_none_of_its_own() -> None:
    sent, clicked = hour(2, 10), hour(2, 10, 30)
    there = [hour(2, 10, 0).astimezone(UTC), hour(2, 11, 0).astimezone(UTC), hour(2, 20, 0).astimezone(UTC)]
    history = history_of([Sent("email", sent, None, clicked)], there, LONDON, NOW)
    assert history.sends == [(10, True)]
    assert list(history.active) == [20]


def test_o1_an_answer_long_after_says_when_she_is_there_and_not_when_to_send() -> None:
    history = history_of([Sent("email", hour(3, 10), None, hour(2, 45, 30))], [], LONDON, NOW)
    assert history.sends == [(10, False)]
    assert list(history.active) == [45]


def test_o1_what_was_learnt_is_the_same_when_it_was_written_and_read() -> None:
    database_form = {
        "fit": {
            "rates": {"base": 0.1, "hours": [1.0] * 24, "days": [1.0] * 7, "n": 9},
            "there": [1 / 24] * 24,
            "there_days": [1 / 7] * 7,
            "alpha": 1.0,
            "gamma": 0.5,
            "m": 3.0,
        },
        "zones": {"Europe/London": {"base": 0.2, "hours": [1.0] * 24, "days": [1.0] * 7, "n": 5}},
    }
    assert Everybody.from_json(database_form).to_json() == database_form
