"""`wait`: the customer stays until an instant (W5-W8), which moves when her date does (E6)."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from journeyman.customers.zones import READ, Place, place_of
from journeyman.journeys.journal import Entry
from journeyman.journeys.runs import Ahead, Run, Scene, follow, lateness
from journeyman.language.best_time import Occasion, choose
from journeyman.language.calendar import Due, Moment, resolve
from journeyman.language.definition import Step
from journeyman.language.paths import keys_of
from journeyman.language.quiet import Window
from journeyman.language.steps.wait import UntilAttribute, Wait, WaitStep


def begin(run: Run, step: WaitStep, scene: Scene) -> Ahead | None:
    """Begin to wait; or, where the instant is no use, where to go on (W6)."""
    due, read = _due(run, step, scene, scene.at)
    if due.code == "due":
        run.until = due.at
        run.write(Entry("arrived", scene.at, step.id, run.visit, None, {"until": due.at, **read}))
        return None
    if due.code == "now":
        run.write(Entry("left", scene.at, step.id, run.visit, "now", read))
        return Ahead(scene.definition.after(step))
    run.write(Entry("left", scene.at, step.id, run.visit, due.code, {"target": due.at, **read}))
    return follow(run, _way(step.wait, due.code), step, scene)


def _due(run: Run, step: WaitStep, scene: Scene, since: datetime) -> tuple[Due, dict[str, Any]]:
    """When the wait ends, and the values by which that was reckoned."""
    facts = scene.of(run)
    place = place_of(facts.attributes, scene.definition.time_zone, scene.workspace_zone)
    where = {"zone": place.zone.key, "rung": place.rung}
    if step.wait.best_time is not None:
        choice = choose(step.wait.best_time, _occasion(run, step, scene, since, place))
        return Due(choice.at, "now" if choice.at is None else "due"), {**where, "best_time": dict(choice.read)}
    return resolve(step.wait, Moment(since, place.zone, facts.attributes, run.entry, run.customer_id)), where


def _occasion(run: Run, step: WaitStep, scene: Scene, since: datetime, place: Place) -> Occasion:
    """The journey's quiet hours are heeded, for a message comes behind the wait; which one, nobody knows."""
    records, hours = scene.facts.records, scene.definition.quiet_hours
    return Occasion(
        since,
        place.zone,
        run.customer_id,
        f"{run.id}/{step.id}/{run.visit}",
        records.timing() if records is not None else None,
        [Window.of(hours)] if hours is not None else [],
    )


def _way(wait: Wait, code: str) -> str:
    return wait.past if code == "past" else wait.missing


def moved_by(wait: Wait) -> frozenset[str]:
    """The attributes, by the first keys of their paths, of which a change may move the end of the wait."""
    until = wait.until
    own = {keys_of(until.attribute)[0]} if isinstance(until, UntilAttribute) and until.attribute is not None else set()
    return frozenset(own | (READ if wait.is_local else set()))


def move(run: Run, step: WaitStep, changed: Collection[str], scene: Scene) -> bool:
    """The wait follows its date and the customer's zone; whether there is nothing more to wait for (E6, W6).

    A date that was changed to one that has gone by is past. Another zone makes no date past: what it moves behind now
    is due now.
    """
    if run.released is not None or not moved_by(step.wait).intersection(changed):
        return False
    until = step.wait.until
    is_date = isinstance(until, UntilAttribute) and until.attribute is not None
    has_date_changed = is_date and not READ.issuperset(changed)
    due, read = _due(run, step, scene, scene.at if has_date_changed else run.arrived_at)
    if due.code == "due":
        _reschedule(run, step, due, read, scene)
        return False
    if not has_date_changed:
        return False
    run.released = {"date": due.code, "target": due.at.isoformat() if due.at is not None else None, **read}
    run.is_changed = True
    return True


def _reschedule(run: Run, step: WaitStep, due: Due, read: Mapping[str, Any], scene: Scene) -> None:
    if due.at != run.until:
        data = {"until": due.at, "before": run.until, **read}
        run.write(Entry("rescheduled", scene.at, step.id, run.visit, None, data))
        run.until = due.at


def restand(run: Run, _before: Step, step: WaitStep, scene: Scene) -> None:
    """The run waits here as the step is written now: reckoned from when it came (V2). A shorter wait may be over."""
    due, read = _due(run, step, scene, run.arrived_at)
    run.released = None
    if due.code in {"past", "missing"}:
        target = due.at.isoformat() if due.at is not None else None
        run.released = {"date": due.code, "target": target, **read}
        return
    end = max(due.at, scene.at) if due.at is not None and due.code == "due" else scene.at
    _reschedule(run, step, Due(end, "due"), read, scene)


def leave(run: Run, step: WaitStep, scene: Scene) -> Ahead:
    """The time is over, or the date is none to wait for any more."""
    if run.released is not None:
        code = str(run.released["date"])
        read = {name: value for name, value in run.released.items() if name != "date"}
        run.write(Entry("left", scene.at, step.id, run.visit, code, read))
        return follow(run, _way(step.wait, code), step, scene)
    run.write(Entry("left", scene.at, step.id, run.visit, "timer", lateness(run, scene.at)))
    return Ahead(scene.definition.after(step))
