"""`task`: somebody has answered, or nobody has in time."""

from journeyman.journeys.journal import Entry
from journeyman.journeys.kept import keep_in_context
from journeyman.journeys.runs import Ahead, Run, Scene, follow
from journeyman.language.steps.task import TaskStep


def leave(run: Run, step: TaskStep, scene: Scene) -> Ahead:
    """Where the answer leads."""
    if run.released is None:
        run.write(Entry("left", scene.at, step.id, run.visit, "unanswered", {}))
        return follow(run, step.task.on_timeout, step, scene)
    answer = str(run.released["answer"])
    keep_in_context(run, step.task.as_, answer)
    run.write(Entry("left", scene.at, step.id, run.visit, "answered", dict(run.released)))
    return follow(run, step.task.on.get(answer, "continue"), step, scene)
