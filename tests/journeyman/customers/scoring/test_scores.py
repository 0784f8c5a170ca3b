"""Scores: what counts, what fades, and that the order in which things are learnt does not matter."""

from collections.abc import Mapping
from datetime import timedelta
from math import isclose
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeyman.customers.scoring.definition import ScoreModel, read_model
from journeyman.customers.scoring.scores import (
    Crossing,
    State,
    add,
    add_all,
    empty,
    is_stale,
    judge,
    merge,
    read_state,
    shown,
    tell,
    total_of,
    value,
)
from journeyman.language.evaluation import holds
from journeyman.language.facts import EventFact, Facts
from journeyman.language.readings import matches
from tests.journeyman.customers.scoring.strategies import NOON, histories, models

DAY = timedelta(days=1)


def model(*rules: Mapping[str, Any], **settings: Any) -> ScoreModel:
    return read_model({"score": "interest", "rules": list(rules), **settings})


def event(name: str, days_ago: float = 0, **properties: Any) -> EventFact:
    return EventFact(name, NOON - days_ago * DAY, 0, properties)


VIEWED = {"event": "Product Viewed", "points": 3, "category": "browsing"}


def test_an_event_counts_half_after_the_half_life() -> None:
    fading = model(VIEWED, half_life="30d")
    state = add(empty(fading), event("Product Viewed"), fading)
    assert [value(state, fading, NOON + days * DAY).value for days in (0, 30, 60, 300)] == [3, 1.5, 0.75, 0]


def test_without_a_half_life_nothing_fades() -> None:
    lasting = model(VIEWED)
    state = add(empty(lasting), event("Product Viewed", 3000), lasting)
    assert value(state, lasting, NOON).value == 3


def test_a_cap_bounds_what_a_rule_counts_at_any_time_and_forgets_nothing() -> None:
    capped = model({**VIEWED, "cap": 4}, half_life="1d")
    state = add_all(empty(capped), [event("Product Viewed")] * 4, capped)
    assert [value(state, capped, NOON + days * DAY).value for days in (0, 1, 2, 3)] == [4, 4, 3, 1.5]


def test_a_cap_bounds_what_is_taken_away_as_well() -> None:
    capped = model({"event": "Complained", "points": -30, "cap": 50})
    state = add_all(empty(capped), [event("Complained")] * 3, capped)
    assert value(state, capped, NOON).value == -50


def test_only_events_that_where_means_count_and_are_judged_at_their_own_time() -> None:
    recent = {"property": "released", "within_last": "7d"}
    chosen = model({**VIEWED, "where": {"all": [{"property": "price", "gte": 10}, recent]}})
    released = (NOON - 95 * DAY).isoformat()
    several = [event("Product Viewed", 90, price=price, released=released) for price in (5, 10, 15)]
    state = add_all(empty(chosen), [*several, event("Product Viewed", 0, price=10, released=released)], chosen)
    assert value(state, chosen, NOON).value == 6


def test_what_holds_counts_while_it_holds() -> None:
    fitting = model({"when": {"attribute": "plan", "equals": "pro"}, "points": 10, "category": "fit"}, half_life="1d")
    state = judge(empty(fitting), fitting, Facts(NOON, {"plan": "pro"}))
    assert value(state, fitting, NOON + 90 * DAY).by_category == {"fit": 10}
    assert value(judge(state, fitting, Facts(NOON, {"plan": "free"})), fitting, NOON).value == 0


def test_reasons_tell_what_counts_most_and_what_has_faded() -> None:
    rules = (
        VIEWED,
        {"event": "Order Completed", "points": 50, "cap": 60},
        {"event": "Unsubscribed", "points": -20, "name": "left the newsletter"},
        {"when": {"attribute": "plan", "equals": "pro"}, "points": 10},
    )
    several = model(*rules, half_life="30d")
    past = [event("Product Viewed", 30)] * 3 + [event("Order Completed")] * 2 + [event("Unsubscribed")]
    state = judge(add_all(empty(several), past, several), several, Facts(NOON, {"plan": "pro"}))
    score = value(state, several, NOON)
    assert [reason.text for reason in score.reasons] == [
        "2 x Order Completed: +60, capped",
        "1 x left the newsletter: -20",
        'attribute plan equals "pro": +10',
        "3 x Product Viewed: +4.5, decayed from 9",
    ]
    assert (score.value, score.by_category) == (54.5, {"browsing": 4.5})


def test_every_crossing_is_told_once() -> None:
    levels = {
        "thresholds": [{"at": 5, "name": "ready"}],
        "bands": [{"at": 0, "name": "cold"}, {"at": 2, "name": "hot"}],
    }
    fading = model(VIEWED, half_life="1d", **levels)
    state, told = tell(empty(fading), fading, NOON)
    assert told == ()
    state, told = tell(add_all(state, [event("Product Viewed")] * 2, fading), fading, NOON)
    assert told == (Crossing("reached", "ready"), Crossing("band", "hot"))
    assert tell(state, fading, NOON)[1] == ()
    state, told = tell(state, fading, NOON + DAY)
    assert told == (Crossing("fell_below", "ready"),)
    assert tell(state, fading, NOON + 2 * DAY)[1] == (Crossing("band", "cold"),)


