"""Why a condition holds or does not: the tree of its parts, each with what was read. For the pages that explain."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pydantic_core

from journeyman.language.comparisons import Comparison
from journeyman.language.conditions import (
    AllOf,
    AnyOf,
    Condition,
    ConsentCondition,
    MessageCondition,
    Not,
    OccurrenceCondition,
    SegmentCondition,
    meaning_of,
)
from journeyman.language.defined import Defined
from journeyman.language.facts import Facts
from journeyman.language.instants import BEFORE_ALL, from_microseconds
from journeyman.language.nodes import Node
from journeyman.language.paths import MISSING, find
from journeyman.language.readings import (
    AGGREGATES,
    consent_status,
    document_of,
    hindrance,
    interest_taken,
    message_instants,
    numbers,
    occurrences,
    resolve,
    rfm_fits,
    run_instants,
    satisfies,
    within_bounds,
)
from journeyman.language.records import InterestCondition, JourneyCondition, ReachableCondition
from journeyman.language.standing import PredictionCondition, RfmCondition, ScoreCondition
from journeyman.language.values import Reference

NOT_ENOUGH_DATA: Final = "not enough data"
"""What is read where no model has predicted anything."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One condition, whether it holds, and what was read to tell.

    `read` is null where nothing was found. `against` is what a reference stood for. Both are JSON values.
    """

    what: str
    holds: bool
    read: Any = None
    against: Any = None
    parts: tuple["Verdict", ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The tree as JSON; what there is none of is left out, but for `what` and `holds`."""
        found: dict[str, Any] = {"what": self.what, "holds": self.holds}
        if not self.parts:
            found["read"] = self.read
        if self.against is not None:
            found["against"] = self.against
        if self.parts:
            found["parts"] = [part.as_json() for part in self.parts]
        return found


def judge(condition: Condition, facts: Facts) -> Verdict:
    """As `holds`, and why. Every part is judged, also where an earlier one has already decided."""
    match condition:
        case Comparison():
            return _of_comparison(condition, facts)
        case Defined():
            verdict = judge(meaning_of(condition), facts)
            return Verdict(_written(condition), verdict.holds, parts=(verdict,))
        case AllOf() | AnyOf() | Not():
            return _of_parts(condition, facts)
        case _:
            return _JUDGES[type(condition)](condition, facts)


def _of_messages(condition: MessageCondition, facts: Facts) -> Verdict:
    instants = [at.isoformat() for at in sorted(message_instants(condition, facts))]
    return Verdict(_written(condition), bool(instants), instants)


def _of_record(condition: ConsentCondition | SegmentCondition, facts: Facts) -> Verdict:
    if isinstance(condition, SegmentCondition):
        return Verdict(_written(condition), condition.segment in facts.segments)
    status = consent_status(condition, facts)
    return Verdict(_written(condition), status == condition.is_, status)


def _of_parts(condition: AllOf | AnyOf | Not, facts: Facts) -> Verdict:
    if isinstance(condition, Not):
        verdict = judge(condition.not_, facts)
        return Verdict("not", not verdict.holds, parts=(verdict,))
    if isinstance(condition, AllOf):
        parts = tuple(judge(member, facts) for member in condition.all)
        return Verdict("all", all(part.holds for part in parts), parts=parts)
    parts = tuple(judge(member, facts) for member in condition.any)
    return Verdict("any", any(part.holds for part in parts), parts=parts)


def _of_comparison(condition: Comparison, facts: Facts) -> Verdict:
    read = find(document_of(condition, facts), condition.keys)
    against = resolve(condition.operand, facts) if isinstance(condition.operand, Reference) else None
    return Verdict(_written(condition), satisfies(read, condition, facts), _json(read), _json(against))


def _of_events(condition: OccurrenceCondition, facts: Facts) -> Verdict:
    events = occurrences(condition, facts)
    read: dict[str, Any] = {"count": len(events)}
    if events:
        read["last"] = max(event.at for event in events).isoformat()
    satisfied = within_bounds(len(events), condition.bounds)
    for name, aggregate in condition.aggregates:
        read[name] = AGGREGATES[name](numbers(events, aggregate.property))
        satisfied = satisfied and within_bounds(read[name], aggregate.bounds)
    return Verdict(_written(condition), satisfied, read)


def _of_standing(condition: ScoreCondition | RfmCondition, facts: Facts) -> Verdict:
    """What stands for the customer now: the score, or the three of RFM with their group; null where there is none."""
    standings = facts.standings
    if isinstance(condition, ScoreCondition):
        found = standings.score(condition.score, condition.category, ()) if standings is not None else None
        height = None if found is None else found[0]
        return Verdict(_written(condition), within_bounds(height, condition.bounds), height)
    rfm = standings.rfm() if standings is not None else None
    if rfm is None:
        return Verdict(_written(condition), holds=False)
    read = {"r": rfm.r, "f": rfm.f, "m": rfm.m, "group": rfm.group}
    return Verdict(_written(condition), rfm_fits(condition.rfm, rfm), read)


def _of_journey(condition: JourneyCondition, facts: Facts) -> Verdict:
    runs = list(facts.records.runs(condition.journey)) if facts.records is not None else []
    newest = max(runs, key=lambda run: run.entered_at, default=None)
    read: dict[str, Any] = {"runs": len(runs), "live": sum(run.ended_at is None for run in runs)}
    if newest is not None:
        left = newest.ended_at.isoformat() if newest.ended_at is not None else None
        read |= {"entered": newest.entered_at.isoformat(), "left": left, "outcome": newest.outcome}
    earliest = facts.now - condition.within.timedelta if condition.within is not None else BEFORE_ALL
    found = any(earliest <= at <= facts.now for at in run_instants(condition, facts))
    return Verdict(_written(condition), found is not (condition.is_ == "never_in"), read)


def _of_interest(condition: InterestCondition, facts: Facts) -> Verdict:
    times, instants = interest_taken(condition, facts)
    last = from_microseconds(max(instants)) if instants else None
    read = {"times": times} | ({"last": last.isoformat()} if last is not None else {})
    return Verdict(_written(condition), times >= condition.at_least, read)


def _of_reach(condition: ReachableCondition, facts: Facts) -> Verdict:
    hindered = hindrance(condition.reachable, facts)
    return Verdict(_written(condition), hindered is None, hindered)


def _of_prediction(condition: PredictionCondition, facts: Facts) -> Verdict:
    found = facts.records.prediction(condition.prediction) if facts.records is not None else None
    read = NOT_ENOUGH_DATA if found is None else found
    return Verdict(_written(condition), within_bounds(found, condition.bounds), read)


def _json(value: object) -> object:
    return None if value is MISSING else value


def _written(condition: Node) -> str:
    """The condition as a line: `attribute country equals "PL"`."""
    written = condition.model_dump(mode="json", exclude_unset=True)
    kind = condition.kind
    rest = (f"{name} {_short(value)}" for name, value in written.items() if name != kind)
    named = written[kind]
    return " ".join((f"{kind} {named if isinstance(named, str) else _short(named)}", *rest))


def _short(value: object) -> str:
    return pydantic_core.to_json(value).decode()


_JUDGES: Final[Mapping[type[Node], Callable[[Any, Facts], Verdict]]] = {
    OccurrenceCondition: _of_events,
    ConsentCondition: _of_record,
    SegmentCondition: _of_record,
    MessageCondition: _of_messages,
    ScoreCondition: _of_standing,
    RfmCondition: _of_standing,
    JourneyCondition: _of_journey,
    InterestCondition: _of_interest,
    ReachableCondition: _of_reach,
    PredictionCondition: _of_prediction,
}
