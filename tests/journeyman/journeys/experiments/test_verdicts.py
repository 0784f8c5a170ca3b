"""O4, O5: when an arm has won, and what may not be decided. The truth is known here, and chance is seeded."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from journeyman.journeys.experiments.assignment import Experiment
from journeyman.journeys.experiments.repository import ArmCount
from journeyman.journeys.experiments.verdicts import Outcomes, Verdict, bandit_shares, judge
from journeyman.language.steps.split import Split

BEGAN = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = BEGAN + timedelta(days=30)
RULE = {"metric": "order", "after": "3d", "minimum": 500}


def experiment(rule: dict[str, Any] | None = None, *, arms: int = 2, **parts: Any) -> Experiment:
    document: dict[str, Any] = {"arms": [{"key": key} for key in "abcde"[:arms]], "winner": {**RULE, **(rule or {})}}
    split = Split.model_validate({**document, **parts})
    return Experiment("exp", "cart", "offer", "running", split, 1, BEGAN, BEGAN)


def counts(*arms: tuple[int, int], customers: int | None = None) -> Outcomes:
    """(matured, converted) of each arm."""
    keys = "abcde"
    return Outcomes([ArmCount(keys[i], customers or one, one, two) for i, (one, two) in enumerate(arms)])


CLEAR = counts((4000, 400), (4000, 560))


def test_o4_an_arm_that_is_certain_probable_and_cheap_wins() -> None:
    verdict = judge(experiment(), CLEAR, LATER)
    assert (verdict.reason, verdict.chosen, verdict.best_guess, verdict.significant) == ("won", "b", "b", "b")
    won = next(one for one in verdict.arms if one.arm == "b")
    assert won.best is not None
    assert won.best > 0.95
    assert won.loss is not None
    assert won.loss < 0.01


def test_o4_less_than_a_week_of_customers_decides_nothing() -> None:
    early = BEGAN + timedelta(days=9, hours=23)
    assert judge(experiment(), CLEAR, early).reason == "first_week"
    assert judge(experiment(), CLEAR, early + timedelta(hours=1)).chosen == "b"


def test_o4_every_arm_needs_the_minimum_of_customers() -> None:
    verdict = judge(experiment(), counts((4000, 40), (499, 400), customers=4000), LATER)
    assert (verdict.reason, verdict.best_guess, verdict.significant, verdict.chosen) == ("not_enough", None, None, None)


def test_o4_a_best_guess_is_not_called_significant() -> None:
    verdict = judge(experiment(), counts((1000, 100), (1000, 110)), LATER)
    assert (verdict.best_guess, verdict.significant, verdict.reason) == ("b", None, "undecided")


def test_o4_arms_of_sizes_that_are_no_accident_stop_the_decision() -> None:
    broken = counts((4600, 460), (4000, 600))
    verdict = judge(experiment({"deadline": "10d", "then": "best"}), broken, LATER)
    assert verdict.reason == "sample_ratio"
    assert verdict.sample_ratio is not None
    assert verdict.sample_ratio < 0.001
    assert (verdict.best_guess, verdict.significant, verdict.chosen) == (None, None, None)


@pytest.mark.parametrize(("then", "chosen"), [("best", "b"), ("control", "a"), ("keep", None)])
def test_o4_at_the_deadline_the_author_has_said_what_follows(then: str, chosen: str | None) -> None:
    one = experiment({"deadline": "20d", "then": then})
    close = counts((1000, 100), (1000, 110))
    assert judge(one, close, BEGAN + timedelta(days=19)).reason == "undecided"
    verdict = judge(one, close, BEGAN + timedelta(days=20))
    assert (verdict.reason, verdict.chosen) == ("deadline", chosen)


def test_o4_with_nobody_to_go_by_the_best_is_the_control() -> None:
    verdict = judge(experiment({"deadline": "20d", "then": "best"}), counts((0, 0), (0, 0)), LATER)
    assert verdict.chosen == "a"


def test_o7_a_holdout_never_wins_and_is_compared() -> None:
    one = experiment(holdout=10)
    found = Outcomes(
        [ArmCount("a", 4500, 4500, 450), ArmCount("b", 4500, 4500, 600), ArmCount("holdout", 1000, 1000, 900)]
    )
    verdict = judge(one, found, LATER)
    assert verdict.chosen == "b"
    held = verdict.arms[-1]
    assert (held.arm, held.holdout, held.rate, held.best, held.lift) == ("holdout", True, 0.9, None, None)
    lift = verdict.arms[0].lift
    assert lift is not None
    assert lift.difference == pytest.approx(0.1 - 0.9)
    assert lift.low < lift.difference < lift.high < -0.7


def test_o5_what_has_won_may_lose_again() -> None:
    split = experiment({"explore": 0.2}).split
    decided = Experiment("exp", "cart", "offer", "decided", split, 1, BEGAN, BEGAN, winner="a")
    verdict = judge(decided, CLEAR, LATER)
    assert (verdict.reason, verdict.chosen) == ("won", "b")


def test_o4_revenue_is_capped_in_every_arm_alike() -> None:
    amounts = [("a", 10.0)] * 400 + [("b", 10.0)] * 399 + [("b", 1_000_000.0)]
    found = Outcomes([ArmCount("a", 4000, 4000, 400), ArmCount("b", 4000, 4000, 400)], amounts)
    verdict = judge(experiment({"metric": "revenue"}), found, LATER)
    assert [one.revenue for one in verdict.arms] == [1.0, 1.0]
    assert verdict.significant is None


def test_o4_more_revenue_wins() -> None:
    chance = random.Random(3)
    amounts = [("a", chance.expovariate(1 / 40)) for _ in range(800)]
    amounts += [("b", chance.expovariate(1 / 60)) for _ in range(800)]
    found = Outcomes([ArmCount("a", 8000, 8000, 800), ArmCount("b", 8000, 8000, 800)], amounts)
    assert judge(experiment({"metric": "revenue"}), found, LATER).chosen == "b"


def daily(rates: list[float], seed: int, *, days: int = 30, a_day: int = 120) -> Verdict | None:
    """The decision of an experiment that is judged every day; None where there is none."""
    chance = random.Random(seed)
    one = experiment(arms=len(rates))
    matured, converted = [0] * len(rates), [0] * len(rates)
    for day in range(1, days + 1):
        matured = [number + a_day for number in matured]
        more = [sum(chance.random() < rate for _ in range(a_day)) for rate in rates]
        converted = [before + number for before, number in zip(converted, more, strict=True)]
        found = judge(one, counts(*zip(matured, converted, strict=True)), BEGAN + timedelta(days=day + 3))
        if found.chosen is not None:
            return found
    return None


def test_o4_of_equal_arms_hardly_one_wins_though_they_are_judged_every_day() -> None:
    trials = 80
    false = sum(daily([0.1, 0.1], seed) is not None for seed in range(trials))
    assert false / trials <= 0.05


def test_o4_the_right_arm_wins_at_least_as_often_as_was_promised() -> None:
    decided = [found for seed in range(60) if (found := daily([0.1, 0.13], seed)) is not None]
    assert len(decided) >= 40
    assert sum(found.chosen == "b" for found in decided) / len(decided) >= 0.95


def test_a_bandit_gives_more_to_what_does_well_and_something_to_all() -> None:
    one = experiment(winner=None, bandit={"metric": "open", "after": "1d", "explore": 0.2})
    shares = bandit_shares(one, judge(one, counts((1000, 100), (1000, 150)), LATER))
    assert shares is not None
    assert shares["b"] > 0.85
    assert shares["a"] >= 0.1
    assert sum(shares.values()) == pytest.approx(1)
    assert judge(one, counts((10, 1), (1000, 150)), LATER).sample_ratio is None


def test_a_bandit_that_knows_nothing_is_even() -> None:
    for metric in ("open", "revenue"):
        one = experiment(winner=None, bandit={"metric": metric, "after": "1d"})
        assert bandit_shares(one, judge(one, counts((0, 0), (0, 0)), LATER)) == pytest.approx({"a": 0.5, "b": 0.5})
