"""O1 in a world of which the truth is known: what the chosen hours bring, beside what the best ones would."""

import pytest

from journeyman.intelligence.send_times.model import Fit, Measured, Totals, learn, own_of, scores
from tests.journeyman.intelligence.world import Reader, readers

SEEDS = range(5)
HORIZON = 24
"""Hours from the arrival within which a message may be sent."""


def learnt(people: list[Reader]) -> tuple[Fit, Measured]:
    totals = Totals()
    for one in people:
        totals.add(one.history)
    return learn([one.history for one in people[:1500]], totals)


def add_up(people: list[Reader], found: dict[str, float], fit: Fit) -> None:
    """Add up what each way of choosing brings, for arrivals at every seventh hour of the week."""
    everybody = scores(fit.rates)
    for one in people:
        own = scores(fit.rates, own_of(fit, one.history))
        modal = one.modal_hour
        for arrival in range(0, 168, 7):
            cells = [(arrival + ahead) % 168 for ahead in range(HORIZON)]
            best = max(cells, key=lambda cell: everybody[cell])
            by_mode = next((cell for cell in cells if cell % 24 == modal), best)
            found["at once"] += one.chances[arrival]
            found["oracle"] += max(one.chances[cell] for cell in cells)
            found["everybody"] += one.chances[best]
            found["modal hour"] += one.chances[by_mode]
            found["own"] += one.chances[max(cells, key=lambda cell: own[cell])]


def gains(seed: int, sends: int, *, signal: bool = True) -> tuple[dict[str, float], Fit, Measured]:
    """The share of the best possible gain over sending at once, for each way of choosing."""
    people = readers(seed, 3000, sends, signal=signal)
    fit, measured = learnt(people)
    found = dict.fromkeys(("at once", "oracle", "everybody", "modal hour", "own"), 0.0)
    add_up(people[1500:], found, fit)
    whole = found["oracle"] - found["at once"]
    if whole < 1e-9:
        return dict.fromkeys(found, 0.0), fit, measured
    return {name: (value - found["at once"]) / whole for name, value in found.items()}, fit, measured


@pytest.mark.parametrize("seed", SEEDS)
def test_o1_twelve_messages_bring_two_fifths_of_what_perfect_knowledge_would(seed: int) -> None:
    found, _, measured = gains(seed, 12)
    assert found["own"] >= 0.40
    assert found["own"] > found["modal hour"]
    assert found["own"] > found["everybody"]
    assert measured.own < measured.everybody < measured.flat


@pytest.mark.parametrize("seed", SEEDS)
def test_o1_where_everybody_is_alike_nobody_has_hours_of_her_own(seed: int) -> None:
    _, fit, measured = gains(seed, 12, signal=False)
    assert fit.alpha is None
    assert measured.own == measured.everybody
