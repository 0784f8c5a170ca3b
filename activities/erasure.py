"""The activity that carries out an erasure."""

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.contracts import Erase, ErasureActivities
from journeyman.journeys.erasure.remains import UnfinishedError
from journeyman.journeys.erasure.removal import Removal


class RemovalActivities(ErasureActivities):
    """Runs in the worker, on the product's own parts."""

    def __init__(self, removal: Removal) -> None:
        self.removal = removal

    @activity.defn
    async def erase_customer(self, request: Erase) -> str:
        try:
            receipt = await self.removal(request.erasure, activity.heartbeat)
        except UnfinishedError as error:
            kind = type(error).__name__
            raise ApplicationError(str(error), type=kind, next_retry_delay=error.delay) from error
        return receipt.state
