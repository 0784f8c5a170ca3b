"""Segments that would answer one another for ever: what tells may rest on nothing that hears of segments."""

from collections.abc import Collection, Mapping

from journeyman.customers.segments.definition import hears_of_segments, segments_named
from journeyman.customers.segments.repository import Kept
from journeyman.language.conditions import CONDITION, Condition


def condition_of(kept: Kept) -> Condition | None:
    """The condition of a segment as it stands; None where it is kept by hand."""
    return CONDITION.validate_python(kept.condition) if kept.condition is not None else None


def echoes(conditions: Mapping[str, Condition | None], telling: Collection[str]) -> list[str]:
    """Those of the `telling` segments that rest on the events by which segments tell, be it by way of others."""
    hearing = {name for name, condition in conditions.items() if hears_of_segments(condition)}
    while more := {name for name, one in conditions.items() if segments_named(one) & hearing} - hearing:
        hearing |= more
    return sorted(hearing.intersection(telling))
