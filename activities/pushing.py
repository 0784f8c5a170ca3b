"""The activity that pushes a segment's members to its webhook."""

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.contracts import Push, PushActivities
from journeyman.journeys.pushing.delivery import PushDelivery, PushFailedError


class SegmentPushActivities(PushActivities):
    """Runs in the worker, on the product's own parts."""

    def __init__(self, delivery: PushDelivery) -> None:
        self.delivery = delivery

    @activity.defn
    async def push_segment(self, request: Push) -> str:
        try:
            push = await self.delivery(request.push, activity.heartbeat)
        except PushFailedError as error:
            kind = type(error).__name__
            raise ApplicationError(str(error), type=kind, next_retry_delay=error.delay) from error
        return push.state
