"""`wait`: the customer stays until an instant (W5-W8)."""

from journeyman.customers.zones import place_of
from journeyman.journeys.journal import Entry
from journeyman.journeys.runs import Ahead, Run, Scene, follow, lateness
from journeyman.language.calendar import Moment, resolve
from journeyman.language.steps.wait import WaitStep


def begin(run: Run, step: WaitStep, scene: Scene) -> Ahead | None:
    """Begin to wait; or, where the instant is no use, where to go on (W6)."""
    facts = scene.of(run)
    place = place_of(facts.attributes, scene.definition.time_zone, scene.workspace_zone)
    due = resolve(step.wait, Moment(scene.at, place.zone, facts.attributes, run.entry, run.customer_id))
    read = {"zone": place.zone.key, "rung": place.rung}
    if due.code == "due":
        run.until = due.at
        run.write(Entry("arrived", scene.at, step.id, run.visit, None, {"until": due.at, **read}))
        return None
    run.write(Entry("left", scene.at, step.id, run.visit, due.code, {"target": due.at, **read}))
    word = step.wait.past if due.code == "past" else step.wait.missing
    return follow(run, word, step, scene)


def leave(run: Run, step: WaitStep, scene: Scene) -> Ahead:
    """The time is over."""
    run.write(Entry("left", scene.at, step.id, run.visit, "timer", lateness(run, scene.at)))
    return Ahead(scene.definition.after(step))
