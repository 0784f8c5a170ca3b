"""What events, merges, late events and time did to segments one by one is what a rebuild comes to."""

import asyncio
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import delete

from journeyman.customers.segments.tables import Membership
from journeyman.journeys.checks import every_check
from journeyman.journeys.rebuilding import Rebuilding, Report
from journeyman.kit.database import Database
from tests.builders import Shop, incoming
from tests.conftest import sqlite_url
from tests.journeyman.journeys.segmentation.test_segments import Room

SEGMENTS: dict[str, dict[str, Any]] = {
    "viewers": {"event": "Viewed", "within": "7d"},
    "twice": {"event": "Viewed", "within": "3d", "count": {"gte": 2}},
    "spenders": {"computed": "revenue", "gte": 50},
    "recent-buyers": {"computed": "last_order_at", "within_last": "5d"},
    "big-day": {"event": "Order Completed", "within": "2d", "sum": {"property": "revenue", "gte": 60}},
    "seldom": {"event": "Viewed", "within": "4d", "count": {"lte": 1}},
    "once": {"event": "Viewed", "within": "6d", "count": 1},
    "dear": {"event": "Order Completed", "within": "3d", "where": {"property": "revenue", "gte": 30}},
    "no-dear": {"not": {"event": "Order Completed", "within": "3d", "where": {"property": "revenue", "gte": 30}}},
    "not-lately": {
        "all": [{"computed": "orders", "gte": 1}, {"not": {"computed": "last_order_at", "within_last": "2d"}}]
    },
    "modest": {"computed": "revenue", "lt": 90},
    "gold": {"attribute": "tier", "equals": "gold"},
    "never": {"event": "Viewed", "count": 0},
    "window-shoppers": {"all": [{"segment": "viewers"}, {"not": {"segment": "recent-buyers"}}]},
    "agreed": {"consent": "email"},
}
PEOPLE = st.sampled_from(["ann", "bob", "cleo"])
DEVICES = st.sampled_from(["d1", "d2"])
LATE = st.integers(0, 10).map(lambda days: timedelta(days=days))


async def difference(room: Room) -> Report:
    return await Rebuilding(room.shop.database, room.shop.clock, every_check()).run(repair=False)


@pytest.fixture
def room(database: Database) -> Room:
    return Room(database)


async def test_a_membership_that_is_missing_from_the_list_is_found_and_put_right(room: Room) -> None:
    await room.put("viewers", SEGMENTS["viewers"])
    await room.shop.accept(incoming("Viewed", "ann"))
    assert (await difference(room)).differences == {}
    async with room.shop.database.transaction() as connection:
        await connection.execute(delete(Membership))
    assert (await difference(room)).differences.keys() == {"segment viewers"}
    await Rebuilding(room.shop.database, room.shop.clock, every_check()).run(repair=True)
    assert (await difference(room)).differences == {}
    assert await room.members("viewers") == ["ann"]


class Life(RuleBasedStateMachine):
    """A few people and devices, in any order of events, merges, late and repeated events, and days that pass."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = TemporaryDirectory()
        self.room = Room(Database(sqlite_url(self.template, Path(self.folder.name))))
        self.number = 0

    @property
    def shop(self) -> Shop:
        return self.room.shop

    def teardown(self) -> None:
        self.loop.run_until_complete(self.shop.database.close())
        self.loop.close()
        self.folder.cleanup()

    def accept(self, name: str, who: str | None, late: timedelta, **parts: Any) -> None:
        self.number += 1
        event = incoming(name, who, at=self.shop.clock.now() - late, message_id=f"e{self.number}", **parts)
        # The second time it is a replay.
        self.loop.run_until_complete(self.shop.accept(event))
        self.loop.run_until_complete(self.shop.accept(event))

    @initialize()
    def make_segments(self) -> None:
        for key, when in SEGMENTS.items():
            self.loop.run_until_complete(self.room.put(key, when))

    @rule(who=PEOPLE, late=LATE)
    def view(self, who: str, late: timedelta) -> None:
        self.accept("Viewed", who, late)

    @rule(device=DEVICES, late=LATE)
    def view_unknown(self, device: str, late: timedelta) -> None:
        self.accept("Viewed", None, late, anonymous=device)

    @rule(who=PEOPLE, late=LATE, revenue=st.integers(1, 60))
    def order(self, who: str, late: timedelta, revenue: int) -> None:
        self.accept("Order Completed", who, late, revenue=revenue)

    @rule(who=PEOPLE, device=DEVICES, tier=st.sampled_from(["gold", "tin"]))
    def identify(self, who: str, device: str, tier: str) -> None:
        self.accept("Identified", who, timedelta(), kind="identify", anonymous=device, traits={"tier": tier})

    @rule(who=PEOPLE, status=st.sampled_from(["yes", "no"]), days=st.none() | st.integers(1, 9))
    def consent(self, who: str, status: str, days: int | None) -> None:
        self.accept("Viewed", who, timedelta())
        ends = self.shop.clock.now() + timedelta(days=days) if days is not None and status == "yes" else None
        self.loop.run_until_complete(self.shop.consent(who, ends, email=status))

    @rule(hours=st.integers(1, 100))
    def pass_time(self, hours: int) -> None:
        self.loop.run_until_complete(self.room.pass_time(hours=hours))

    @invariant()
    def nothing_differs(self) -> None:
        self.loop.run_until_complete(self.room.settle())
        report = self.loop.run_until_complete(difference(self.room))
        assert report.differences == {}


def test_incremental_membership_equals_a_rebuild(sqlite_template: Path) -> None:
    Life.template = sqlite_template
    from hypothesis.stateful import run_state_machine_as_test  # noqa: PLC0415 - only here

    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=15, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
