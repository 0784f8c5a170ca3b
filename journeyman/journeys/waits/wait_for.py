"""`wait_for`: the customer stays until something happens, or until a timeout (W1-W4)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from journeyman.customers.zones import place_of
from journeyman.journeys.journal import Entry
from journeyman.journeys.runs import Ahead, Run, Scene, follow, lateness
from journeyman.language.calendar import add
from journeyman.language.definition import Step
from journeyman.language.evaluation import holds
from journeyman.language.facts import Facts
from journeyman.language.readings import matches
from journeyman.language.steps.wait_for import Branch, WaitFor, WaitForStep


def begin(run: Run, step: WaitForStep, scene: Scene) -> Ahead | None:
    """Begin to wait; or, where a branch's thing holds already, where to go on (W1)."""
    place = place_of(scene.facts.attributes, scene.definition.time_zone, scene.workspace_zone)
    run.until = add(scene.at, step.wait_for.timeout, place.zone)
    read = {"zone": place.zone.key, "rung": place.rung}
    run.write(Entry("arrived", scene.at, step.id, run.visit, None, {"until": run.until, **read}))
    _release_by_state(run, step, scene)
    if step.wait_for.mode == "first" and run.released is not None:
        return leave(run, step, scene)
    return None


def restand(run: Run, before: Step, step: WaitForStep, scene: Scene) -> None:
    """The run waits here as the step is written now: its window from when it came, new branches from now on (V2)."""
    place = place_of(scene.facts.attributes, scene.definition.time_zone, scene.workspace_zone)
    until = max(add(run.arrived_at, step.wait_for.timeout, place.zone), scene.at)
    if until != run.until:
        data = {"until": until, "before": run.until, "zone": place.zone.key, "rung": place.rung}
        run.write(Entry("rescheduled", scene.at, step.id, run.visit, None, data))
        run.until = until
    if isinstance(before, WaitForStep) and before.wait_for.branches == step.wait_for.branches:
        return
    run.released = None
    _release_by_state(run, step, scene)


def _release_by_state(run: Run, step: WaitForStep, scene: Scene) -> None:
    for index, branch in enumerate(step.wait_for.branches):
        found = _holds_on_arrival(run, branch, step.wait_for, scene)
        if found is not None:
            release(run, step, index, found)
            return


def _holds_on_arrival(run: Run, branch: Branch, wait_for: WaitFor, scene: Scene) -> dict[str, Any] | None:
    """A state is tested on arrival and passes at once; an event counts from before only under `since` (W1)."""
    facts = scene.of(run)
    if branch.state is not None:
        return {"held": True, "at": scene.at} if holds(branch.state, facts) else None
    if branch.message is not None:
        at = message_reached(branch, run, facts)
        return {"message": branch.message, "status": branch.status, "at": at} if at else None
    if branch.event is None or wait_for.since is None:
        return None
    start = run.entered_at if wait_for.since == "entry" else scene.at - wait_for.since.timedelta
    for event in facts.events.get(branch.event, ()):
        if start <= event.at <= scene.at and matches(branch.where, event.properties, facts):
            return {"event": event.name, "at": event.at}
    return None


def message_reached(branch: Branch, run: Run, facts: Facts) -> datetime | None:
    """When the run's message of a step reached the status that a branch waits for."""
    for message in facts.messages:
        if message.run_id != run.id or message.step != branch.message:
            continue
        if branch.status == "refused":
            refused = message.outcome not in {None, "sent", "failed"}
            return message.times.get(message.outcome or "") if refused else None
        if branch.status is not None and branch.status in message.times:
            return message.times[branch.status]
    return None


def release(run: Run, step: WaitForStep, branch: int, why: Mapping[str, Any]) -> None:
    """A branch's thing has happened. Of several the first counts, or under `ranked` the highest (W3)."""
    if run.released is not None and (step.wait_for.mode == "first" or run.released["branch"] <= branch):
        return
    plain = {key: value.isoformat() if isinstance(value, datetime) else value for key, value in why.items()}
    run.released = {"branch": branch, **plain}
    run.is_changed = True


def leave(run: Run, step: WaitForStep, scene: Scene) -> Ahead:
    """The wait is over, by what released it or by its timer; where to go on."""
    if run.released is None:
        run.write(Entry("left", scene.at, step.id, run.visit, "timer", lateness(run, scene.at)))
        return follow(run, step.wait_for.on_timeout, step, scene)
    branch = step.wait_for.branches[run.released["branch"]]
    run.write(Entry("left", scene.at, step.id, run.visit, branch.kind, dict(run.released)))
    return Ahead(branch.next if branch.next is not None else scene.definition.after(step))
