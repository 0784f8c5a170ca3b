"""The instant at which time alone moves a score over a height: never later than it is, and not idly early."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from journeyman.customers.scoring.crossings import next_crossing
from journeyman.customers.scoring.definition import ScoreModel, read_model
from journeyman.customers.scoring.scores import State, add_all, empty, judge, standing, total_of
from journeyman.language.facts import EventFact, Facts
from tests.journeyman.customers.scoring.strategies import NOON, histories, models

DAY = timedelta(days=1)
AGES = timedelta(days=200_000)
"""More half-lives than any number of points lasts."""


def where(state: State, model: ScoreModel, at: datetime) -> object:
    return standing(total_of(state, model, at), model)


def between(start: datetime, end: datetime) -> list[datetime]:
    """Instants from start to just before the end, close together at both."""
    span = (end - start) // timedelta(microseconds=1)
    steps = {span * share // 64 for share in range(64)} | {span - 2**power for power in range(span.bit_length())}
    steps |= {2**power for power in range(span.bit_length())}
    return [start + timedelta(microseconds=step) for step in sorted(steps) if 0 <= step < span]


@given(models, histories, st.integers(0, 4))
def test_nothing_is_crossed_before_it(model: ScoreModel, past: list[EventFact], tier: int) -> None:
    state = judge(add_all(empty(model), past, model), model, Facts(NOON, {"tier": tier}))
    crossing = next_crossing(state, model, NOON)
    before = where(state, model, NOON)
    assert crossing is None or crossing > NOON
    for instant in between(NOON, crossing or NOON + AGES):
        assert where(state, model, instant) == before, instant - NOON


@given(models, histories)
def test_who_waits_for_it_a_few_times_sees_every_change(model: ScoreModel, past: list[EventFact]) -> None:
    """Nobody is woken for nothing without end: the state at the end of time is reached in so many steps."""
    state = add_all(empty(model), past, model)
    instant, woken, moved = NOON, 0, 0
    seen = where(state, model, instant)
    while (crossing := next_crossing(state, model, instant)) is not None:
        # Who keeps the times looks once a second at the most.
        instant = max(crossing, instant + timedelta(seconds=1))
        now = where(state, model, instant)
        woken, moved, seen = woken + 1, moved + (now != seen), now
        assert woken <= 12 * (moved + 1), (instant - NOON, woken, moved)
    assert where(state, model, NOON + AGES) == seen


def test_a_capped_rule_waits_until_it_has_fallen_below_its_cap() -> None:
    rule = {"event": "Viewed", "points": 10, "cap": 20}
    model = read_model({"score": "s", "half_life": "1d", "rules": [rule], "thresholds": [{"at": 20, "name": "top"}]})
    state = add_all(empty(model), [EventFact("Viewed", NOON, 0, {})] * 4, model)
    crossing = next_crossing(state, model, NOON)
    assert crossing is not None
    assert timedelta(0) < crossing - (NOON + DAY) < timedelta(minutes=1)


def test_what_was_taken_away_fades_and_lifts_the_score() -> None:
    rules = [{"event": "Bought", "points": 10}, {"event": "Left", "points": -10}]
    model = read_model({"score": "s", "rules": rules, "bands": [{"at": 1, "name": "warm"}], "half_life": "1d"})
    past = [EventFact("Bought", NOON, 0, {}), EventFact("Left", NOON - 7 * DAY, 0, {})]
    assert next_crossing(add_all(empty(model), past, model), model, NOON) is not None
    alone = read_model(
        {**model.document(), "rules": [{"when": {"attribute": "a", "exists": False}, "points": 5}, rules[1]]}
    )
    state = judge(add_all(empty(alone), [past[1]] * 100, alone), alone, Facts(NOON, {}))
    rises = next_crossing(state, alone, NOON)
    assert rises is not None
    assert where(state, alone, NOON) == (frozenset(), None)
    assert where(state, alone, rises + timedelta(seconds=1)) == (frozenset(), "warm")


def test_nothing_fades_without_a_half_life() -> None:
    model = read_model(
        {"score": "s", "rules": [{"event": "Viewed", "points": 1}], "bands": [{"at": 1, "name": "warm"}]}
    )
    state = add_all(empty(model), [EventFact("Viewed", NOON, 0, {})], model)
    assert next_crossing(state, model, NOON) is None
