"""O3, O5, O8 and O7 as far as they are a matter of chance: who is given which arm."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeyman.intelligence.sample_ratio import ratio_probability
from journeyman.journeys.experiments.assignment import Experiment, assign, experiment_id
from journeyman.language.steps.split import Split

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PEOPLE = [f"cus_{number}" for number in range(20_000)]


def experiment(winner: str | None = None, shares: dict[str, float] | None = None, **parts: Any) -> Experiment:
    arms = parts.pop("arms", [{"key": "a"}, {"key": "b"}])
    split = Split.model_validate({"arms": arms, **parts})
    return Experiment("exp", "cart", "offer", "running", split, 1, NOON, NOON, winner=winner, shares=shares)


def drawn(one: Experiment) -> dict[str, str]:
    return {person: assign(one, person, None).arm for person in PEOPLE}


WEIGHTS = [
    {"arms": [{"key": "a"}, {"key": "b"}]},
    {"arms": [{"key": "a", "weight": 90}, {"key": "b", "weight": 10}]},
    {"arms": [{"key": "a", "weight": 5}, {"key": "b", "weight": 3}, {"key": "c", "weight": 2}], "holdout": 10},
]


@pytest.mark.parametrize("parts", WEIGHTS)
def test_o3_arms_are_given_by_their_weights(parts: dict[str, Any]) -> None:
    one = experiment(**parts)
    assert ratio_probability(Counter(drawn(one).values()), one.split.weights) > 0.001


def test_o3_the_same_customer_always_gets_the_same_arm_and_another_salt_draws_anew() -> None:
    assert drawn(experiment()) == drawn(experiment())
    spring, autumn = drawn(experiment(salt="spring")), drawn(experiment(salt="autumn"))
    same = sum(spring[person] == autumn[person] for person in PEOPLE)
    assert abs(same / len(PEOPLE) - 0.5) < 0.02


def test_o3_the_arm_of_one_split_tells_nothing_of_that_of_another() -> None:
    first, second = experiment(), Experiment("e", "cart", "other", "running", experiment().split, 1, NOON, NOON)
    together = Counter((assign(first, person, None).arm, assign(second, person, None).arm) for person in PEOPLE)
    quarters = dict.fromkeys((("a", "a"), ("a", "b"), ("b", "a"), ("b", "b")), 0.25)
    counts = {str(pair): number for pair, number in together.items()}
    assert ratio_probability(counts, {str(pair): share for pair, share in quarters.items()}) > 0.001


def test_o3_who_had_an_arm_keeps_it_whatever_the_weights_have_become() -> None:
    lopsided = experiment(arms=[{"key": "a", "weight": 1}, {"key": "b", "weight": 999}])
    assert {assign(lopsided, person, "a").arm for person in PEOPLE[:100]} == {"a"}
    assert assign(lopsided, PEOPLE[0], "a").how == "kept"


def test_o5_after_a_decision_all_go_to_the_winner_but_for_the_share_that_explores() -> None:
    rule = {"metric": "open", "after": "1d", "explore": 0.2}
    one = _decided("b", rule)
    found = [assign(one, person, None) for person in PEOPLE]
    assert abs(sum(given.arm == "a" for given in found) / len(PEOPLE) - 0.1) < 0.01
    assert abs(sum(given.how == "winner" for given in found) / len(PEOPLE) - 0.8) < 0.01
    assert {given.arm: round(given.propensity, 9) for given in found} == {"a": 0.1, "b": 0.9}


def _decided(winner: str, rule: dict[str, Any], **parts: Any) -> Experiment:
    split = Split.model_validate({"arms": [{"key": "a"}, {"key": "b"}], "winner": rule, **parts})
    return Experiment("exp", "cart", "offer", "decided", split, 1, NOON, NOON, winner=winner)


def test_o5_who_does_not_explore_goes_to_the_winner_also_when_she_had_another_arm() -> None:
    one = _decided("b", {"metric": "open", "after": "1d"})
    assert {assign(one, person, "a").arm for person in PEOPLE[:50]} == {"b"}


def test_o7_a_holdout_stays_one_after_the_decision() -> None:
    one = _decided("b", {"metric": "open", "after": "1d"}, holdout=20)
    found = Counter(assign(one, person, None).arm for person in PEOPLE)
    assert set(found) == {"b", "holdout"}
    assert abs(found["holdout"] / len(PEOPLE) - 0.2) < 0.01


@given(st.floats(0, 1), st.floats(0, 0.5), st.booleans())
def test_o3_propensities_come_to_one(share: float, explore: float, is_decided: bool) -> None:
    rule = {"metric": "open", "after": "1d", "explore": explore}
    split = Split.model_validate({"arms": [{"key": "a"}, {"key": "b"}], "winner": rule, "holdout": 10})
    shares = {"a": share, "b": 1 - share}
    one = Experiment("e", "c", "o", "", split, 1, NOON, NOON, winner="a" if is_decided else None, shares=shares)
    found = {given.arm: given.propensity for given in (assign(one, person, None) for person in PEOPLE[:100])}
    left = {"a", "b", "holdout"} - found.keys()
    assert sum(found.values()) == pytest.approx(1) or (left and sum(found.values()) < 1)


def test_o8_an_experiment_is_its_arms_and_salt_not_their_weights_or_the_rule() -> None:
    def of(**parts: Any) -> str:
        return experiment_id("cart", "offer", experiment(**parts).split)

    plain = of()
    assert of(arms=[{"key": "b", "weight": 3}, {"key": "a"}]) == plain
    assert of(sticky=False) == plain
    assert len({plain, of(salt="new"), of(arms=[{"key": "a"}, {"key": "c"}]), of(holdout=5)}) == 4
