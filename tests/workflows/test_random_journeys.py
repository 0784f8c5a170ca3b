"""Random journeys on the production workflow: the journal of the simulation, and histories that replay.

`python -m bench.random_journeys --engine --journeys 500` plays many more of them.
"""

import pytest

from tests.journeyman.simulation.stories import story
from tests.workflows.storytelling import wrong_on_the_engine
from tests.workflows.theatre import Theatre


@pytest.mark.parametrize("number", [*range(10), 2073])
async def test_workflow_row_and_journal_agree_and_histories_replay(stage: Theatre, number: int) -> None:
    assert await wrong_on_the_engine(stage, story(number)) == []
