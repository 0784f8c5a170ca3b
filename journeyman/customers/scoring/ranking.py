"""In which order customers come by a score, at any time, out of an index that time does not change.

Where everything fades by one half-life h, what was ahead stays ahead: Σ p·2^((t_i - t)/h) is 2^(s - t/h) with
s = log2 Σ p·2^(t_i/h), which only an event changes. So `rank` is -s over the rules that give points, before their caps,
and `held` what the rules that hold give or take. At any time a score is then at most held + 2^(s - t/h): caps, rules
that take points and events of the future only make it less. Customers with one `held` stand in the index in the order
of that bound; who reads each such stretch of the index from its beginning, reckons exactly whom he meets, and stops
where no bound reaches the worst of the best n, has the best n.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import log2
from typing import Final

from journeyman.customers.scoring.definition import ScoreModel
from journeyman.customers.scoring.scores import Score, State, fading, shown
from journeyman.language.instants import microseconds

EPOCH: Final = microseconds(datetime(2020, 1, 1, tzinfo=UTC))
NOBODY: Final = 1e300
"""The rank of who has no points from events."""
SLACK: Final = 1e-6
"""How far a rank may be off for want of digits, as a share of the points: 2^31 half-lives leave 22 binary places."""

Key = tuple[float, float, float]
"""What customers are ordered by: the score negated, then the rank, then `held` negated."""


@dataclass(frozen=True, slots=True)
class Rank:
    """Where a customer stands in the index."""

    held: float
    rank: float


@dataclass(frozen=True, slots=True)
class Ranked:
    """One of the best: her score, in total or in the category that was asked for."""

    customer_id: str
    value: float
    score: Score


def rank_of(state: State, model: ScoreModel, category: str | None = None) -> Rank:
    """The place of a state in total, or in a category."""
    holding = [model.condition_rules[place] for place in sorted(state.held)]
    held = sum(rule.points for rule in holding if category in {None, rule.category}) + 0.0
    giving = [
        one
        for place, one in sorted(state.events.items())
        if one.points > 0 and category in {None, model.event_rules[place].category}
    ]
    if not giving:
        return Rank(held, NOBODY)
    newest = max(one.at for one in giving)
    points = sum(one.points * fading(newest - one.at, model.half_life_us) for one in giving)
    return Rank(held, -(log2(points) + _half_lives(newest, model)))


def ranks_of(state: State, model: ScoreModel) -> Mapping[str, Rank]:
    """Every place of a state, by category; in total under the empty one."""
    return {"": rank_of(state, model), **{name: rank_of(state, model, name) for name in model.categories}}


def bound(rank: Rank, model: ScoreModel, category: str | None, now: datetime) -> float:
    """What a customer of this rank has at the most at `now`."""
    points = 0.0
    if rank.rank < NOBODY:
        points = 2.0 ** min(-rank.rank - _half_lives(microseconds(now), model), 1000.0) * (1 + SLACK)
    rules = [rule for rule in model.event_rules.values() if rule.points > 0 and category in {None, rule.category}]
    caps = [rule.cap for rule in rules if rule.cap is not None]
    if len(caps) == len(rules):
        points = min(points, sum(caps))
    return rank.held + points


def bound_key(rank: Rank, model: ScoreModel, category: str | None, now: datetime) -> Key:
    """Nobody of this rank or a later one with the same `held` comes before this."""
    return -shown(bound(rank, model, category, now)), rank.rank, -rank.held


def value_of(score: Score, category: str | None) -> float:
    """The score in total or in a category, as it is shown."""
    return score.value if category is None else shown(score.by_category.get(category, 0.0))


def _half_lives(at: int, model: ScoreModel) -> float:
    """The time since 2020 in half-lives; where nothing fades, time makes no difference."""
    return 0.0 if model.half_life_us is None else (at - EPOCH) / model.half_life_us
