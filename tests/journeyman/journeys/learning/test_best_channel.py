"""O2 through the store: how customers answer on each channel is learnt from the ledger; on both databases."""

import random
from datetime import timedelta

import pytest
from sqlalchemy import insert

from journeyman.channels.tables import Message
from journeyman.customers.tables import Customer
from journeyman.intelligence.channel_choice import Prior, Seen
from journeyman.intelligence.registry import repository as registry
from journeyman.intelligence.registry.repository import Model
from journeyman.journeys.contact.best_channel import MODEL
from journeyman.journeys.learning.best_channel import BestChannel
from journeyman.journeys.learning.learning import Learning
from journeyman.kit.clock import FixedClock
from journeyman.kit.database import Database
from tests.journeyman.intelligence.world import Answerer, answerers
from tests.journeyman.journeys.learning.readers import NOW, message


async def moved_in(database: Database, people: list[Answerer]) -> None:
    """Their messages, three days apart, of which any were clicked."""
    chance = random.Random("moved in")
    customers, rows = [], []
    for place, one in enumerate(people):
        customers.append({"id": f"c{place}", "attributes": {}, "created_at": NOW, "updated_at": NOW})
        for name, sent in one.sent.items():
            clicked = set(chance.sample(range(sent), one.clicked[name]))
            for number in range(sent):
                at = NOW - timedelta(days=2 + 3 * number)
                rows.append(message(f"c{place}", at, at if number in clicked else None, channel=name))
    async with database.transaction() as connection:
        await connection.execute(insert(Customer), customers)
        for begin in range(0, len(rows), 2000):
            await connection.execute(insert(Message), rows[begin : begin + 2000])


async def learnt(database: Database) -> tuple[str, Model | None]:
    night = await Learning(database, FixedClock(NOW), [BestChannel(database, "UTC")], "UTC").next([MODEL])
    async with database.reading() as connection:
        return night.words, await registry.in_use(connection, MODEL)


async def test_o2_what_holds_of_all_customers_is_learnt_by_channel(database: Database) -> None:
    await moved_in(database, answerers(1, 600, 24))
    words, model = await learnt(database)
    assert model is not None
    assert words.startswith("email, push, sms, whatsapp: 14,400 messages")
    assert model.quality["brier"] < model.baseline["brier"]
    sms, email = (Prior.from_json(model.artefact[name]) for name in ("sms", "email"))
    assert sms.chance(Seen()) == pytest.approx(0.2, rel=0.15)
    assert email.chance(Seen()) == pytest.approx(0.0625, rel=0.25)
    assert email.chance(Seen(20, 10)) > 3 * email.chance(Seen())


async def test_o2_a_workspace_of_forty_gets_not_enough_data(database: Database) -> None:
    await moved_in(database, answerers(1, 40, 12))
    words, model = await learnt(database)
    assert model is None
    assert words.startswith(
        "not enough data: needs 1,000 messages and 100 clicks on each of 2 channels in 180 days, has "
    )


async def test_o2_a_channel_with_too_little_is_left_out(database: Database) -> None:
    people = answerers(2, 500, 16)
    for place, one in enumerate(people):
        if place > 20:
            one.sent.pop("whatsapp", None)
    await moved_in(database, people)
    _, model = await learnt(database)
    assert model is not None
    assert set(model.artefact) == {"email", "push", "sms"}


async def test_o2_messages_of_today_have_had_no_time(database: Database) -> None:
    await moved_in(database, answerers(1, 600, 24))
    before = (await learnt(database))[1]
    today = [message(f"c{place}", NOW - timedelta(hours=3), channel="email") for place in range(600)]
    async with database.transaction() as connection:
        await connection.execute(insert(Message), today)
    after = (await learnt(database))[1]
    assert before is not None
    assert after is not None
    assert after.artefact == before.artefact
