"""O2 in a world of which the truth is known: what the chosen channels bring, beside what the best ones would."""

from collections import defaultdict
from functools import partial

import pytest

from journeyman.intelligence.channel_choice import LOADS, Moments, Prior, Seen, Worth, choose
from tests.journeyman.intelligence.world import COSTS, Answerer, answerers

WORTH = Worth(1.0, COSTS)
SEEDS = range(5)
NO_DRAW = (0.5, 0.5)


def priors(people: list[Answerer]) -> dict[str, Prior]:
    moments: dict[str, Moments] = defaultdict(Moments)
    for one in people:
        for name, sent in one.sent.items():
            if sent:
                moments[name].add(sent, one.clicked[name])
    return {name: found.prior() for name, found in moments.items()}


def value(one: Answerer, name: str) -> float:
    return WORTH.of(name, one.chances[name])


def raw(one: Answerer, name: str) -> float:
    """Clicks over messages, as products for beginners rank channels; of a channel without messages nothing."""
    return WORTH.of(name, one.clicked[name] / one.sent[name]) if one.sent[name] else -1.0


def shares(seed: int, sends: int, *, signal: bool = True) -> dict[str, float]:
    """What each way of choosing brings, as a share of what the best channels would."""
    people = answerers(seed, 4000, sends, signal=signal)
    known = priors(people)
    everybody = {name: WORTH.of(name, prior.chance(Seen())) for name, prior in known.items()}
    brought: dict[str, float] = defaultdict(float)
    for one in people:
        reached = one.reached_on
        seen = {name: Seen(one.sent[name], one.clicked[name]) for name in reached}
        brought["oracle"] += max(value(one, name) for name in reached)
        brought["everybody"] += value(one, max(reached, key=lambda name: everybody[name]))
        brought["raw ratio"] += value(one, max(reached, key=partial(raw, one)))
        brought["own"] += value(one, choose(reached, seen, known, WORTH, NO_DRAW).channel)
        for draw in range(20):
            taken = choose(reached, seen, known, WORTH, ((draw + 0.5) / 20, (draw * 7 % 20) / 20)).channel
            brought["with exploration"] += value(one, taken) / 20
    return {name: total / brought["oracle"] for name, total in brought.items()}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("sends", [10, 40])
def test_o2_own_answers_bring_more_than_the_raw_ratio_and_than_everybodys_best(seed: int, sends: int) -> None:
    found = shares(seed, sends)
    assert found["own"] > found["raw ratio"] + 0.008
    assert found["own"] > found["everybody"] + 0.05
    assert found["with exploration"] > found["own"] - 0.035
    assert sends > 10 or found["with exploration"] > found["raw ratio"] + 0.05


@pytest.mark.parametrize("seed", SEEDS)
def test_o2_where_everybody_is_alike_own_answers_say_nothing(seed: int) -> None:
    found = shares(seed, 10, signal=False)
    assert found["own"] == pytest.approx(found["everybody"], abs=0.005)
    assert found["own"] > found["raw ratio"]


def test_o2_the_spread_of_customers_is_found_again() -> None:
    people = answerers(3, 8000, 60)
    found = priors(people)
    assert found["email"].a / (found["email"].a + found["email"].b) == pytest.approx(1.2 / 19.2, rel=0.05)
    assert found["email"].a + found["email"].b == pytest.approx(19.2, rel=0.25)
    assert found["sms"].a + found["sms"].b == pytest.approx(11.0, rel=0.25)


def test_o2_one_customer_with_a_million_messages_moves_nobody_else_by_more_than_a_hundredth() -> None:
    people = answerers(2, 4000, 20)
    before = priors(people)
    people.append(Answerer({"email": 1.0}, {"email": 1_000_000}, {"email": 1_000_000}))
    after = priors(people)
    assert {**after, "email": None} == {**before, "email": None}
    for seen in (Seen(), Seen(10, 1), Seen(40, 4)):
        assert 0 <= after["email"].chance(seen) - before["email"].chance(seen) < 0.01


def test_o2_a_channel_that_tires_goes_behind_one_that_does_not() -> None:
    tired = Prior(1.0, 9.0, 1000, (1.0, 0.8, 0.6, 0.4, 0.2))
    fresh = Prior(0.8, 9.2, 1000)
    known = {"push": tired, "email": fresh}
    assert choose(["push", "email"], {}, known, Worth(), NO_DRAW).channel == "push"
    assert choose(["push", "email"], {"push": Seen(lately=2)}, known, Worth(), NO_DRAW).channel == "email"


def test_o2_tiredness_is_learnt_and_messages_refresh_nobody() -> None:
    moments = Moments()
    moments.add(100, 10)
    moments.clicks_by_load = [400.0, 300.0, 150.0, 900.0, 10.0]
    moments.expected_by_load = [400.0, 400.0, 400.0, 400.0, 10.0]
    tired = moments.prior().tired
    assert tired[0] == 1.0
    assert list(tired) == sorted(tired, reverse=True)
    assert tired[2] < 0.5
    assert len(tired) == len(LOADS)


def test_o2_what_is_dear_has_to_bring_more() -> None:
    known = {"sms": Prior(2.0, 8.0, 1000), "email": Prior(1.5, 8.5, 1000)}
    assert choose(["email", "sms"], {}, known, Worth(), NO_DRAW).channel == "sms"
    assert choose(["email", "sms"], {}, known, Worth(1.0, {"sms": 0.06}), NO_DRAW).channel == "email"


def test_o2_of_two_that_are_as_good_the_authors_first_is_taken() -> None:
    same = {name: Prior(1.0, 9.0, 1000) for name in ("sms", "email")}
    assert choose(["sms", "email"], {}, same, Worth(), NO_DRAW).channel == "sms"
    assert choose(["email", "sms"], {}, same, Worth(), NO_DRAW).channel == "email"


def test_o2_one_in_twenty_explores_and_says_with_which_probability_it_was_taken() -> None:
    known = {"sms": Prior(2.0, 8.0, 1000), "email": Prior(1.0, 9.0, 1000)}
    best = choose(["email", "sms"], {}, known, Worth(), (0.06, 0.1))
    other = choose(["email", "sms"], {}, known, Worth(), (0.04, 0.1))
    assert (best.channel, best.explored, best.propensity) == ("sms", False, 0.975)
    assert (other.channel, other.explored, other.propensity) == ("email", True, 0.025)
