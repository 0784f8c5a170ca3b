"""Affinity to discounts in a shop of which the truth is known, and in one whose customers are all alike."""

import random
from collections.abc import Callable
from statistics import mean

import pytest

from journeyman.intelligence.affinity import Bought, Discounts, learn

SEEDS = range(5)
Person = tuple[Bought, float]


def people(seed: int, number: int = 1500, *, signal: bool = True) -> list[Person]:
    """(what was counted, how probable a discount is in a purchase): who sees more discounts buys more of them."""
    chance = random.Random(f"discounts/{seed}")
    return [_person(chance, signal=signal) for _ in range(number)]


def _person(chance: random.Random, *, signal: bool) -> Person:
    shown = chance.choice((0.2, 0.4))
    likes = (0.1 + chance.uniform(-0.25, 0.25)) if signal else 0.1
    truth = min(max(shown + likes, 0.02), 0.98)
    purchases = chance.choice((1, 2, 3, 4, 6, 9, 14))
    discounted = sum(chance.random() < truth for _ in range(purchases))
    return Bought(purchases, discounted, 200, sum(chance.random() < shown for _ in range(200))), truth


def learnt(known: list[Person]) -> Discounts:
    found = learn(one for one, _ in known)
    assert found is not None
    return found


def brier(known: list[Person], guess: Callable[[Bought], float]) -> float:
    """The expected squared error of the next purchase, by the truth."""
    return mean(truth * (1 - guess(one)) ** 2 + (1 - truth) * guess(one) ** 2 for one, truth in known)


def raw(one: Bought) -> float:
    return one.discounted / one.purchases


@pytest.mark.parametrize("seed", SEEDS)
def test_shrunk_shares_beat_raw_ones_and_everybodys(seed: int) -> None:
    known = people(seed)
    found = learnt(known)
    everybody = mean(truth for _, truth in known)
    assert brier(known, found.chance) < brier(known, found.expected) - 0.002
    assert brier(known, found.chance) < brier(known, raw) - 0.02
    assert brier(known, found.expected) < brier(known, lambda _: everybody)


@pytest.mark.parametrize("seed", SEEDS)
def test_levels_stand_in_the_order_of_the_truth(seed: int) -> None:
    known = people(seed)
    found = learnt(known)
    likes: dict[str, list[float]] = {"low": [], "medium": [], "high": []}
    for one, truth in known:
        if one.purchases >= 3:
            likes[found.of(one).level].append(truth - one.seen_discounted / one.seen)
    low, medium, high = (mean(likes[level]) for level in ("low", "medium", "high"))
    assert low < medium - 0.05 < high - 0.1
    sizes = [len(each) for each in likes.values()]
    assert max(sizes) - min(sizes) <= 0.05 * sum(sizes)


@pytest.mark.parametrize("seed", SEEDS)
def test_where_all_are_alike_everybody_is_medium(seed: int) -> None:
    known = people(seed, signal=False)
    found = learnt(known)
    assert found.strength is None
    assert {found.of(one).level for one, _ in known} == {"medium"}
    assert all(found.chance(one) == found.expected(one) for one, _ in known)


def test_who_bought_little_is_medium_with_the_reason() -> None:
    found = learnt(people(1))
    told = found.of(Bought(2, 2, 10, 0))
    assert (told.level, told.words) == ("medium", "fewer than 3 purchases: 2")
    assert learn([Bought(2, 2, 5, 1)]) is None


def test_one_customer_with_a_million_purchases_moves_nobody_else_by_more_than_a_hundredth() -> None:
    known = people(2)
    before = learnt(known)
    after = learnt([*known, (Bought(1_000_000, 1_000_000, 1_000_000, 0), 1.0)])
    assert max(abs(after.score(one) - before.score(one)) for one, _ in known) < 0.01


def test_without_offers_that_were_seen_purchases_are_set_against_everybodys() -> None:
    bare = [Bought(one.purchases, one.discounted) for one, _ in people(3)]
    found = learn(bare)
    assert found is not None
    assert found.excess == pytest.approx(0.0, abs=1e-9)
    assert found.of(Bought(10, 10)).level == "high"
    assert found.of(Bought(10, 0)).level == "low"


def test_what_was_learnt_is_kept_and_read_again() -> None:
    found = learnt(people(4))
    assert Discounts.from_json(found.to_json()) == found
