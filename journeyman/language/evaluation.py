"""Judging conditions for one customer, in memory: `holds` decides, `outlook` tells also until when, `judge` why.

A condition is made into functions once, at its first judging. The meaning of the operators stands in `operators`.
Nothing here looks at a clock: `facts.now` is the present.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, Final

from journeyman.language.anniversaries import anniversary
from journeyman.language.comparisons import (
    AttributeCondition,
    Comparison,
    ComputedCondition,
    ContextCondition,
    EntryCondition,
)
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
from journeyman.language.defined import Defined, DeviceCondition, LifecycleCondition, PlaceCondition
from journeyman.language.facts import EventFact, Facts, MessageFact
from journeyman.language.instants import FOREVER, from_microseconds, microseconds, read_instant
from journeyman.language.needs import Needs, needs
from journeyman.language.operators import TESTS
from journeyman.language.paths import MISSING, find
from journeyman.language.readings import (
    AGGREGATES,
    DOCUMENTS,
    consent_end,
    consent_status,
    hindrance,
    interest_taken,
    matches,
    message_instants,
    numbers,
    occurrences,
    resolve,
    rfm_fits,
    run_instants,
    span,
    within_bounds,
)
from journeyman.language.records import InterestCondition, JourneyCondition, ReachableCondition
from journeyman.language.standing import PredictionCondition, RfmCondition, ScoreCondition
from journeyman.language.values import Reference
from journeyman.language.verdicts import Verdict, judge

__all__ = ["FOREVER", "EventFact", "Facts", "MessageFact", "Needs", "Verdict", "holds", "judge", "matches", "needs"]

Outlook = tuple[bool, datetime]
Look = Callable[[Facts], Outlook]

_MOMENT: Final = timedelta(microseconds=1)


def holds(condition: Condition, facts: Facts) -> bool:
    """Whether the condition holds for the customer that `facts` describe."""
    return look_of(condition)(facts)[0]


def outlook(condition: Condition, facts: Facts) -> Outlook:
    """Whether the condition holds, and until when surely nothing but new facts can change that.

    At the second instant the same facts have to be judged again; it is never later than the first change that time
    alone brings, `FOREVER` where time brings none.
    """
    return look_of(condition)(facts)


def look_of(condition: Condition) -> Look:
    """The function that judges `condition`; made once and kept with it, as its cached properties are."""
    kept: dict[str, Any] = vars(condition)
    made: Look | None = kept.get("look")
    if made is None:
        made = kept["look"] = _MAKERS[type(condition)](condition)
    return made


def _all(condition: AllOf) -> Look:
    members = [look_of(member) for member in condition.all]

    def look(facts: Facts) -> Outlook:
        soonest = FOREVER
        for member in members:
            held, until = member(facts)
            if not held:
                # As long as this one does not hold, the others may do what they like.
                return False, until
            soonest = min(soonest, until)
        return True, soonest

    return look


def _any(condition: AnyOf) -> Look:
    members = [look_of(member) for member in condition.any]

    def look(facts: Facts) -> Outlook:
        soonest = FOREVER
        for member in members:
            held, until = member(facts)
            if held:
                return True, until
            soonest = min(soonest, until)
        return False, soonest

    return look


def _not(condition: Not) -> Look:
    member = look_of(condition.not_)

    def look(facts: Facts) -> Outlook:
        held, until = member(facts)
        return not held, until

    return look


def _comparison(condition: Comparison) -> Look:
    read, keys = attrgetter(DOCUMENTS[condition.kind]), condition.keys
    test, operand = TESTS.get(condition.operator), condition.operand
    if condition.operator == "exists":
        return lambda facts: ((find(read(facts), keys) not in _NOTHING) is operand, FOREVER)
    if condition.anniversary is not None:
        wanted = condition.anniversary
        return lambda facts: anniversary(find(read(facts), keys), wanted, facts.now)
    if test is None:
        return lambda facts: _in_time(condition, find(read(facts), keys), facts)
    if isinstance(operand, Reference):
        return lambda facts: (test(find(read(facts), keys), resolve(operand, facts)), FOREVER)
    return lambda facts: (test(find(read(facts), keys), operand), FOREVER)


_NOTHING: Final = (MISSING, None)


def _in_time(condition: Comparison, value: object, facts: Facts) -> Outlook:
    instant = read_instant(value)
    if instant is None:
        return False, FOREVER
    start, stop = span(condition, instant, facts)
    now = microseconds(facts.now)
    if now < start:
        return False, from_microseconds(start) or FOREVER
    if now < stop:
        return True, from_microseconds(stop) or FOREVER
    return False, FOREVER


def _events(condition: OccurrenceCondition) -> Look:
    window = condition.within.timedelta if condition.within is not None else None
    name, bounds, aggregates = condition.event, condition.bounds, condition.aggregates
    asks_once = condition.only_asks_for_one or condition.asks_for_none

    def look(facts: Facts) -> Outlook:
        tally = facts.tally(name) if condition.is_tallied else None
        if tally is not None:
            found, latest = tally
            held = _counted(found, latest, window, facts.now, bounds)
            if latest is not None and latest > facts.now:
                # A client's clock runs ahead. The tally does not tell what came before, so it is asked again then.
                return held, latest
            return held, _ends(latest, window, facts.now) if asks_once else FOREVER
        events = occurrences(condition, facts)
        held = within_bounds(len(events), bounds) and all(
            within_bounds(AGGREGATES[what](numbers(events, aggregate.property)), aggregate.bounds)
            for what, aggregate in aggregates
        )
        return held, _next_of(condition, events, facts, window)

    return look


def _counted(
    found: int, latest: datetime | None, window: timedelta | None, now: datetime, bounds: tuple[tuple[str, float], ...]
) -> bool:
    """Whether a tally satisfies the bounds; within a window it is asked for one event or for none."""
    if window is not None:
        found = 1 if latest is not None and latest >= now - window else 0
    return within_bounds(found, bounds)


def _ends(latest: datetime | None, window: timedelta | None, now: datetime) -> datetime:
    """When the newest event leaves the window."""
    if latest is None or window is None or latest < now - window:
        return FOREVER
    return _after(latest, window)


def _after(at: datetime, window: timedelta) -> datetime:
    try:
        return at + window + _MOMENT
    except OverflowError:
        return FOREVER


def _next_of(
    condition: OccurrenceCondition, events: list[EventFact], facts: Facts, window: timedelta | None
) -> datetime:
    """When the events that are counted become others: one is yet to come, or the oldest leaves the window."""
    now = facts.now
    ahead = [event.at for event in facts.events.get(condition.event, ()) if event.at > now]
    soonest = min(ahead) if ahead else FOREVER
    if window is None or not events:
        return soonest
    # Where one event is asked for, or none, the newest decides; else the first to leave may.
    decides = max if condition.only_asks_for_one or condition.asks_for_none else min
    return min(soonest, _after(decides([event.at for event in events]), window))


def _consent(condition: ConsentCondition) -> Look:
    def look(facts: Facts) -> Outlook:
        status = consent_status(condition, facts)
        return status == condition.is_, consent_end(condition, facts) if status == "yes" else FOREVER

    return look


def _segment(condition: SegmentCondition) -> Look:
    key = condition.segment
    return lambda facts: (key in facts.segments, FOREVER)


def _message(condition: MessageCondition) -> Look:
    window = condition.within.timedelta if condition.within is not None else None

    def look(facts: Facts) -> Outlook:
        instants = list(message_instants(condition, facts))
        if not instants or window is None:
            return bool(instants), FOREVER
        return True, _after(max(instants), window)

    return look


def _journey(condition: JourneyCondition) -> Look:
    window = condition.within.timedelta if condition.within is not None else None
    denies = condition.is_ == "never_in"

    def look(facts: Facts) -> Outlook:
        held, until = _one_in_time(list(run_instants(condition, facts)), window, facts.now)
        return held is not denies, until

    return look


def _one_in_time(instants: list[datetime], window: timedelta | None, now: datetime) -> Outlook:
    """Whether one of the instants is over, and in the window if there is one."""
    past = [at for at in instants if at <= now and (window is None or at >= now - window)]
    if past:
        return True, FOREVER if window is None else _after(max(past), window)
    return False, min((at for at in instants if at > now), default=FOREVER)


def _interest(condition: InterestCondition) -> Look:
    window, least = condition.within, condition.at_least

    def look(facts: Facts) -> Outlook:
        times, instants = interest_taken(condition, facts)
        if window is None or times < least:
            return times >= least, FOREVER
        # As soon as the oldest of those that are needed leaves the window, there are too few.
        needed = from_microseconds(sorted(instants, reverse=True)[least - 1])
        return True, _after(needed, window.timedelta) if needed is not None else FOREVER

    return look


def _reachable(condition: ReachableCondition) -> Look:
    channel = condition.reachable

    def look(facts: Facts) -> Outlook:
        held = hindrance(channel, facts) is None
        return held, facts.consent_ends.get(channel, FOREVER) if held else FOREVER

    return look


def _score(condition: ScoreCondition) -> Look:
    key, category, heights, bounds = condition.score, condition.category, condition.heights, condition.bounds

    def look(facts: Facts) -> Outlook:
        found = facts.standings.score(key, category, heights) if facts.standings is not None else None
        return (False, FOREVER) if found is None else (within_bounds(found[0], bounds), found[1])

    return look


def _prediction(condition: PredictionCondition) -> Look:
    key, bounds = condition.prediction, condition.bounds

    def look(facts: Facts) -> Outlook:
        found = facts.records.prediction(key) if facts.records is not None else None
        return within_bounds(found, bounds), FOREVER

    return look


def _rfm(condition: RfmCondition) -> Look:
    wanted = condition.rfm

    def look(facts: Facts) -> Outlook:
        found = facts.standings.rfm() if facts.standings is not None else None
        return (False, FOREVER) if found is None else (rfm_fits(wanted, found), found.until)

    return look


def _defined(condition: Defined) -> Look:
    return look_of(meaning_of(condition))


_MAKERS: Final[dict[type, Callable[[Any], Look]]] = {
    AllOf: _all,
    AnyOf: _any,
    Not: _not,
    AttributeCondition: _comparison,
    ComputedCondition: _comparison,
    EntryCondition: _comparison,
    ContextCondition: _comparison,
    OccurrenceCondition: _events,
    ConsentCondition: _consent,
    SegmentCondition: _segment,
    MessageCondition: _message,
    ScoreCondition: _score,
    RfmCondition: _rfm,
    DeviceCondition: _defined,
    PlaceCondition: _defined,
    LifecycleCondition: _defined,
    JourneyCondition: _journey,
    InterestCondition: _interest,
    ReachableCondition: _reachable,
    PredictionCondition: _prediction,
}
