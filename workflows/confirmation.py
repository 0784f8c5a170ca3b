"""The mail of one double opt-in: sent once, and tried until a provider takes it or its link would be over."""

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from activities.contracts import Confirm, ConfirmationActivities
    from workflows.policies import CONFIRMATION_LIMIT, FOREVER, SEND_LIMIT


@workflow.defn
class ConfirmationWorkflow:
    """Ends once the mail has left, or cannot leave any more; the confirmation's row says which."""

    @workflow.run
    async def run(self, given: Confirm) -> None:
        try:
            await workflow.execute_activity_method(
                ConfirmationActivities.send_confirmation,
                given,
                start_to_close_timeout=SEND_LIMIT,
                schedule_to_close_timeout=CONFIRMATION_LIMIT,
                retry_policy=FOREVER,
                summary="asks to confirm a subscription",
            )
        except ActivityError:
            workflow.logger.warning("the mail of %s was never taken by a provider", given.confirmation)
