"""What a customer's score is, and what has to be kept of her for it.

For every rule on events one **accumulator** is kept: the points of all its events, each faded to the time of the
newest of them, and how many there were. With the half-life h, events at t_i and p points each, it is
Σ p·2^((t_i - t)/h) at t = max t_i. Two accumulators are added by fading the older one to the newer one's time, so that
the order in which events come does not matter, a late one fits in anywhere, and the accumulators of two profiles that
are one person simply add. For rules on what holds it is kept whether they held when the customer was last looked at.

A rule counts for its accumulator, faded to the present, and for its cap at most. An event of the future counts as if it
were now. Scores are compared with thresholds and bands as they are shown: rounded to two decimal places.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from math import copysign
from typing import Any, Final, Literal

from journeyman.customers.scoring.definition import PLACES, ConditionRule, EventRule, ScoreModel
from journeyman.language.evaluation import FOREVER, outlook
from journeyman.language.facts import EventFact, Facts
from journeyman.language.instants import microseconds
from journeyman.language.readings import matches

_STEP: Final = Decimal(1).scaleb(-PLACES)
_WIDE: Final = Context(prec=330)
"""Digits for any float with its places."""
FARTHEST: Final = 200.0
"""So many half-lives leave nothing; more count as these, for PostgreSQL refuses what is too small for a double."""


@dataclass(frozen=True, slots=True)
class Accumulator:
    """The points of `count` events, faded to `at`, in microseconds since 1970."""

    points: float
    at: int
    count: int


@dataclass(frozen=True, slots=True)
class State:
    """What is kept of one customer for one score.

    `events` has the accumulators by the place of their rule, `held` the places of the rules that hold. `reached` and
    `band` are what was last told of the customer, so that every crossing is told once.
    """

    basis: str
    events: Mapping[int, Accumulator] = field(default_factory=dict)
    held: frozenset[int] = frozenset()
    reached: frozenset[str] = frozenset()
    band: str | None = None

    def document(self) -> dict[str, Any]:
        """The state as JSON."""
        return {
            "basis": self.basis,
            "events": {
                str(place): {"points": one.points, "at": one.at, "count": one.count}
                for place, one in sorted(self.events.items())
            },
            "held": sorted(self.held),
            "reached": sorted(self.reached),
            "band": self.band,
        }


@dataclass(frozen=True, slots=True)
class Reason:
    """What one rule does for a score: `points` now, out of `given` when its `count` events happened."""

    label: str
    category: str | None
    points: float
    given: float
    count: int
    capped: bool

    @property
    def text(self) -> str:
        """The reason as a line: `3 x Product Viewed: +6, decayed from 9`."""
        label = f"{self.count} x {self.label}" if self.count else self.label
        if self.capped:
            return f"{label}: {signed(self.points)}, capped"
        decayed = round(self.points, PLACES) != round(self.given, PLACES)
        return f"{label}: {signed(self.points)}{f', decayed from {plain(self.given)}' if decayed else ''}"


@dataclass(frozen=True, slots=True)
class Score:
    """A score at an instant: in total, by category, its levels, and why, the strongest reason first."""

    total: float
    by_category: Mapping[str, float]
    reasons: tuple[Reason, ...]
    reached: frozenset[str]
    band: str | None

    @property
    def value(self) -> float:
        """The score as it is shown and compared."""
        return shown(self.total)


@dataclass(frozen=True, slots=True)
class Crossing:
    """A threshold that was reached or fallen below since last told, or a band that was entered."""

    kind: Literal["reached", "fell_below", "band"]
    name: str | None


def shown(total: float) -> float:
    """A total as it is shown: two decimal places, and no negative zero.

    A half is rounded away from 0, of 15 significant digits, as both databases do it.
    """
    return float(Decimal(f"{total:.15g}").quantize(_STEP, ROUND_HALF_UP, _WIDE)) + 0.0


def plain(number: float) -> str:
    return f"{shown(number):.{PLACES}f}".rstrip("0").rstrip(".")


def signed(number: float) -> str:
    return f"{'+' if number >= 0 else ''}{plain(number)}"


def empty(model: ScoreModel) -> State:
    """The state of a customer of whom nothing is known; that she stands at 0 is no news."""
    reached, band = standing(0.0, model)
    return State(model.basis, reached=reached, band=band)


def read_state(document: Mapping[str, Any] | None, model: ScoreModel) -> State | None:
    """The state in a document of `State.document`; None where there is none, or one that rests on other rules."""
    if document is None or document.get("basis") != model.basis:
        return None
    return State(
        model.basis,
        {
            int(place): Accumulator(float(one["points"]), int(one["at"]), int(one["count"]))
            for place, one in document["events"].items()
        },
        frozenset(document["held"]),
        frozenset(document["reached"]),
        document["band"],
    )


def is_stale(document: Mapping[str, Any] | None, model: ScoreModel) -> bool:
    """Whether there is a state that rests on other rules, and has to be made again from the events."""
    return document is not None and document.get("basis") != model.basis


def add(state: State, event: EventFact, model: ScoreModel) -> State:
    """The state with one more event. The state itself where the event counts for nothing."""
    places = [place for place in model.rules_of_event.get(event.name, ()) if _means(model.event_rules[place], event)]
    if not places:
        return state
    at = microseconds(event.at)
    events = dict(state.events)
    for place in places:
        one = Accumulator(model.event_rules[place].points, at, 1)
        events[place] = _sum(events[place], one, model.half_life_us) if place in events else one
    return State(state.basis, events, state.held, state.reached, state.band)


def add_all(state: State, events: Iterable[EventFact], model: ScoreModel) -> State:
    """The state with all of these events, whatever their order."""
    for event in events:
        state = add(state, event, model)
    return state


def merge(one: State, other: State, model: ScoreModel) -> State:
    """The state of two profiles that are one person. What holds of her has to be looked at anew (`judge`)."""
    events = dict(one.events)
    for place, accumulator in other.events.items():
        events[place] = _sum(events[place], accumulator, model.half_life_us) if place in events else accumulator
    bands = [level.name for level in model.bands if level.name in {one.band, other.band}]
    return State(one.basis, events, one.held | other.held, one.reached | other.reached, bands[-1] if bands else None)


@dataclass(frozen=True, slots=True)
class Held:
    """The places of the rules that hold of a customer, and until when surely nothing but news changes that."""

    places: frozenset[int] = frozenset()
    until: datetime = FOREVER


def held_by(model: ScoreModel, facts: Facts) -> Held:
    """The rules that hold by these facts, which have to tell all that the rules' conditions need."""
    looks = {place: outlook(rule.when, facts) for place, rule in model.condition_rules.items()}
    until = min((until for _, until in looks.values()), default=FOREVER)
    return Held(frozenset(place for place, (holds, _) in looks.items() if holds), until)


