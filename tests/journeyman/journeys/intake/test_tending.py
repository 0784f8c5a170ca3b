"""Keeping a partition at work: what is wrong with one part of the upkeep holds up nothing else."""

import asyncio

import pytest

from journeyman.journeys.dispatch import Dispatch
from journeyman.journeys.intake import tending
from journeyman.kit.database import Database
from journeyman.kit.wake import wake_for
from journeyman.simulation.answers import Answers
from journeyman.simulation.engine import SimulatedEngine
from tests.builders import Shop


async def test_a_failing_upkeep_holds_up_neither_the_others_nor_intake(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tending, "LOOK", 0.01)
    shop, looks = Shop(database), asyncio.Queue[str]()

    async def broken() -> bool:
        looks.put_nowait("broken")
        raise ZeroDivisionError("a bug")

    async def sound() -> bool:
        looks.put_nowait("sound")
        return False

    wake = wake_for(database)
    ownership = await shop.intake.claim(0, 1, "test")
    dispatch = Dispatch(database, SimulatedEngine(shop.clock, Answers()))
    work = tending.tend(shop.intake, dispatch, [broken, sound], wake, ownership, 100, lambda: None)
    task = asyncio.create_task(work)
    seen = [await asyncio.wait_for(looks.get(), 10) for _ in range(6)]
    assert not task.done()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await wake.close()
    assert seen == ["broken", "sound"] * 3
