"""A push of a segment to its webhook: one activity, which goes on where the attempt before it came to."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.contracts import Push, PushActivities
    from workflows.policies import PATIENTLY, PUSH_HEARTBEAT_LIMIT, PUSH_LIMIT


@workflow.defn
class SegmentPushWorkflow:
    """Sees a push through, however long the other side is away; holds no member."""

    @workflow.run
    async def run(self, given: Push) -> str:
        workflow.set_current_details(f"Pushes the members of segment {given.segment}")
        state = await workflow.execute_activity_method(
            PushActivities.push_segment,
            given,
            start_to_close_timeout=PUSH_LIMIT,
            heartbeat_timeout=PUSH_HEARTBEAT_LIMIT,
            retry_policy=PATIENTLY,
            summary=given.segment,
        )
        workflow.set_current_details(f"Push {given.push}: {state}")
        return state
