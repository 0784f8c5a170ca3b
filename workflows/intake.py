"""An intake partition: kept at work by exactly one worker at a time, wherever that is."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.contracts import IntakeActivities, Tend
    from workflows.inputs import IntakeInput
    from workflows.policies import AT_ONCE, HEARTBEAT_LIMIT, TEND_LIMIT


@workflow.defn
class IntakeWorkflow:
    """Has a worker tend a partition for ever; a worker that dies is followed by another."""

    @workflow.run
    async def run(self, given: IntakeInput) -> None:
        workflow.set_current_details(f"Intake partition {given.partition + 1} of {given.partitions}")
        await workflow.execute_activity_method(
            IntakeActivities.tend_partition,
            Tend(partition=given.partition, partitions=given.partitions),
            start_to_close_timeout=TEND_LIMIT,
            heartbeat_timeout=HEARTBEAT_LIMIT,
            retry_policy=AT_ONCE,
            summary=f"partition {given.partition + 1} of {given.partitions}",
        )
        workflow.continue_as_new(given)
