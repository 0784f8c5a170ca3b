"""A yes that waits or has ended is none: for one customer in memory, in SQL for all, and at the gate (L1)."""

from datetime import timedelta
from typing import Any

import pytest

from journeyman.customers.consent import ConsentUpdate
from journeyman.customers.preferences import record
from journeyman.journeys.facts import load
from journeyman.journeys.populations.repository import members
from journeyman.kit.database import Database
from journeyman.language.conditions import CONDITION
from journeyman.language.evaluation import holds
from journeyman.language.needs import Needs
from tests.builders import NOON, Shop, incoming

SAID: dict[str, dict[str, Any]] = {
    "yes": {"status": "yes"},
    "no": {"status": "no"},
    "pending": {"status": "pending"},
    "expired": {"status": "yes", "expires_at": NOON + timedelta(days=1)},
    "lasting": {"status": "yes", "expires_at": NOON + timedelta(days=1, microseconds=1)},
}
READ = {"yes": "yes", "no": "no", "pending": "unknown", "expired": "unknown", "lasting": "yes", "silent": "unknown"}


async def crowd(shop: Shop) -> None:
    for name in READ:
        await shop.accept(incoming("Identified", name, kind="identify", traits={"name": name}))
    async with shop.database.transaction() as connection:
        for name, said in SAID.items():
            update = ConsentUpdate("email", source="test", actor="test", **said)
            await record(connection, name, [update], NOON)


@pytest.mark.parametrize("word", ["yes", "no", "unknown"])
async def test_l1_memory_and_sql_agree_on_what_was_said(database: Database, word: str) -> None:
    await crowd(Shop(database))
    now = NOON + timedelta(days=1)
    condition = CONDITION.validate_python({"consent": "email", "is": word})
    expected = {name for name, read in READ.items() if read == word}
    async with database.reading() as connection:
        known = await load(connection, list(READ), Needs(consents=True), now)
        assert set(await members(connection, condition, now=now)) == expected
    assert {name for name in READ if holds(condition, known[name].facts({}, now))} == expected


async def test_l1_the_gate_tells_why(database: Database) -> None:
    await crowd(Shop(database))
    now = NOON + timedelta(days=1)
    async with database.reading() as connection:
        known = await load(connection, list(READ), Needs(consents=True), now)
    assert known["expired"].consents == {"email": "expired"}
    assert known["pending"].consents == {"email": "pending"}
