"""A campaign whose worker is killed twice, in small: the large one is `python -m bench --only campaign`."""

import pytest

from bench.campaign import crowd

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


async def test_a_campaign_whose_worker_is_killed_twice_lets_everybody_in_once() -> None:
    measured = await crowd(2_000)
    assert measured.astray == 0
