"""`throttle`: the customer's turn has come."""

from journeyman.journeys.journal import Entry
from journeyman.journeys.kept import remember
from journeyman.journeys.runs import Ahead, Run, Scene, lateness
from journeyman.language.steps.throttle import ThrottleStep

KEPT = "throttle"
"""Under this a run remembers that it has a place, which is given back if the run ends before."""


def leave(run: Run, step: ThrottleStep, scene: Scene) -> Ahead:
    """The place is used."""
    run.write(Entry("left", scene.at, step.id, run.visit, "let_through", lateness(run, scene.at)))
    remember(run, KEPT, {})
    return Ahead(scene.definition.after(step))
