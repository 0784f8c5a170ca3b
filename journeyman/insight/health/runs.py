"""Whether every live run has its workflow and every workflow its run, and whether time passes for them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from journeyman.insight.health import repository
from journeyman.insight.health.findings import Finding, fail, ok, warn
from journeyman.insight.words import count
from journeyman.journeys import repository as journeys
from journeyman.journeys.ports import JourneyRunner
from journeyman.kit.database import Database

T = TypeVar("T")
S = TypeVar("S")

MOST = 2000
"""Runs and workflows that are looked at; of more, as many."""
AT_ONCE = 32
LATE = timedelta(seconds=60)
"""A timer that fires, or a workflow that starts or ends, may take so long."""
STILL = timedelta(hours=1)
"""A run stands at a step without a timer only while a message is tried: ten minutes at most."""
SHOWN = 3


async def look_at_runs(database: Database, now: datetime, engine: JourneyRunner | None) -> list[Finding]:
    """What is wrong with runs; without an engine, as far as the database tells."""
    found = await _late(database, now)
    if engine is None:
        return found
    lost = await lost_runs(database, now, engine)
    orphans = await _without_run(database, now, engine)
    if lost:
        mend = "Temporal has lost them: `journeyman doctor --restart-lost` starts their workflows where the runs stand"
        found.append(
            fail("runs", f"{count(len(lost), 'live run has', 'live runs have')} no workflow{_such(lost)}", mend)
        )
    if orphans:
        said = f"{count(len(orphans), 'workflow runs', 'workflows run')} without a live run{_such(orphans)}"
        found.append(warn("runs", said, "Terminate them in the Temporal UI: nothing waits for them"))
    return found if lost or orphans else [*found, ok("runs", "runs and workflows agree")]


async def _late(database: Database, now: datetime) -> list[Finding]:
    async with database.reading() as connection:
        overdue = [run.id for run in await journeys.overdue(connection, now - LATE)]
        still = await repository.standing_still(connection, now - STILL, SHOWN + 1)
    found = []
    if overdue:
        said = f"{count(len(overdue), 'live run is', 'live runs are')} overdue by more than a minute{_such(overdue)}"
        found.append(fail("runs", said, "See what their workflows say in the Temporal UI, and whether workers run"))
    if still:
        said = f"runs stand at a step without a timer for more than an hour{_such(still)}"
        found.append(warn("runs", said, "See the failing activity of their workflows in the Temporal UI"))
    return found or [ok("runs", "no live run is overdue")]


async def lost_runs(database: Database, now: datetime, engine: JourneyRunner) -> list[str]:
    """The live runs, of the first `MOST`, for which the engine runs no workflow.

    It is asked for each by its id, for its lists lag behind; a run that is over by then is left out.
    """
    async with database.reading() as connection:
        live = await journeys.live_runs(connection, "", MOST)
        untold = {command.run_id for _, command in await journeys.untold(connection, None, MOST)}
    settled = [row for row in live if row[2] < now - LATE and row[0] not in untold]

    async def is_running(row: tuple[str, str, datetime]) -> bool:
        standing = await engine.standing(row[1])
        return standing is not None and standing[0] == "running"

    running = await _each(settled, is_running)
    suspects = [row[0] for row, is_there in zip(settled, running, strict=True) if not is_there]
    async with database.reading() as connection:
        return [run_id for run_id in suspects if await repository.is_live(connection, run_id)]


async def _without_run(database: Database, now: datetime, engine: JourneyRunner) -> list[str]:
    """The workflow ids that run although their runs have been over for a while, or never were."""
    listed = await engine.running(MOST)
    async with database.reading() as connection:
        newest = await repository.newest_of_workflows(connection, listed)
    suspects = [workflow_id for workflow_id in listed if _is_over(newest.get(workflow_id), now - LATE)]
    standings = await _each(suspects, engine.standing)
    return [one for one, standing in zip(suspects, standings, strict=True) if standing and standing[0] == "running"]


def _is_over(run: tuple[str, datetime | None] | None, before: datetime) -> bool:
    if run is None:
        return True
    state, ended_at = run
    return state != "live" and (ended_at is None or ended_at < before)


async def _each(items: Sequence[T], ask: Callable[[T], Awaitable[S]]) -> list[S]:
    """Ask for every item, a few at a time."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(item: T) -> S:
        async with places:
            return await ask(item)

    return await asyncio.gather(*(one(item) for item in items))


def _such(ids: Sequence[str]) -> str:
    more = ", …" if len(ids) > SHOWN else ""
    return f", such as {', '.join(ids[:SHOWN])}{more}"
