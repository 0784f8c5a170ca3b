"""`repeat`: so often, or for so long, and then on."""

from typing import Any

import pytest

from tests.journeyman.journeys.steps.visits import END, PAUSE, codes, enter, lines
from tests.world import World


@pytest.mark.parametrize(
    ("repeat", "turns"),
    [
        ({"to": "pause", "max": 2}, 2),
        ({"to": "pause", "for": "150m"}, 3),
        ({"to": "pause", "max": 1, "for": "7d"}, 1),
        ({"to": "pause", "max": 9, "for": "1m"}, 1),
    ],
)
async def test_it_goes_back_as_often_as_it_may(here: World, repeat: dict[str, Any], turns: int) -> None:
    await enter(here, PAUSE, {"id": "again", "repeat": repeat}, END)
    await here.pass_time(hours=12)
    assert await codes(here, "again") == ["again"] * turns + ["enough"]
    (run,) = await here.shop.runs()
    assert (run.outcome, run.kept) == ("over", None)


async def test_the_journal_tells_the_turn(here: World) -> None:
    await enter(here, PAUSE, {"id": "again", "repeat": {"to": "pause", "max": 1}}, END)
    await here.pass_time(hours=3)
    first, last = await lines(here, "again")
    assert (first.data["times"], first.data["next"]) == (0, "pause")
    assert (last.data["times"], last.data["next"]) == (1, "over")


async def test_a_loop_in_a_loop_counts_anew_each_time(here: World) -> None:
    inner = {"id": "inner", "repeat": {"to": "pause", "max": 2}}
    outer = {"id": "outer", "repeat": {"to": "pause", "max": 1}}
    await enter(here, PAUSE, inner, outer, END)
    await here.pass_time(days=1)
    assert await codes(here, "inner") == ["again", "again", "enough"] * 2
    assert await codes(here, "outer") == ["again", "enough"]
