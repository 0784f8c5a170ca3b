"""When time alone takes a score over a threshold or into another band.

Between the instants at which a rule falls below its cap, or an event stops being of the future, a score is
K + A·2^(-t/h): what stands still, and what fades. That moves one way only, so that the instant at which it passes a
height is a logarithm, and the first of them all is the answer.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from math import inf, log2
from typing import Final

from journeyman.customers.scoring.definition import PLACES, EventRule, ScoreModel
from journeyman.customers.scoring.scores import Accumulator, State, fading
from journeyman.language.instants import microseconds

HALF_A_STEP: Final = 0.5 * 10.0**-PLACES
"""A score is shown as reaching a height from this much below it."""
SLACK: Final = 1e-12
"""The answer is for a score that is this much, relative to its parts, nearer to the height: early, never late."""
IMPRECISION: Final = 4
"""Microseconds by which doubles may be wrong about an instant of this century."""
_EARLIEST: Final = timedelta(microseconds=1)


def next_crossing(state: State, model: ScoreModel, now: datetime) -> datetime | None:
    """The next instant at which a threshold or a band can change by time alone, None where none ever will.

    Never later than the true instant; moments earlier at most, so that who finds nothing crossed at it asks again.
    Rules on what holds are taken as they stand.
    """
    return crossing_of(state, model, now, model.levels)


def crossing_of(
    state: State, model: ScoreModel, now: datetime, heights: Sequence[float], category: str | None = None
) -> datetime | None:
    """As `next_crossing`, of any heights, by the score in total or in a category."""
    half_life = model.half_life_us
    if half_life is None or not state.events:
        return None
    at = microseconds(now)
    rules, events = model.condition_rules, model.event_rules
    held = sum(rules[place].points for place in state.held if category in {None, rules[place].category})
    counting = [(events[place], one) for place, one in state.events.items()]
    terms = [_term(one, rule, half_life) for rule, one in counting if category in {None, rule.category}]
    found = next(_crossings(terms, held, at, half_life, heights), None)
    if found is None:
        return None
    return now + max(_EARLIEST, timedelta(microseconds=int(found) - IMPRECISION))


class _Term:
    """A rule's part of the score: `points` up to `begins`, from where on it fades."""

    __slots__ = ("begins", "points")

    def __init__(self, points: float, begins: float) -> None:
        self.points = points
        self.begins = begins


def _term(one: Accumulator, rule: EventRule, half_life_us: float) -> _Term:
    if rule.cap is None or abs(one.points) <= rule.cap:
        return _Term(one.points, one.at)
    sign = 1.0 if one.points > 0 else -1.0
    return _Term(sign * rule.cap, one.at + half_life_us * log2(abs(one.points) / rule.cap))


def _crossings(terms: list[_Term], held: float, at: int, half_life: float, heights: Sequence[float]) -> Iterator[float]:
    """Microseconds from `at` on to each crossing, in order, one for each stretch in which there is one."""
    later = sorted({term.begins for term in terms if term.begins > at})
    for start, end in pairwise([float(at), *later, inf]):
        still = held + sum(term.points for term in terms if term.begins > start)
        fades = sum(term.points * fading(start - term.begins, half_life) for term in terms if term.begins <= start)
        slack = SLACK * (1.0 + abs(held) + sum(abs(term.points) for term in terms))
        shares = [share for height in heights if (share := _share(still, fades, height, slack)) is not None]
        if shares:
            after = start + half_life * -log2(max(shares))
            if after < end:
                yield max(after - at, 0.0)


def _share(still: float, fades: float, height: float, slack: float) -> float | None:
    """What is left of `fades` when still + fades passes the height, as a share of it; None where it never does."""
    edge = height - HALF_A_STEP
    if fades > 0 and still < edge <= still + fades + slack:
        share = (edge + slack - still) / fades
    elif fades < 0 and still + fades - slack < edge <= still + slack:
        share = (edge - slack - still) / fades
    else:
        return None
    return min(max(share, 0.0), 1.0) or None
