"""The activity that works an intake partition."""

import asyncio
from collections.abc import Sequence

from temporalio import activity

from activities.contracts import IntakeActivities, Tend
from journeyman.journeys.dispatch import Dispatch
from journeyman.journeys.intake.intake import Intake
from journeyman.journeys.intake.tending import Upkeep, tend
from journeyman.kit.wake import Wake


class PartitionActivities(IntakeActivities):
    """Runs in the worker that the engine has chosen for the partition."""

    def __init__(self, intake: Intake, dispatch: Dispatch, upkeep: Sequence[Upkeep], wake: Wake, batch: int) -> None:
        self.intake = intake
        self.dispatch = dispatch
        self.upkeep = upkeep
        self.wake = wake
        self.batch = batch

    @activity.defn
    async def tend_partition(self, request: Tend) -> None:
        info = activity.info()
        owner = f"{info.workflow_id}/{info.attempt}"
        ownership = await self.intake.claim(request.partition, request.partitions, owner)
        tending = asyncio.ensure_future(
            tend(self.intake, self.dispatch, self.upkeep, self.wake, ownership, self.batch, activity.heartbeat)
        )
        stopping = asyncio.ensure_future(activity.wait_for_worker_shutdown())
        try:
            await asyncio.wait((tending, stopping), return_when=asyncio.FIRST_COMPLETED)
            if tending.done():
                await tending
        finally:
            # A worker that stops gives the partition back at once; its workflow hands it to the next.
            stopping.cancel()
            tending.cancel()
            await asyncio.gather(tending, stopping, return_exceptions=True)
