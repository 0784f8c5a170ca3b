"""An experiment's clock: judged as often as its rule needs, until there is nothing more to judge."""

from datetime import datetime, timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.contracts import ExperimentActivities, Judge
    from workflows.policies import FOREVER, JUDGE_LIMIT


@workflow.defn
class ExperimentWorkflow:
    """Judges the experiment of one step of a journey; a signal has it judged at once, as after a publication."""

    @workflow.init
    def __init__(self, given: Judge) -> None:
        self.given = given
        self.is_asked = False

    @workflow.run
    async def run(self, given: Judge) -> str:
        while True:
            self.is_asked = False
            found = await workflow.execute_activity_method(
                ExperimentActivities.judge_experiment,
                given.model_copy(update={"at": workflow.now()}),
                start_to_close_timeout=JUDGE_LIMIT,
                retry_policy=FOREVER,
                summary=given.step,
            )
            workflow.set_current_details(_details(given, found.words, found.again_at))
            if self.is_asked:
                continue
            if found.again_at is None:
                return found.words
            await self._pause(found.again_at - workflow.now())
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(given)

    async def _pause(self, pause: timedelta) -> None:
        try:
            await workflow.wait_condition(
                lambda: self.is_asked, timeout=max(pause, timedelta(0)), timeout_summary="until it is judged again"
            )
        except TimeoutError:
            return

    @workflow.signal
    def look(self) -> None:
        """Judge at once: the journey was published or stopped, or somebody has decided."""
        self.is_asked = True


def _details(given: Judge, words: str, again_at: datetime | None) -> str:
    """The workflow's current details, as Markdown."""
    when = f", judged again at {again_at:%-d %b %Y %H:%M} UTC" if again_at is not None else ""
    return f"Experiment at step **{given.step}** of **{given.journey}**: {words}{when}"
