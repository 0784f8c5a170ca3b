"""A simulation walks a run as the engine does: the same journal, to the second, as on a Temporal server."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from journeyman.bootstrap import simulation
from journeyman.customers import repository as customers
from journeyman.insight import repository
from journeyman.kit.database import Database
from tests.builders import email, incoming, journey
from tests.workflows.theatre import Theatre

Line = tuple[str, str | None, int | None, str | None]
DRIFT = timedelta(minutes=1)
"""Real time passes while the engine works, and its clock goes on with it."""

TWICE = {"event": "Product Added", "count": {"gte": 2}}
REMINDERS: list[dict[str, Any]] = [
    {"id": "pause", "wait": {"for": "30m"}},
    {"id": "remind", "send": {"channel": "email", "template": "hello"}},
    {"id": "opened", "wait_for": {"event": "Product Viewed", "timeout": "2d", "on_timeout": "late"}},
    {"id": "quick", "end": "came-back"},
    {
        "id": "late",
        "branch": [{"when": {"event": "Product Added", "count": {"gte": 2}}, "next": "again"}],
        "else": "no",
    },
    {"id": "again", "send": {"channel": "email", "template": "hello"}},
    {"id": "no", "end": "gone"},
]
EXIT = [{"on": "event", "event": "Order Completed", "outcome": "bought"}]
GOAL = [{"key": "order", "on": "event", "event": "Order Completed", "within": "7d"}]
STORIES = {
    "nothing more": [("0m", "Product Added")],
    "comes back": [("0m", "Product Added"), ("5h", "Product Viewed")],
    "buys while she waits": [("0m", "Product Added"), ("10m", "Order Completed")],
    "begins anew, and again": [("0m", "Product Added"), ("20m", "Product Added"), ("4d", "Product Added")],
    "buys afterwards": [("0m", "Product Added"), ("3d", "Order Completed")],
}
HOURS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def after(text: str) -> timedelta:
    return int(text[:-1]) * HOURS[text[-1]]


def document() -> dict[str, Any]:
    entry = {"on": "event", "event": "Product Added", "while_live": "restart"}
    return journey("back", entry=entry, exit=EXIT, goals=GOAL, steps=REMINDERS)


async def journal_of(database: Database, begins: datetime) -> tuple[list[Line], list[timedelta]]:
    """What the journey did, by what it was, and how long after the beginning.

    Of two runs that one event concerns it does not matter whose lines are written first.
    """
    async with database.reading() as connection:
        customer = await customers.resolve(connection, "ann") or ""
        rows = await repository.journal(connection, customer, None, 1000)
    lines = [((row.kind, row.step, row.visit, row.code), row.at - begins) for row in rows]
    lines.sort(key=lambda line: (str(line[0]), line[1]))
    return [line for line, _ in lines], [at for _, at in lines]


@pytest.mark.parametrize("story", STORIES)
async def test_the_same_story_is_told_as_by_the_engine(stage: Theatre, story: str) -> None:
    await stage.shop.introduce("ann")
    await stage.shop.publish(document(), template=email())
    await stage.settle()
    begins = await stage.tick()
    for at, event in STORIES[story]:
        await stage.pass_time(seconds=(begins + after(at) - await stage.tick()).total_seconds())
        await stage.accept(incoming(event, "ann", at=await stage.tick()))
    await stage.pass_time(days=10)
    played, when = await journal_of(stage.database, begins)

    async with simulation(begins - timedelta(days=1)) as simulated:
        await simulated.introduce("ann", {"email": "ann@example.com", "name": "Ann"}, {"email": "yes"})
        await simulated.template("hello", email())
        await simulated.pass_until(begins)
        await simulated.publish(document())
        for at, event in STORIES[story]:
            await simulated.pass_until(begins + after(at))
            await simulated.happen("ann", event)
        await simulated.pass_until(begins + timedelta(days=20))
        lines, times = await journal_of(simulated.database, begins)
    assert lines == played
    assert all(abs(one - other) < DRIFT for one, other in zip(times, when, strict=True))
