"""The circuit breaker: who fails again and again is left alone, then tried once."""

from datetime import UTC, datetime, timedelta

import pytest

from journeyman.channels.breaker import FAILURES, FIRST_REST, LONGEST_REST, Breaker

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def opened() -> Breaker:
    breaker = Breaker()
    for _ in range(FAILURES):
        assert breaker.waits(NOON) is None
        breaker.failed(NOON)
    return breaker


def test_failures_in_a_row_open_it_and_a_success_between_them_does_not() -> None:
    breaker = Breaker()
    for _ in range(FAILURES - 1):
        breaker.failed(NOON)
    breaker.succeeded()
    for _ in range(FAILURES - 1):
        breaker.failed(NOON)
    assert breaker.waits(NOON) is None
    assert opened().waits(NOON) == FIRST_REST


def test_after_its_rest_one_call_is_let_through_and_decides() -> None:
    breaker = opened()
    later = NOON + FIRST_REST
    assert breaker.waits(later) is None
    assert breaker.waits(later) is not None  # the others wait for what comes of it
    breaker.failed(later)
    assert breaker.waits(later) == 2 * FIRST_REST
    again = later + 2 * FIRST_REST
    assert breaker.waits(again) is None
    breaker.succeeded()
    assert [breaker.waits(again) for _ in range(3)] == [None, None, None]


def test_the_rest_grows_to_its_bound() -> None:
    breaker, now = opened(), NOON
    for _ in range(20):
        now += LONGEST_REST
        assert breaker.waits(now) is None
        breaker.failed(now)
    assert breaker.waits(now) == LONGEST_REST


@pytest.mark.parametrize("seconds", [7, 90])
def test_a_pace_that_is_asked_for_is_kept_to_the_second(seconds: int) -> None:
    breaker = Breaker()
    breaker.asked_for(NOON, timedelta(seconds=seconds))
    assert breaker.waits(NOON + timedelta(seconds=seconds - 1)) == timedelta(seconds=1)
    assert breaker.waits(NOON + timedelta(seconds=seconds)) is None
