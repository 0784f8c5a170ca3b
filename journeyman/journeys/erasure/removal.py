"""Removing what is left of somebody who was erased: first histories in the engine, then rows in the database."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from journeyman.customers.erasure.receipts import Belongings, Receipt
from journeyman.journeys.erasure.remains import Remains, UnfinishedError
from journeyman.journeys.ports import JourneyRunner

PATIENCE = 90.0
"""Seconds for the engine to forget histories; Temporal takes half a minute for those that are over."""
LONGEST_PAUSE = 2.0
LATER = timedelta(seconds=5)


class Removal:
    """Carries out erasures that were requested."""

    def __init__(self, remains: Remains, runner: JourneyRunner) -> None:
        self.remains = remains
        self.runner = runner

    async def __call__(self, erasure_id: str, beat: Callable[[], object]) -> Receipt:
        """Remove everything that the erasure is about; `beat` is called often. Raises `UnfinishedError`."""
        receipt, belongings = await self.remains.begin(erasure_id)
        if belongings is None:
            return receipt
        forgotten = await self._forget_histories(belongings, beat)
        await self.remains.count(erasure_id, "histories", forgotten)
        return await self.remains.remove(erasure_id, belongings, beat)

    async def _forget_histories(self, belongings: Belongings, beat: Callable[[], object]) -> int:
        workflows = await self.remains.workflow_ids(belongings)
        forgotten: set[str] = set()
        deadline = asyncio.get_running_loop().time() + PATIENCE
        pause = 0.05
        while found := await self.runner.forget(belongings.customers, workflows):
            forgotten |= found
            beat()
            if asyncio.get_running_loop().time() > deadline:
                raise UnfinishedError(f"histories that are still there: {len(found)}", LATER)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        return len(forgotten)