def judge(state: State, model: ScoreModel, facts: Facts) -> State:
    """The state with the rules that hold by these facts."""
    held = held_by(model, facts).places
    return state if held == state.held else replace(state, held=held)


def value(state: State, model: ScoreModel, now: datetime) -> Score:
    """The score at `now`, with its reasons."""
    at = microseconds(now)
    reasons = [_of_events(model.event_rules[place], one, model, at) for place, one in sorted(state.events.items())]
    reasons += [_of_what_holds(model.condition_rules[place]) for place in sorted(state.held)]
    by_category = dict.fromkeys(model.categories, 0.0)
    for reason in reasons:
        if reason.category is not None:
            by_category[reason.category] += reason.points
    total = sum(reason.points for reason in reasons)
    reached, band = standing(total, model)
    ordered = sorted(reasons, key=lambda reason: -abs(reason.points))
    return Score(total, by_category, tuple(ordered), reached, band)


def standing(total: float, model: ScoreModel) -> tuple[frozenset[str], str | None]:
    """The thresholds that this total reaches, and its band; None below the lowest."""
    height = shown(total)
    reached = frozenset(level.name for level in model.thresholds if height >= level.at)
    bands = [level.name for level in model.bands if height >= level.at]
    return reached, bands[-1] if bands else None


def tell(state: State, model: ScoreModel, now: datetime) -> tuple[State, tuple[Crossing, ...]]:
    """What was crossed since it was last told, and the state that remembers that it is told now."""
    reached, band = standing(total_of(state, model, now), model)
    if (reached, band) == (state.reached, state.band):
        return state, ()
    names = {level.name for level in model.thresholds}
    crossed = [Crossing("reached", name) for name in sorted(reached - state.reached)]
    crossed += [Crossing("fell_below", name) for name in sorted((state.reached & names) - reached)]
    crossed += [Crossing("band", band)] if band != state.band else []
    return replace(state, reached=reached, band=band), tuple(crossed)


def total_of(state: State, model: ScoreModel, now: datetime) -> float:
    """The score's total alone, in a tenth of the time that its reasons take."""
    at = microseconds(now)
    total = sum(contribution(one, model.event_rules[place], model, at) for place, one in sorted(state.events.items()))
    return total + sum(model.condition_rules[place].points for place in sorted(state.held))


def contribution(accumulator: Accumulator, rule: EventRule, model: ScoreModel, at: int) -> float:
    """What the rule counts for at `at`, in microseconds since 1970."""
    points = accumulator.points * fading(at - accumulator.at, model.half_life_us)
    return points if rule.cap is None or abs(points) <= rule.cap else copysign(rule.cap, points)


def fading(span: float, half_life_us: float | None) -> float:
    """What is left of one point after so many microseconds; the future has not faded."""
    if half_life_us is None or span <= 0:
        return 1.0
    return float(2.0 ** -min(span / half_life_us, FARTHEST))


def _means(rule: EventRule, event: EventFact) -> bool:
    return rule.where is None or matches(rule.where, event.properties, Facts(now=event.at, attributes={}))


def _sum(one: Accumulator, other: Accumulator, half_life_us: float | None) -> Accumulator:
    at = max(one.at, other.at)
    points = one.points * fading(at - one.at, half_life_us) + other.points * fading(at - other.at, half_life_us)
    return Accumulator(points, at, one.count + other.count)


def _of_events(rule: EventRule, accumulator: Accumulator, model: ScoreModel, at: int) -> Reason:
    points = contribution(accumulator, rule, model, at)
    given = rule.points * accumulator.count
    capped = abs(points) == rule.cap
    return Reason(rule.label, rule.category, points, given, accumulator.count, capped)


def _of_what_holds(rule: ConditionRule) -> Reason:
    return Reason(rule.label, rule.category, rule.points, rule.points, 0, capped=False)
