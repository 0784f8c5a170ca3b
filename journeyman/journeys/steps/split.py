"""`split`: chance decides the way, and it is on record with which probability (O3)."""

from datetime import datetime

from journeyman.journeys.experiments import repository
from journeyman.journeys.experiments.assignment import Experiment, assign, experiment_id
from journeyman.journeys.journal import Entry
from journeyman.journeys.moves import arrive
from journeyman.journeys.runs import HELD_OUT
from journeyman.journeys.stage import Stage
from journeyman.language.steps.split import SplitStep


async def take(stage: Stage, step: SplitStep) -> None:
    """Give the run an arm and go its way; a holdout is remembered in the run."""
    run, at, customer_id = stage.run, stage.scene.at, stage.person.id
    experiment, kept = await _experiment(stage, step, at)
    sticky = experiment.split.sticky
    subject = customer_id if sticky else f"{customer_id}/{run.id}"
    given = assign(experiment, subject, kept if sticky else None)
    await repository.note(stage.connection, experiment, run.id, customer_id, given, at)
    arm = step.split.arm(given.arm)
    target = arm.next or stage.definition.after(step)
    if arm.holdout:
        run.context = {**run.context, HELD_OUT: step.id}
    data = {
        "arm": given.arm,
        "how": given.how,
        "propensity": round(given.propensity, 6),
        "experiment": experiment.id,
        "phase": experiment.phase,
        "next": target or "end",
    }
    run.write(Entry("left", at, step.id, run.visit, "split", data))
    arrive(run, target, stage.scene)


async def _experiment(stage: Stage, step: SplitStep, at: datetime) -> tuple[Experiment, str | None]:
    """The experiment, and the arm that the customer drew in it before.

    It was begun by the publication. Where it was not, as for a version of another installation, it begins now.
    """
    found_id = experiment_id(stage.run.journey_key, step.id, step.split)
    seen = await repository.as_seen(stage.connection, found_id, stage.person.id)
    if seen is not None:
        return seen
    new = Experiment(found_id, stage.run.journey_key, step.id, "running", step.split, 1, at, at)
    await repository.add(stage.connection, new)
    return new, None
