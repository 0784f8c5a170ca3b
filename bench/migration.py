"""A live journey with thousands inside takes another version by a map, and goes back: counts, mails, and how long.

Half of the customers wait before the mail, half have had it and wait behind it. The map leads both before the mail of
the new version. The worker is killed in the middle of it. Afterwards each has had the mail once, and after the rollback
each is where she was, and is mailed no more.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import func, select

from bench import shop
from bench.engine import Engine
from bench.figures import Figure
from bench.mailroom import Mailroom
from bench.processes import product_worker
from journeyman.customers.inbox.repository import append
from journeyman.journeys.drafts import Publication
from journeyman.journeys.migration.planning import Wish
from journeyman.journeys.migration.progress import Progress
from journeyman.journeys.tables import Run
from journeyman.kit.database import Database
from journeyman.kit.wake import wake_for
from tests.builders import Shop, email, incoming, journey

PATIENCE = 3600.0
MAIL = {"id": "mail", "send": {"channel": "email", "template": "hello"}}
MAP = {"pause": "short", "rest": "short"}
Standing = tuple[int, str]
"""A version and a step."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What was found: how many were elsewhere than foretold, lost, mailed twice or not; and how long it took."""

    astray: int
    mails_off: int
    not_back: int
    moved_seconds: float
    back_seconds: float


async def measure(*, quick: bool) -> list[Figure]:
    number = 1_000 if quick else 10_000
    found = await _measure(number)
    note = f"{number:,} inside, SQLite, one kill"
    return [
        Figure("migration, not as foretold", "runs", found.astray, target=0.0, higher_is_better=False, note=note),
        Figure(
            "migration, mails too many or missing",
            "mails",
            found.mails_off,
            target=0.0,
            higher_is_better=False,
            note=note,
        ),
        Figure(
            "migration, not back after a rollback",
            "runs",
            found.not_back,
            target=0.0,
            higher_is_better=False,
            note=note,
        ),
        Figure("migration", "runs/s", number / found.moved_seconds, note=note),
        Figure("migration, rollback", "runs/s", number / found.back_seconds, note=f"{number:,} inside, SQLite"),
    ]


def first() -> dict[str, Any]:
    fork = {"id": "fork", "branch": [{"when": {"entry": "early", "equals": True}, "next": "mail"}], "else": "pause"}
    steps = [fork, {"id": "pause", "wait": {"for": "30d"}}, MAIL, {"id": "rest", "wait": {"for": "40d"}}]
    return journey(steps=steps)


def second() -> dict[str, Any]:
    return journey(steps=[{"id": "short", "wait": {"for": "1s"}}, MAIL, {"id": "calm", "wait": {"for": "20d"}}])


async def _measure(number: int) -> Measured:
    with TemporaryDirectory() as folder:
        url = shop.sqlite(Path(folder))
        database = Database(url)
        await _fill(database, number)
        async with Engine() as engine, Mailroom() as mailroom, _desk(database) as desk:
            found = await _play(Path(folder), url, engine, mailroom, desk, number)
        await database.close()
    return found


async def _fill(database: Database, number: int) -> None:
    """Everybody is inside before the worker begins, for it would own the inbox."""
    customers = [f"u{one}" for one in range(number)]
    await shop.furnish(database, [first()], customers)
    made = Shop(database, datetime.now(UTC))
    for start in range(0, number, 500):
        some = [
            incoming("Product Added", user, at=made.clock.now(), early=place % 2 == 0)
            for place, user in enumerate(customers[start : start + 500])
        ]
        await append(database, some, made.clock.now())
        await made.decide()


@asynccontextmanager
async def _desk(database: Database) -> AsyncIterator[Shop]:
    wake = wake_for(database)
    yield Shop(database, datetime.now(UTC), wake)
    await wake.close()


async def _play(folder: Path, url: str, engine: Engine, mailroom: Mailroom, desk: Shop, number: int) -> Measured:
    with product_worker(folder, url, engine.address, mailroom.url):
        await mailroom.until(number // 2, PATIENCE)
        await engine.until_count("WorkflowType = 'JourneyWorkflow'", number, PATIENCE)
        await _until_at(desk.database, {(1, "pause"): number // 2, (1, "rest"): number // 2})
        began = time.monotonic()
        made = await _publish(desk)
        await _until_taken(desk, str(made.migration), number // 3)
    (folder / "worker.ready").unlink()
    with product_worker(folder, url, engine.address, mailroom.url):
        moved = await _until_taken(desk, str(made.migration), number)
        taken = time.monotonic() - began
        await mailroom.until(number, PATIENCE)
        await _until_at(desk.database, {(2, "calm"): number})
        began = time.monotonic()
        desk.clock.at = datetime.now(UTC)
        back = await desk.rollouts.roll_back("cart", "bench")
        await _until_taken(desk, back.id, number)
        returned = time.monotonic() - began
        await asyncio.sleep(3)
    standing = await _standing(desk.database)
    wanted = {(1, "pause"): number // 2, (1, "rest"): number // 2}
    return Measured(
        _off(_foretold(made), _came(moved)),
        sum(abs(times - 1) for times in mailroom.ids.values()) + abs(number - len(mailroom.ids)),
        _off(wanted, standing),
        taken,
        returned,
    )


async def _publish(desk: Shop) -> Publication:
    desk.clock.at = datetime.now(UTC)
    return await desk.publish(second(), template=email("Your cart waits"), wish=Wish("now", MAP))


def _foretold(made: Publication) -> dict[Standing, int]:
    return {(one.version, one.step): one.runs for one in made.becoming}


def _came(migration: Progress) -> dict[Standing, int]:
    return {(one.version, one.step): one.runs for one in migration.steps if one.outcome == "moved"}


def _off(wanted: dict[Standing, int], found: dict[Standing, int]) -> int:
    return sum(abs(wanted.get(place, 0) - found.get(place, 0)) for place in wanted.keys() | found.keys())


async def _until_taken(desk: Shop, migration: str, number: int) -> Progress:
    async with asyncio.timeout(PATIENCE):
        while (found := await desk.rollouts.migration("cart", migration)).taken < number:  # noqa: ASYNC110 - the worker is another process
            await asyncio.sleep(0.05)
    return found


async def _until_at(database: Database, wanted: dict[Standing, int]) -> None:
    async with asyncio.timeout(PATIENCE):
        while await _standing(database) != wanted:  # noqa: ASYNC110 - the worker is another process
            await asyncio.sleep(0.2)


async def _standing(database: Database) -> dict[Standing, int]:
    """How many live runs stand where."""
    query = select(Run.version, Run.step, func.count()).where(Run.state == "live").group_by(Run.version, Run.step)
    async with database.reading() as connection:
        return {(version, str(step)): count for version, step, count in await connection.execute(query)}
