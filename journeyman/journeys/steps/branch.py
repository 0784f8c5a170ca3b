"""`branch`: the first condition that holds decides the way."""

from journeyman.journeys.journal import Entry
from journeyman.journeys.moves import arrive
from journeyman.journeys.stage import Stage
from journeyman.language.evaluation import holds
from journeyman.language.steps.branch import BranchStep


async def take(stage: Stage, step: BranchStep) -> None:
    """Go the way of the first condition that holds."""
    run, facts = stage.run, stage.facts
    way = next((way for way in step.branch if holds(way.when, facts)), None)
    number = step.branch.index(way) + 1 if way is not None else 0
    target = way.next if way is not None else step.else_ or stage.definition.after(step)
    at = stage.scene.at
    run.write(Entry("left", at, step.id, run.visit, "branch", {"way": number, "next": target or "end"}))
    arrive(run, target, stage.scene)
