"""The activity that judges an experiment."""

from temporalio import activity

from activities.contracts import ExperimentActivities, Judge, Judged
from journeyman.journeys.experiments.judging import Judging


class JudgingActivities(ExperimentActivities):
    """Runs in the worker, on the product's own parts."""

    def __init__(self, judging: Judging) -> None:
        self.judging = judging

    @activity.defn
    async def judge_experiment(self, request: Judge) -> Judged:
        look = await self.judging.look(request.journey, request.step, request.at)
        return Judged(words=look.words, again_at=look.again_at)
