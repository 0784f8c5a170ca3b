"""What time alone does to a run: exits and waits on states, and when to look at it again before its timer."""

from datetime import datetime, time, timedelta
from typing import Final

from journeyman.customers.zones import place_of
from journeyman.journeys.happenings import Happening
from journeyman.journeys.runs import Run, Scene
from journeyman.language.conditions import Condition
from journeyman.language.dates import Distance, apart, read_date
from journeyman.language.evaluation import FOREVER, outlook
from journeyman.language.facts import EventFact
from journeyman.language.listening import hearing
from journeyman.language.paths import MISSING, lookup
from journeyman.language.steps.wait_for import WaitForStep
from journeyman.language.triggers import DateTrigger

EARLY: Final = timedelta(milliseconds=10)
"""So much earlier than it was set for a timer may fire."""
LAST: Final = 2**62
"""A place in the ingest sequence behind all others: what time does comes after what the customer did."""


def passing(at: datetime) -> Happening:
    """Nothing happens, but for time."""
    return Happening(EventFact("", at, LAST, {}), "")


def is_timed(run: Run, scene: Scene) -> bool:
    """Whether time alone may end the run where it stands, reach a goal, or release its wait before its timer."""
    return hearing(scene.definition).is_timed or bool(_states(run, scene))


def look_ahead(run: Run, scene: Scene) -> bool:
    """Note when time alone may change something before the run's timer; whether that is earlier than known so far."""
    if not run.is_live or run.until is None or not is_timed(run, scene):
        return False
    soonest, known = _soonest(run, scene), run.look_at or run.until
    look_at = soonest if soonest < run.until else None
    if look_at != run.look_at:
        run.look_at, run.is_changed = look_at, True
    return soonest < known


def _soonest(run: Run, scene: Scene) -> datetime:
    facts = scene.of(run)
    conditions = (*hearing(scene.definition).conditions, *_states(run, scene))
    turns = [outlook(condition, facts)[1] for condition in conditions]
    dates = [due_at(rule, run, scene) for rule in scene.definition.exit if isinstance(rule, DateTrigger)]
    return min((_whole(at) for at in (*turns, *dates) if at is not None and at > scene.at), default=FOREVER)


def _whole(at: datetime) -> datetime:
    """The next whole millisecond: the engine's timers know nothing finer, and one too early is set anew."""
    rest = at.microsecond % 1000
    return at + timedelta(microseconds=1000 - rest) if rest and at < FOREVER else at


def _states(run: Run, scene: Scene) -> tuple[Condition, ...]:
    """The states for which the run waits where it stands."""
    if run.step is None or not run.is_live:
        return ()
    step = scene.definition.step(run.step)
    return step.conditions if isinstance(step, WaitForStep) else ()


def due_at(rule: DateTrigger, run: Run, scene: Scene) -> datetime | None:
    """When the date of an exit comes; None where there is none."""
    if rule.instant is not None:
        return rule.instant
    facts = scene.of(run)
    source, path = (facts.attributes, rule.attribute) if rule.attribute is not None else (run.entry, rule.entry)
    zone = place_of(facts.attributes, scene.definition.time_zone, scene.workspace_zone).zone
    value = lookup(source, path or "")
    clock = time.fromisoformat(rule.time) if rule.time is not None else None
    written = read_date(None if value is MISSING else value, zone)
    return apart(written, Distance(rule.offset, clock), zone) if written is not None else None
