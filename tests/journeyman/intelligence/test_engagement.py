"""Likelihood to engage and to leave, in worlds of which the truth is known."""

import math
from functools import partial

import numpy as np
import pytest

from journeyman.intelligence.engagement import MINIMA, Engagement, Lately, learn

SEEDS = range(5)
World = tuple[list[tuple[Lately, bool]], list[float]]
A, B = 2.0, 18.0
"""How the customers' own rates are spread."""


def world(seed: int, number: int = 12_000, *, signal: bool = True) -> World:
    """Messages and how probable an answer was; who was sent much of late answers less, who clicked of late more."""
    chance = np.random.default_rng(seed)
    messages, truths = [], []
    for _ in range(number):
        own = chance.beta(A, B) if signal else A / (A + B)
        sent_90 = int(chance.integers(3, 40))
        sent_28 = int(chance.binomial(sent_90, 0.35))
        sent_7 = int(chance.binomial(sent_28, 0.3))
        clicked_90 = int(chance.binomial(sent_90, own))
        clicked_28 = int(chance.binomial(clicked_90, 0.35))
        height = math.log(own / (1 - own))
        if signal:
            height += 0.8 * math.log1p(clicked_28) - 0.7 * math.log1p(sent_7)
        truth = 1 / (1 + math.exp(-height))
        rate = (A + clicked_90) / (A + B + sent_90) if signal else A / (A + B)
        opened = (clicked_28, clicked_90)
        lately = Lately(rate, (sent_7, sent_28, sent_90), (clicked_28, clicked_90), opened)
        messages.append((lately, bool(chance.random() < truth)))
        truths.append(truth)
    return messages, truths


def loss(found: Engagement, known: World) -> float:
    """The expected logarithmic loss, by the truth."""
    messages, truths = known
    chances = np.array([found.chance(one) for one, _ in messages])
    truth = np.array(truths)
    return float(-np.mean(truth * np.log(chances) + (1 - truth) * np.log1p(-chances)))


BASELINE = Engagement(None, 0.0, 0, 0.0, 0.0)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_happened_of_late_beats_the_own_rate_and_is_calibrated(seed: int) -> None:
    found = learn(world(seed)[0])
    fresh = world(seed + 100, 4000)
    assert found.weights is not None
    assert found.loss < found.baseline_loss
    oracle = -np.mean([one * math.log(one) + (1 - one) * math.log1p(-one) for one in fresh[1]])
    gained = (loss(BASELINE, fresh) - loss(found, fresh)) / (loss(BASELINE, fresh) - oracle)
    assert gained > 0.3
    told = [found.chance(one) for one, _ in fresh[0]]
    assert sum(told) == pytest.approx(sum(fresh[1]), rel=0.08)


@pytest.mark.parametrize("seed", SEEDS)
def test_without_signal_the_answer_is_the_baseline(seed: int) -> None:
    known = world(seed, signal=False)
    found = learn(known[0])
    assert found.weights is None
    assert loss(found, known) == loss(BASELINE, known)


def test_more_messages_of_late_tire_and_are_the_first_reason() -> None:
    found = learn(world(1)[0])
    usual = partial(Lately, 0.1, clicked=(0, 1))
    tired, fresh = usual(sent=(9, 10, 12)), usual(sent=(0, 10, 12))
    assert found.chance(tired) < found.chance(fresh) / 2
    assert found.reasons(tired, fresh)[0][0] == "sent_7"


def test_poison_moves_nobody_by_more_than_a_hundredth() -> None:
    messages, _ = world(2)
    broken = [(Lately(rate, (10**6,) * 3, (10**6,) * 2, (10**6,) * 2), False) for rate in (math.nan, 0.9, 0.9)]
    poison: list[tuple[Lately, bool]] = [*broken]
    before, after = learn(messages), learn([*poison, *messages])
    assert max(abs(before.chance(one) - after.chance(one)) for one, _ in messages) < 0.01


@pytest.mark.parametrize("did", [False, True])
def test_where_all_are_alike_or_nothing_differs_it_learns_without_a_crash(did: bool) -> None:
    found = learn([(Lately(0.1), did)] * 100)
    assert 0 < found.chance(Lately(0.1)) < 1


def test_what_was_learnt_is_kept_and_read_again() -> None:
    found = learn(world(3, 4000)[0])
    assert Engagement.from_json(found.to_json()) == found
    assert Engagement.from_json(BASELINE.to_json()) == BASELINE


def test_below_the_minimum_it_is_told_what_is_missing() -> None:
    assert MINIMA["email"].missing(1000, 10, 100) is None
    assert MINIMA["sms"].missing(900, 150, 0) == (
        "not enough data: needs 1,000 messages, 100 clicks and 0 opens in 7 days, has 900, 150 and 0"
    )
