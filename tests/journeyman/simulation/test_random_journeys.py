"""Random journeys and random streams of events: whatever happens, rows, journal and explanation are of one mind.

`python -m bench.random_journeys --journeys 500` plays many more of them.
"""

import pytest

from tests.journeyman.simulation.invariants import wrong_after
from tests.journeyman.simulation.staging import simulated
from tests.journeyman.simulation.stories import story


@pytest.mark.parametrize("number", range(25))
async def test_every_run_ends_or_waits_and_all_that_is_told_of_it_agrees(number: int) -> None:
    made_up = story(number)
    async with simulated(made_up) as played:
        _, wrong = await wrong_after(made_up, played.database, played.clock.now())
        assert wrong == []
