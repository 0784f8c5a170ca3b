"""`enter`: the other run is over, or there will be none."""

from journeyman.journeys.journal import Entry
from journeyman.journeys.kept import keep_in_context
from journeyman.journeys.runs import Ahead, Run, Scene, follow
from journeyman.language.steps.enter import EnterStep


def leave(run: Run, step: EnterStep, scene: Scene) -> Ahead:
    """Where the other run's outcome leads."""
    waiting, told = step.enter.wait, {"journey": step.enter.journey}
    if run.released is None:
        run.write(Entry("left", scene.at, step.id, run.visit, "still_inside", told))
        return follow(run, waiting.on_timeout if waiting is not None else "continue", step, scene)
    ended = dict(run.released)
    keep_in_context(run, step.enter.as_, {"outcome": ended["outcome"], "run": ended.get("run")})
    run.write(Entry("left", scene.at, step.id, run.visit, "other_ended", {**told, **ended}))
    return follow(run, step.enter.on.get(str(ended["outcome"]), "continue"), step, scene)
