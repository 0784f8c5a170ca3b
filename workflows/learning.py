"""The clock of all models: every night one after the other learns from the store."""

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from activities.contracts import Learn, Learned, LearningActivities
    from workflows.policies import LEARN_HEARTBEAT_LIMIT, LEARN_LIMIT, ONCE_MORE

AGAIN = timedelta(hours=1)
"""After a night's work that failed three times."""


@workflow.defn
class LearningWorkflow:
    """Has one model learnt at a time; a signal has one learnt as soon as the one before is done."""

    @workflow.init
    def __init__(self, given: Learn) -> None:
        self.asked = list(given.asked)
        self.told: dict[str, str] = {}

    @workflow.run
    async def run(self, given: Learn) -> None:
        del given
        while True:
            pause = await self._learn()
            if workflow.info().is_continue_as_new_suggested():
                await workflow.wait_condition(workflow.all_handlers_finished)
                workflow.continue_as_new(Learn(asked=self.asked))
            await self._pause(pause)

    async def _learn(self) -> timedelta:
        """Have the next one learn; how long to wait until there is more."""
        asked, self.asked = self.asked, []
        try:
            found: Learned = await workflow.execute_activity_method(
                LearningActivities.learn_model,
                Learn(asked=asked, at=workflow.now()),
                start_to_close_timeout=LEARN_LIMIT,
                heartbeat_timeout=LEARN_HEARTBEAT_LIMIT,
                retry_policy=ONCE_MORE,
                summary=", ".join(asked) or "whichever is due",
            )
        except ActivityError as error:
            workflow.logger.warning("a model could not be learnt: %s", error.cause)
            return AGAIN
        if found.model is not None:
            self.told[found.model] = found.words
            self.asked = [*(one for one in asked if one != found.model), *self.asked]
        workflow.set_current_details(self._details(found))
        return max(found.again_at - workflow.now(), timedelta(0))

    async def _pause(self, pause: timedelta) -> None:
        try:
            await workflow.wait_condition(
                lambda: bool(self.asked), timeout=pause, timeout_summary="until the next model is due"
            )
        except TimeoutError:
            return

    @workflow.signal
    def learn(self, model: str) -> None:
        """Have a model learnt now."""
        if model not in self.asked:
            self.asked.append(model)

    def _details(self, found: Learned) -> str:
        """The workflow's current details, as Markdown."""
        lines = [f"- **{model}**: {words}" for model, words in sorted(self.told.items())]
        return "\n".join([f"Next look at {found.again_at:%-d %b %Y %H:%M} UTC", "", *lines])
