"""Segments by scores and RFM follow events, time, new rules and new cut points."""

from datetime import timedelta
from typing import Any

import pytest

from journeyman.customers.scoring.cut_points import RfmScoring
from journeyman.customers.scoring.rfm import Cuts
from journeyman.customers.scoring.scoring import Scoring
from journeyman.customers.scoring.shelf import ScoreShelf
from journeyman.journeys.scoring import ScoreKeeper
from journeyman.journeys.segmentation.keeping import Keeper
from journeyman.journeys.segmentation.segments import Segments
from journeyman.kit.database import Database
from tests.builders import Shop, incoming

VIEWS: dict[str, Any] = {
    "half_life": "1d",
    "rules": [
        {"event": "Product Viewed", "points": 4},
        {"when": {"attribute": "plan", "equals": "pro"}, "points": 20, "category": "fit"},
    ],
}
OWN = Cuts((1.0, 7.0, 30.0, 90.0), (0.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 0.0))


class Kept:
    """A shop whose segments and scores are kept."""

    def __init__(self, database: Database) -> None:
        self.shop = Shop(database)
        self.segments = Segments(database, self.shop.clock)
        self.scoring = Scoring(database, self.shop.clock, ScoreShelf())
        self.rfm = RfmScoring(database, self.shop.clock)
        self._steps = (ScoreKeeper(database, self.shop.clock).step, Keeper(database, self.shop.clock).step)

    async def keep(self) -> None:
        """Do all that is to be done by now."""
        while any([await step() for step in self._steps]):
            await self.shop.decide()

    async def put(self, key: str, when: dict[str, Any]) -> None:
        await self.segments.put(key, {"name": key, "when": when})
        await self.keep()

    async def members(self, key: str) -> list[str]:
        await self.keep()
        found = [customer_id for customer_id, _ in await self.segments.members(key, None, 100)]
        names = {await self.segments.resolve(name): name for name in ("ann", "bob")}
        return sorted(names[one] for one in found)


@pytest.fixture
async def kept(database: Database) -> Kept:
    kept = Kept(database)
    await kept.shop.introduce("ann")
    await kept.shop.introduce("bob")
    return kept


async def test_who_scores_enough_comes_in_with_the_event_and_leaves_when_it_has_faded(kept: Kept) -> None:
    await kept.scoring.save("leads", VIEWS)
    await kept.put("hot", {"score": "leads", "gte": 8})
    await kept.put("cold", {"score": "leads", "lt": 8})
    assert await kept.members("cold") == ["ann", "bob"]
    await kept.shop.accept(*[incoming("Product Viewed", "ann", at=kept.shop.clock.now()) for _ in range(4)])
    moved = await kept.segments.history(key="hot")
    assert [move.entered for _, move in moved] == [True]
    assert (await kept.members("hot"), await kept.members("cold")) == (["ann"], ["bob"])
    explained = await kept.segments.explain("hot", await kept.segments.resolve("ann"))
    assert explained.verdict == {"what": "score leads gte 8", "holds": True, "read": 16.0}
    faded = kept.shop.clock.now() + timedelta(days=1)
    kept.shop.pass_time(hours=23)
    assert await kept.members("hot") == ["ann"]
    explained = await kept.segments.explain("hot", await kept.segments.resolve("ann"))
    assert explained.recheck_at is not None
    assert abs(explained.recheck_at - faded) < timedelta(minutes=3)
    kept.shop.pass_time(hours=1, minutes=2)
    assert (await kept.members("hot"), await kept.members("cold")) == ([], ["ann", "bob"])


async def test_newcomers_are_measured_as_everybody_is(kept: Kept) -> None:
    await kept.scoring.save("leads", VIEWS)
    await kept.put("cold", {"score": "leads", "lt": 3})
    await kept.shop.introduce("cay")
    cay = await kept.segments.resolve("cay")
    assert [move.customer_id for _, move in await kept.segments.history(key="cold", customer_id=cay)] == [cay]


async def test_what_holds_of_somebody_moves_her_by_its_points(kept: Kept) -> None:
    await kept.scoring.save("leads", VIEWS)
    await kept.put("fit", {"score": "leads", "category": "fit", "gte": 20})
    assert await kept.members("fit") == []
    await kept.shop.introduce("bob", plan="pro")
    assert await kept.members("fit") == ["bob"]


async def test_a_score_with_new_rules_and_one_that_is_gone_are_measured_by_anew(kept: Kept) -> None:
    await kept.put("hot", {"score": "leads", "gte": 8})
    await kept.shop.accept(incoming("Product Viewed", "ann", at=kept.shop.clock.now()))
    assert await kept.members("hot") == []
    await kept.scoring.save("leads", VIEWS)
    assert await kept.members("hot") == []
    await kept.scoring.save("leads", {"rules": [{"event": "Product Viewed", "points": 9}]})
    assert await kept.members("hot") == ["ann"]
    await kept.scoring.save("leads", {"rules": [{"event": "Product Viewed", "points": 9, "cap": 5}]})
    assert await kept.members("hot") == []
    await kept.scoring.save("leads", {"rules": [{"event": "Product Viewed", "points": 9}]})
    assert await kept.members("hot") == ["ann"]
    await kept.scoring.drop("leads")
    assert await kept.members("hot") == []


async def test_rfm_follows_orders_time_and_cut_points(kept: Kept) -> None:
    await kept.put("lately", {"rfm": {"r": 5}})
    await kept.rfm.set_own(OWN)
    assert await kept.members("lately") == []
    await kept.shop.accept(incoming("Order Completed", "bob", at=kept.shop.clock.now(), revenue=10))
    assert len(await kept.segments.history(key="lately")) == 1
    assert await kept.members("lately") == ["bob"]
    explained = await kept.segments.explain("lately", await kept.segments.resolve("bob"))
    assert explained.verdict is not None
    assert explained.verdict["read"] == {"r": 5, "f": 5, "m": 5, "group": "champions"}
    kept.shop.pass_time(days=1, microseconds=1)
    assert await kept.members("lately") == []
    await kept.rfm.set_own(Cuts((2.0, 7.0, 30.0, 90.0), OWN.frequency, OWN.monetary))
    assert await kept.members("lately") == ["bob"]
