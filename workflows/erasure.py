"""An erasure: carried out by one activity, however often that has to begin again."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.contracts import Erase, ErasureActivities
    from workflows.policies import ERASE_HEARTBEAT_LIMIT, ERASE_LIMIT, FOREVER


@workflow.defn
class ErasureWorkflow:
    """Sees an erasure through; knows its receipt and nothing of the person."""

    @workflow.run
    async def run(self, given: Erase) -> str:
        workflow.set_current_details(f"Erases what is left behind receipt {given.erasure}")
        state = await workflow.execute_activity_method(
            ErasureActivities.erase_customer,
            given,
            start_to_close_timeout=ERASE_LIMIT,
            heartbeat_timeout=ERASE_HEARTBEAT_LIMIT,
            retry_policy=FOREVER,
            summary=given.erasure,
        )
        workflow.set_current_details(f"Receipt {given.erasure}: {state}")
        return state
