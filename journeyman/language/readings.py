"""What conditions read of the facts, and whether it satisfies them; one condition at a time, one event at a time."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from journeyman.language.anniversaries import anniversary
from journeyman.language.comparisons import Comparison, Operand, PropertyCondition
from journeyman.language.conditions import (
    ConsentCondition,
    EventAllOf,
    EventAnyOf,
    EventCondition,
    EventSome,
    MessageCondition,
    OccurrenceCondition,
)
from journeyman.language.durations import Duration
from journeyman.language.facts import EventFact, Facts, RfmFact
from journeyman.language.instants import BEFORE_ALL, FOREVER, microseconds, read_instant
from journeyman.language.operators import TESTS, double, is_number
from journeyman.language.paths import MISSING, find, keys_of
from journeyman.language.records import InterestCondition, JourneyCondition
from journeyman.language.standing import RfmScores
from journeyman.language.values import Ago, Ahead, Reference

MARKETING: Final = "marketing"
TRANSACTIONAL: Final = "transactional"
"""Topics: that of messages which need a yes, and that of those which need none (L1)."""
ROUNDED_TO: Final = 6
"""Decimal places of sums and averages: enough for money, few enough to hide the order in which doubles were added."""

DOCUMENTS: Final = {"attribute": "attributes", "computed": "computed", "entry": "entry", "context": "context"}
"""The fields of the facts into which the paths of comparisons go, by the kind of comparison."""
ALWAYS: Final = 2**80
"""More microseconds than any instant has, on either side of 1970."""

_MICROSECOND: Final = dt.timedelta(microseconds=1)


def resolve(operand: Operand, facts: Facts) -> Any:  # noqa: ANN401 - any JSON value, or MISSING
    """The value that an operand stands for; a reference stands for what it finds."""
    if type(operand) is not Reference:
        return operand
    return find(getattr(facts, DOCUMENTS[operand.source]), operand.keys)


def document_of(comparison: Comparison, facts: Facts) -> Mapping[str, Any]:
    """The document that the comparison's path goes into. A property of an event stands in none of them."""
    document: Mapping[str, Any] = getattr(facts, DOCUMENTS[comparison.kind])
    return document


def satisfies(value: object, comparison: Comparison, facts: Facts) -> bool:
    """Whether the value that was read satisfies the comparison's operator."""
    test = TESTS.get(comparison.operator)
    if test is not None:
        return test(value, resolve(comparison.operand, facts))
    if comparison.operator == "exists":
        return (value is not MISSING and value is not None) is comparison.operand
    if comparison.anniversary is not None:
        return anniversary(value, comparison.anniversary, facts.now)[0]
    instant = read_instant(value)
    return instant is not None and _in_time(instant, comparison, facts)


def _in_time(instant: int, comparison: Comparison, facts: Facts) -> bool:
    start, stop = span(comparison, instant, facts)
    return start <= microseconds(facts.now) < stop


def span(comparison: Comparison, instant: int, facts: Facts) -> tuple[int, int]:
    """From when until when, as time passes, an instant satisfies an operator on instants; the second is outside."""
    operator, operand = comparison.operator, comparison.operand
    relative = _SPANS.get((operator, type(operand)))
    if relative is not None:
        return relative(instant, _length(operand))
    bound = read_instant(resolve(operand, facts)) if isinstance(operand, Reference) else operand
    if isinstance(bound, int) and (instant < bound if operator == "before" else instant > bound):
        return -ALWAYS, ALWAYS
    return 0, 0


_SPANS: Final[Mapping[tuple[str, type], Callable[[int, int], tuple[int, int]]]] = {
    ("within_last", Duration): lambda instant, length: (instant, instant + length + 1),
    ("within_next", Duration): lambda instant, length: (instant - length, instant + 1),
    ("before", Ago): lambda instant, length: (instant + length + 1, ALWAYS),
    ("before", Ahead): lambda instant, length: (instant - length + 1, ALWAYS),
    ("after", Ago): lambda instant, length: (-ALWAYS, instant + length),
    ("after", Ahead): lambda instant, length: (-ALWAYS, instant - length),
}


def _length(operand: Operand) -> int:
    """Microseconds."""
    match operand:
        case Ago(ago=length) | Ahead(ahead=length):
            return length.timedelta // _MICROSECOND
        case Duration():
            return operand.timedelta // _MICROSECOND
        case _:
            return 0


def matches(where: EventCondition | None, properties: Mapping[str, Any], facts: Facts) -> bool:
    """Whether an event with these properties is one that `where` means; without `where` every event is."""
    return where is None or _match_of(where)(properties, facts)


_Match = Callable[[Mapping[str, Any], Facts], bool]


def _match_of(where: EventCondition) -> _Match:
    """The function that matches events; made once and kept with `where`, as its cached properties are."""
    kept: dict[str, Any] = vars(where)
    made: _Match | None = kept.get("match")
    if made is None:
        made = kept["match"] = _made(where)
    return made


def _made(where: EventCondition) -> _Match:
    match where:
        case PropertyCondition():
            return _property(where)
        case EventSome():
            return _some(where)
        case EventAllOf():
            every = [_match_of(member) for member in where.all]
            return lambda properties, facts: all(member(properties, facts) for member in every)
        case EventAnyOf():
            some = [_match_of(member) for member in where.any]
            return lambda properties, facts: any(member(properties, facts) for member in some)
        case _:
            one = _match_of(where.not_)
            return lambda properties, facts: not one(properties, facts)


