import pytest

from journeyman.intelligence.sample_ratio import IMPROBABLE, chi_square_above, ratio_probability

QUANTILES = [(3.841, 1), (5.991, 2), (7.815, 3), (9.488, 4), (11.070, 5), (12.592, 6), (16.919, 9), (18.307, 10)]
"""Of 5 %, as tables print them (Abramowitz, Stegun, table 26.8)."""


@pytest.mark.parametrize(("statistic", "freedom"), QUANTILES)
def test_the_printed_quantiles(statistic: float, freedom: int) -> None:
    assert chi_square_above(statistic, freedom) == pytest.approx(0.05, abs=0.0001)


def test_o4_a_ratio_that_is_no_accident_is_seen() -> None:
    even = {"a": 0.5, "b": 0.5}
    assert ratio_probability({"a": 5200, "b": 4800}, even) < IMPROBABLE
    assert ratio_probability({"a": 5050, "b": 4950}, even) > 0.1
    assert ratio_probability({"a": 900, "b": 100}, {"a": 0.9, "b": 0.1}) == 1.0
    assert ratio_probability({"a": 1000}, even) < IMPROBABLE
    assert ratio_probability({}, even) == 1.0
