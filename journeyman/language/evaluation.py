"""Judging conditions for one customer, in memory: `holds` decides, `judge` tells why, `needs` what has to be loaded.

The meaning of the operators stands in `operators`. Nothing here looks at a clock: `facts.now` is the present.
"""

from collections.abc import Callable
from typing import Any, Final

from journeyman.language.comparisons import AttributeCondition, ContextCondition, EntryCondition
from journeyman.language.conditions import (
    AllOf,
    AnyOf,
    Condition,
    ConsentCondition,
    MessageCondition,
    Not,
    OccurrenceCondition,
)
from journeyman.language.facts import EventFact, Facts, MessageFact
from journeyman.language.needs import Needs, needs
from journeyman.language.paths import find
from journeyman.language.readings import (
    AGGREGATES,
    consent_status,
    matches,
    message_instants,
    numbers,
    occurrences,
    satisfies,
    within_bounds,
)
from journeyman.language.verdicts import Verdict, judge

__all__ = ["EventFact", "Facts", "MessageFact", "Needs", "Verdict", "holds", "judge", "matches", "needs"]


def holds(condition: Condition, facts: Facts) -> bool:
    """Whether the condition holds for the customer that `facts` describe."""
    return _JUDGES[type(condition)](condition, facts)


def _all(condition: AllOf, facts: Facts) -> bool:
    return all(holds(member, facts) for member in condition.all)


def _any(condition: AnyOf, facts: Facts) -> bool:
    return any(holds(member, facts) for member in condition.any)


def _not(condition: Not, facts: Facts) -> bool:
    return not holds(condition.not_, facts)


def _attribute(condition: AttributeCondition, facts: Facts) -> bool:
    return satisfies(find(facts.attributes, condition.keys), condition, facts)


def _entry(condition: EntryCondition, facts: Facts) -> bool:
    return satisfies(find(facts.entry, condition.keys), condition, facts)


def _context(condition: ContextCondition, facts: Facts) -> bool:
    return satisfies(find(facts.context, condition.keys), condition, facts)


def _events(condition: OccurrenceCondition, facts: Facts) -> bool:
    found = occurrences(condition, facts)
    if condition.only_asks_for_one:
        return next(found, None) is not None
    events = list(found)
    return within_bounds(len(events), condition.bounds) and all(
        within_bounds(AGGREGATES[name](numbers(events, aggregate.property)), aggregate.bounds)
        for name, aggregate in condition.aggregates
    )


def _consent(condition: ConsentCondition, facts: Facts) -> bool:
    return consent_status(condition, facts) == condition.is_


def _message(condition: MessageCondition, facts: Facts) -> bool:
    return next(message_instants(condition, facts), None) is not None


_JUDGES: Final[dict[type, Callable[[Any, Facts], bool]]] = {
    AllOf: _all,
    AnyOf: _any,
    Not: _not,
    AttributeCondition: _attribute,
    EntryCondition: _entry,
    ContextCondition: _context,
    OccurrenceCondition: _events,
    ConsentCondition: _consent,
    MessageCondition: _message,
}