def _some(where: EventSome) -> _Match:
    keys, match = where.keys, _match_of(where.where)

    def matched(properties: Mapping[str, Any], facts: Facts) -> bool:
        members = find(properties, keys)
        if not isinstance(members, list | tuple):
            return False
        return any(match(member if isinstance(member, dict) else {}, facts) for member in members)

    return matched


def _property(where: PropertyCondition) -> _Match:
    keys, test, operand = where.keys, TESTS.get(where.operator), where.operand
    if test is None or isinstance(operand, Reference):
        return lambda properties, facts: satisfies(find(properties, keys), where, facts)
    return lambda properties, _: test(find(properties, keys), operand)


def occurrences(condition: OccurrenceCondition, facts: Facts) -> list[EventFact]:
    """The events that the condition counts."""
    where, now = condition.where, facts.now
    earliest = now - condition.within.timedelta if condition.within is not None else BEFORE_ALL
    found = [event for event in facts.events.get(condition.event, ()) if earliest <= event.at <= now]
    if where is None or not found:
        return found
    match = _match_of(where)
    return [event for event in found if match(event.properties, facts)]


def numbers(events: list[EventFact], path: str) -> list[float]:
    """The numbers that the events have at `path`."""
    found = (find(event.properties, keys_of(path)) for event in events)
    return [double(value) for value in found if is_number(value)]


AGGREGATES: Final[Mapping[str, Callable[[list[float]], float | None]]] = {
    "sum": lambda values: round(sum(values), ROUNDED_TO),
    "average": lambda values: round(sum(values) / len(values), ROUNDED_TO) if values else None,
    "max": lambda values: max(values, default=None),
    "min": lambda values: min(values, default=None),
}


def within_bounds(value: float | None, bounds: tuple[tuple[str, float], ...]) -> bool:
    if value is None:
        return False
    for operator, bound in bounds:  # noqa: SIM110 - `all` makes a generator, and this is asked for every event
        if not TESTS[operator](value, bound):
            return False
    return True


def rfm_fits(wanted: str | RfmScores, found: RfmFact) -> bool:
    """Whether the scores are of this group, or within these bounds."""
    if isinstance(wanted, str):
        return found.group == wanted
    return all(within_bounds(getattr(found, name), bounds) for name, bounds in wanted.wanted)


def consent_status(condition: ConsentCondition, facts: Facts) -> str:
    """`yes`, `no` or `unknown`, which is also a yes whose time has passed."""
    status = facts.consents.get(condition.consent)
    if status == "yes" and consent_end(condition, facts) <= facts.now:
        return "unknown"
    return status if status in {"yes", "no"} else "unknown"


def consent_end(condition: ConsentCondition, facts: Facts) -> dt.datetime:
    """When the yes ends by itself that the condition asks about; the end of all time where it does not."""
    return facts.consent_ends.get(condition.consent, FOREVER)


def hindrance(channel: str, facts: Facts, topic: str = MARKETING) -> str | None:
    """Why the gates would refuse a message of the topic on the channel, in the codes of M1; None where they would not.

    What a workspace has set of the topic itself is left to the gates.
    """
    refuses = facts.consents.get(topic) in {"no", "pending"}
    if topic != TRANSACTIONAL and (refuses or not _says_yes(channel, facts)):
        return "no_consent"
    return facts.records.barrier(channel, facts.attributes) if facts.records is not None else "unreachable"


def _says_yes(channel: str, facts: Facts) -> bool:
    return facts.consents.get(channel) == "yes" and facts.consent_ends.get(channel, FOREVER) > facts.now


def run_instants(condition: JourneyCondition, facts: Facts) -> Iterator[dt.datetime]:
    """When she entered the journey, or for `exited` left it, by the runs that the condition is about."""
    for run in facts.records.runs(condition.journey) if facts.records is not None else ():
        if condition.is_ != "exited":
            if condition.is_ != "in" or run.ended_at is None:
                yield run.entered_at
        elif run.ended_at is not None and condition.by in {None, run.outcome}:
            yield run.ended_at


def interest_taken(condition: InterestCondition, facts: Facts) -> tuple[int, list[int]]:
    """How often she took the interest, and at which instants as far as they are kept, all in the window if any.

    An instant that a clock running ahead has brought counts at once.
    """
    records = facts.records
    found = list(records.interests(condition.interest, condition.in_)) if records is not None else []
    if condition.within is None:
        return sum(one.times for one in found), [at for one in found for at in one.recent]
    earliest = microseconds(facts.now) - condition.within.timedelta // _MICROSECOND
    instants = [at for one in found for at in one.recent if at >= earliest]
    return len(instants), instants


def message_instants(condition: MessageCondition, facts: Facts) -> Iterator[dt.datetime]:
    """When messages that the condition means became what it asks for."""
    earliest = facts.now - condition.within.timedelta if condition.within is not None else None
    for message in facts.messages:
        if condition.of == "run" and message.run_id != facts.run_id:
            continue
        if condition.message not in {"any", message.step} or condition.channel not in {None, message.channel}:
            continue
        at = message.times.get(condition.status)
        if at is not None and at <= facts.now and (earliest is None or at >= earliest):
            yield at
