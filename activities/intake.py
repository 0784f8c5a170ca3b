"""The activity that works an intake partition."""

from temporalio import activity

from activities.contracts import IntakeActivities, Tend
from journeyman.journeys.dispatch import Dispatch
from journeyman.journeys.intake.intake import Intake
from journeyman.journeys.intake.tending import tend
from journeyman.kit.wake import Wake


class PartitionActivities(IntakeActivities):
    """Runs in the worker that the engine has chosen for the partition."""

    def __init__(self, intake: Intake, dispatch: Dispatch, wake: Wake, batch: int) -> None:
        self.intake = intake
        self.dispatch = dispatch
        self.wake = wake
        self.batch = batch

    @activity.defn
    async def tend_partition(self, request: Tend) -> None:
        info = activity.info()
        owner = f"{info.workflow_id}/{info.attempt}"
        ownership = await self.intake.claim(request.partition, request.partitions, owner)
        await tend(self.intake, self.dispatch, self.wake, ownership, self.batch, activity.heartbeat)
