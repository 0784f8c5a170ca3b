"""Keeping a partition at work: intake and dispatch side by side, woken by the door, with a slow look as safety net."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy.exc import InterfaceError, OperationalError

from journeyman.journeys.dispatch import Dispatch
from journeyman.journeys.intake.intake import Intake, Ownership
from journeyman.kit.wake import Wake

log = logging.getLogger(__name__)

Upkeep = Callable[[], Awaitable[object]]
"""One transaction's work; what it returns is true as long as there is more."""

FIRST_BATCH = 100
"""Events of a batch after a pause. Each full one is followed by one of twice as many, up to the setting: large batches
are cheap, but what a burst starts should not wait until all of the burst is decided."""

LOOK = 2.0
"""Seconds after which a partition looks for work although nobody has called."""
AGAIN = 0.05
"""Seconds before what the engine did not take is told again."""
LOST = 1.0
"""Seconds before a lost database is tried again."""
DATABASE_LOST = (OperationalError, InterfaceError, OSError)


async def tend(
    intake: Intake,
    dispatch: Dispatch,
    upkeep: Sequence[Upkeep],
    wake: Wake,
    ownership: Ownership,
    batch: int,
    beat: Callable[[], None],
) -> None:
    """Work a partition until it is taken over (`FencedError`) or the caller is cancelled. `beat` is called often.

    The first partition does the upkeep as well: what has to be done without an event.
    """
    accepted, decided = wake.listener(), wake.listener()
    decided.ring()
    limit = min(FIRST_BATCH, batch)

    async def decide() -> None:
        nonlocal limit
        beat()
        taken = await intake.take(ownership, limit)
        if taken:
            decided.ring()
            # What was decided here may be another partition's to tell: commands go by workflow, events by subject.
            if ownership.partitions > 1:
                wake.notify()
        if taken < limit:
            limit = min(FIRST_BATCH, batch)
            await accepted.wait(LOOK)
        else:
            limit = min(2 * limit, batch)

    async def tell() -> None:
        told = await dispatch.tell(ownership.slots)
        if told.left and not told.done:
            await asyncio.sleep(AGAIN)
        elif not told.done:
            await decided.wait(LOOK)

    async def keep() -> None:
        for step in upkeep:
            if await _kept(step):
                return
        await asyncio.sleep(LOOK)

    async with asyncio.TaskGroup() as tasks:
        if ownership.partition == 0:
            tasks.create_task(_forever(keep))
        tasks.create_task(_forever(decide))
        tasks.create_task(_forever(tell))


async def _kept(step: Upkeep) -> bool:
    """Whether there is more of this. What is wrong with one part holds up neither the others nor intake."""
    try:
        return bool(await step())
    except DATABASE_LOST:
        raise
    except Exception:
        log.exception("upkeep failed and is tried again")
        return False


async def _forever(work: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await work()
        except DATABASE_LOST as error:
            log.warning("the database cannot be reached, trying again: %s", error)
            await asyncio.sleep(LOST)