def test_a_threshold_is_compared_with_the_score_as_it_is_shown() -> None:
    fading = model(VIEWED, half_life="30d", thresholds=[{"at": 3, "name": "ready"}])
    state = add(empty(fading), event("Product Viewed"), fading)
    assert value(state, fading, NOON + timedelta(minutes=5)).reached == {"ready"}
    assert value(state, fading, NOON + timedelta(hours=2)).reached == set()


def test_an_event_of_the_future_counts_as_if_it_were_now() -> None:
    fading = model(VIEWED, half_life="1s")
    state = add(empty(fading), event("Product Viewed", -1), fading)
    assert [value(state, fading, NOON + span).value for span in (0 * DAY, DAY, DAY + timedelta(seconds=1))] == [
        3,
        3,
        1.5,
    ]


def test_a_state_rests_on_what_is_counted_and_not_on_what_it_is_called() -> None:
    old = model(VIEWED, half_life="1d")
    same = model({**VIEWED, "name": "looked", "cap": 9}, half_life="24h", bands=[{"at": 1, "name": "warm"}])
    other = model({**VIEWED, "points": 4}, half_life="1d")
    kept = add(empty(old), event("Product Viewed"), old).document()
    assert read_state(kept, same) is not None
    assert (read_state(kept, other), is_stale(kept, other), is_stale(kept, same)) == (None, True, False)
    assert (read_state(None, old), is_stale(None, old)) == (None, False)


@given(models, histories)
def test_a_state_survives_json(some: ScoreModel, past: list[EventFact]) -> None:
    state, _ = tell(add_all(empty(some), past, some), some, NOON)
    assert read_state(orjson.loads(orjson.dumps(state.document())), some) == state


def by_definition(some: ScoreModel, past: list[EventFact], facts: Facts) -> float:
    """The score straight from its definition, in plain seconds, each event by itself."""
    total = sum(rule.points for rule in some.condition_rules.values() if holds(rule.when, facts))
    half_life = some.half_life.timedelta.total_seconds() if some.half_life else float("inf")
    for rule in some.event_rules.values():
        mine = [one for one in past if one.name == rule.event and matches(rule.where, one.properties, facts)]
        latest = max((one.at for one in mine), default=NOON)
        until = max(latest, facts.now)
        points = sum(rule.points * 0.5 ** ((until - one.at).total_seconds() / half_life) for one in mine)
        total += points if rule.cap is None else max(-rule.cap, min(rule.cap, points))
    return total


@given(models, histories, st.integers(0, 4), st.integers(0, 400))
def test_a_score_is_what_its_definition_says(some: ScoreModel, past: list[EventFact], tier: int, days: int) -> None:
    facts = Facts(NOON + days * DAY, {"tier": tier})
    state = judge(add_all(empty(some), past, some), some, facts)
    expected = by_definition(some, past, facts)
    score = value(state, some, facts.now)
    assert isclose(score.total, expected, rel_tol=1e-9, abs_tol=1e-9)
    assert isclose(total_of(state, some, facts.now), expected, rel_tol=1e-9, abs_tol=1e-9)


@given(models, histories, st.data())
def test_order_and_grouping_do_not_matter(some: ScoreModel, past: list[EventFact], data: st.DataObject) -> None:
    in_order = add_all(empty(some), sorted(past, key=lambda one: one.at), some)
    shuffled = data.draw(st.permutations(past))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(past)), min_size=2, max_size=2)))
    parts = [shuffled[: cuts[0]], shuffled[cuts[0] : cuts[1]], shuffled[cuts[1] :]]
    one, two, three = (add_all(empty(some), part, some) for part in parts)
    for state in (
        add_all(empty(some), shuffled, some),
        merge(merge(one, two, some), three, some),
        merge(one, merge(two, three, some), some),
        merge(three, merge(two, one, some), some),
    ):
        assert_same(state, in_order)


def assert_same(state: State, other: State) -> None:
    assert state.events.keys() == other.events.keys()
    for place, one in state.events.items():
        two = other.events[place]
        assert (one.at, one.count) == (two.at, two.count)
        assert isclose(one.points, two.points, rel_tol=1e-9, abs_tol=1e-9)


@pytest.mark.parametrize(
    ("total", "height"), [(1.625, 1.63), (2.675, 2.68), (-1.625, -1.63), (1.624, 1.62), (-0.001, 0.0)]
)
def test_a_half_is_rounded_away_from_nothing_as_the_databases_do_it(total: float, height: float) -> None:
    assert shown(total) == height
