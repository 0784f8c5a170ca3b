"""Campaigns on both databases: whom they offer entries, once, and what came of it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from journeyman.customers.inbox.door import Inbox
from journeyman.journeys.campaigns.campaigns import Campaigns, Wanted
from journeyman.journeys.campaigns.offering import Offered, Offering
from journeyman.journeys.campaigns.opening import Opened, Opening
from journeyman.journeys.campaigns.scheduling import ScheduleKeeper
from journeyman.journeys.segmentation.segments import Segments
from journeyman.kit.database import Database
from journeyman.kit.errors import ConflictError, InvalidError
from journeyman.kit.wake import wake_for
from tests.builders import Shop, incoming

STEPS = [{"id": "stay", "wait": {"for": "30d"}}]


def journey(**entry: Any) -> dict[str, Any]:
    return {"journey": "news", "entry": entry, "steps": STEPS}


class Crowd:
    """A shop with campaigns; `go_on` is what a campaign's workflow asks for."""

    def __init__(self, database: Database) -> None:
        self.shop = Shop(database)
        self.wake = wake_for(database)
        self.inbox = Inbox(database, self.wake, 100_000)
        self.offering = Offering(database, self.inbox, self.wake, self.shop.clock, "UTC")
        self.opening = Opening(database, self.shop.clock, "UTC")
        self.campaigns = Campaigns(database, self.wake, self.shop.clock)
        self.keeper = ScheduleKeeper(database, self.shop.clock, "UTC")

    async def people(self, number: int, **traits: Any) -> None:
        await self.shop.accept(
            *(
                incoming("Identified", f"u{place:03}", kind="identify", at=self.shop.clock.now(), traits=dict(traits))
                for place in range(number)
            )
        )

    async def page(self, campaign: str, size: int = 10) -> Offered:
        found = await self.offering(campaign, size, None, lambda: None)
        await self.shop.decide()
        return found

    async def go_on(self, campaign: str, size: int = 10) -> list[int]:
        """All pages up to the end, or to the next wave."""
        sizes = []
        while True:
            found = await self.page(campaign, size)
            sizes.append(found.taken)
            if found.campaign.state != "under_way" or found.until is not None:
                return sizes

    async def open(self, at: datetime, workflow_id: str = "w") -> Opened | None:
        return await self.opening.scheduled("news", at, workflow_id, lambda: None)


@pytest.fixture
async def crowd(database: Database) -> AsyncIterator[Crowd]:
    opened = Crowd(database)
    yield opened
    await opened.wake.close()
    await opened.inbox.close()


def wanted(**given: Any) -> Wanted:
    return Wanted(**{"segment": None, "when": None, "context": {}, "rate": None, "batch": None, **given})


async def test_a_campaign_lets_everybody_in_once(crowd: Crowd) -> None:
    await crowd.people(25)
    await crowd.shop.publish(journey(on="api"))
    begun = await crowd.campaigns.begin("news", wanted(context={"sale": "may"}), "key", "once")
    assert (await crowd.campaigns.begin("news", wanted(), "key", "once")).id == begun.id
    assert await crowd.go_on(begun.id) == [10, 10, 5]
    assert await crowd.go_on(begun.id) == [0], "what is done stays done"
    runs = await crowd.shop.runs()
    assert len(runs) == len({run.customer_id for run in runs}) == 25
    assert runs[0].entry == {"sale": "may", "campaign": begun.id}
    found = await crowd.campaigns.find(begun.id)
    assert (found.state, found.population, found.offered, found.entered, found.refused) == ("done", 25, 25, 25, {})


async def test_e8_refusals_are_counted_by_their_reason(crowd: Crowd) -> None:
    await crowd.people(6)
    await crowd.shop.accept(incoming("Identified", "u001", kind="identify", at=crowd.shop.clock.now(), traits={"a": 1}))
    await crowd.shop.publish(journey(on="api", audience={"not": {"attribute": "a", "equals": 1}}, reentry="never"))
    first = await crowd.campaigns.begin("news", wanted(), "key", None)
    await crowd.go_on(first.id)
    second = await crowd.campaigns.begin("news", wanted(), "key", None)
    await crowd.go_on(second.id)
    page = await crowd.campaigns.page("news", None, 10)
    assert {one.id: (one.entered, one.refused) for one in page.items} == {
        first.id: (5, {"audience": 1}),
        second.id: (0, {"audience": 1, "live": 5}),
    }


async def test_a_page_that_is_asked_for_again_goes_on_behind_the_last(crowd: Crowd) -> None:
    """The attempt before has ended without an answer: its page is in the inbox, or it is not."""
    await crowd.people(20)
    await crowd.shop.publish(journey(on="api"))
    begun = await crowd.campaigns.begin("news", wanted(), "key", None)
    for _ in range(4):
        await crowd.offering(begun.id, 5, None, lambda: None)
    await crowd.go_on(begun.id)
    assert len(await crowd.shop.runs()) == 20
    assert (await crowd.campaigns.find(begun.id)).offered == 20


@pytest.mark.parametrize("population", ["segment", "when"])
async def test_only_the_population_is_let_in(crowd: Crowd, population: str) -> None:
    await crowd.people(12)
    for place in range(5):
        await crowd.shop.accept(
            incoming("Identified", f"u{place:03}", kind="identify", at=crowd.shop.clock.now(), traits={"vip": True})
        )
    when = {"attribute": "vip", "equals": True}
    segments = Segments(crowd.shop.database, crowd.shop.clock)
    await segments.put("vip", {"name": "VIP"})
    await segments.set_by_hand("vip", [f"u{place:03}" for place in range(5)], [])
    await crowd.shop.publish(journey(on="api"))
    given = {"segment": "vip"} if population == "segment" else {"when": when}
    begun = await crowd.campaigns.begin("news", wanted(**given), "key", None)
    assert begun.population == 5
    assert await crowd.go_on(begun.id, 3) == [3, 2]
    with pytest.raises(InvalidError):
        await crowd.campaigns.begin("news", wanted(segment="nobody"), "key", None)


async def test_a_campaign_pauses_goes_on_and_is_cancelled(crowd: Crowd) -> None:
    await crowd.people(9)
    await crowd.shop.publish(journey(on="api"))
    begun = await crowd.campaigns.begin("news", wanted(), "key", None)
    assert (await crowd.page(begun.id, 3)).taken == 3
    await crowd.campaigns.turn(begun.id, "paused", "ann")
    assert (await crowd.page(begun.id, 3)).taken == 0
    await crowd.campaigns.turn(begun.id, "under_way", "ann")
    assert (await crowd.page(begun.id, 3)).taken == 3
    await crowd.campaigns.turn(begun.id, "cancelled", "ann")
    assert (await crowd.page(begun.id, 3)).taken == 0
    assert len(await crowd.shop.runs()) == 6
    with pytest.raises(ConflictError):
        await crowd.campaigns.turn(begun.id, "under_way", "ann")
    assert [kind for kind, _ in await crowd.shop.outbox()].count("campaign") == 4


async def test_a_stopped_journey_cancels_its_campaigns(crowd: Crowd) -> None:
    await crowd.people(3)
    await crowd.shop.publish(journey(on="api"))
    begun = await crowd.campaigns.begin("news", wanted(), "key", None)
    await crowd.shop.stop("news")
    found = await crowd.campaigns.find(begun.id)
    assert (found.state, found.note) == ("cancelled", "the journey was stopped")
    with pytest.raises(ConflictError):
        await crowd.campaigns.begin("news", wanted(), "key", None)


async def schedules(crowd: Crowd) -> list[dict[str, Any]]:
    return [payload for kind, payload in await crowd.shop.outbox() if kind == "schedule"]


async def test_a_schedule_is_told_to_the_engine_with_each_publication(crowd: Crowd) -> None:
    await crowd.shop.publish(journey(on="schedule", cron="0 9 * * 1", time_zone="Europe/Warsaw"))
    (told,) = await schedules(crowd)
    first = datetime.fromisoformat(told["times"][0])
    assert (first.weekday(), first.hour, len(told["times"])) == (0, 7 if first.month in range(4, 11) else 8, 20)
    await crowd.shop.publish(journey(on="schedule", calendar={"time": "12:00"}))
    await crowd.shop.stop("news")
    _, changed, gone = await schedules(crowd)
    assert datetime.fromisoformat(changed["times"][1]) - datetime.fromisoformat(changed["times"][0]) == timedelta(
        days=1
    )
    assert gone["times"] == []
    await crowd.shop.publish(journey(on="api"))
    assert (await schedules(crowd))[-1]["times"] == []


async def test_a_schedule_names_a_segment_that_is_there_and_no_run(crowd: Crowd) -> None:
    with pytest.raises(InvalidError) as missing:
        await crowd.shop.publish(journey(on="schedule", cron="0 9 * * 1", segment="nobody"))
    assert missing.value.faults[0].pointer == "/entry/segment"
    speaks = {"attribute": "country", "equals": {"entry": "country"}}
    with pytest.raises(InvalidError) as run:
        await crowd.shop.publish(journey(on="schedule", cron="0 9 * * 1", audience=speaks))
    assert run.value.faults[0].pointer.startswith("/entry/audience")


async def test_a_schedules_audience_is_its_population(crowd: Crowd) -> None:
    await crowd.people(5)
    await crowd.shop.accept(incoming("Identified", "u001", kind="identify", at=crowd.shop.clock.now(), traits={"a": 1}))
    audience = {"attribute": "a", "equals": 1}
    await crowd.shop.publish(journey(on="schedule", calendar={"time": "12:30"}, audience=audience))
    at = crowd.shop.clock.at = crowd.shop.clock.now().replace(hour=12, minute=30)
    opened = await crowd.open(at)
    assert opened is not None
    await crowd.go_on(opened.campaign.id)
    found = await crowd.campaigns.find(opened.campaign.id)
    assert (found.population, found.offered, found.entered, found.refused) == (1, 1, 1, {})


async def test_a_firing_is_one_campaign_whoever_tells_of_it(crowd: Crowd) -> None:
    await crowd.people(4)
    await crowd.shop.publish(journey(on="schedule", calendar={"time": "12:30"}, rate="60 per 1m"))
    at = crowd.shop.clock.now().replace(hour=12, minute=30)
    crowd.shop.clock.at = at + timedelta(seconds=1)
    opened = await crowd.open(at)
    assert opened is not None
    assert (opened.seconds_each, opened.size) == (1.0, 1)
    again = await crowd.open(at)
    assert again is not None
    assert again.campaign.id == opened.campaign.id
    assert await crowd.open(at, "another workflow") is None
    await crowd.go_on(opened.campaign.id)
    assert len(await crowd.shop.runs()) == 4
    told = (await schedules(crowd))[-1]["times"]
    assert datetime.fromisoformat(told[0]) == at + timedelta(days=1), "each firing gives the engine the next times"


async def test_a_time_that_was_missed_is_caught_up_with_once(crowd: Crowd) -> None:
    await crowd.shop.publish(journey(on="schedule", calendar={"time": "12:30"}, catch_up="3h"))
    crowd.shop.clock.at = crowd.shop.clock.now().replace(hour=14)
    await crowd.keeper.step()
    (late,) = [payload for kind, payload in await crowd.shop.outbox() if kind == "campaign"]
    at = datetime.fromisoformat(late["scheduled_at"])
    assert (at.hour, at.minute) == (12, 30)
    assert await crowd.open(at) is not None
    await ScheduleKeeper(crowd.shop.database, crowd.shop.clock, "UTC").step()
    assert [kind for kind, _ in await crowd.shop.outbox()].count("campaign") == 1
    crowd.shop.clock.at = crowd.shop.clock.now().replace(hour=16)
    assert await crowd.open(at + timedelta(minutes=1)) is None, "too late is too late"


async def test_w7_a_local_time_comes_to_everybody_in_her_own_zone(crowd: Crowd) -> None:
    zones = {"u000": "Asia/Tokyo", "u001": "Europe/Warsaw", "u002": "Europe/Warsaw", "u003": "America/New_York"}
    for user, zone in zones.items():
        traits = {"timezone": zone}
        await crowd.shop.accept(incoming("Identified", user, kind="identify", at=crowd.shop.clock.now(), traits=traits))
    day = crowd.shop.clock.now().date() + timedelta(days=2)
    await crowd.shop.publish(journey(on="schedule", once=f"{day}T09:00", local=True))
    (told,) = await schedules(crowd)
    at = datetime.fromisoformat(told["times"][0])
    nine = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=9)
    assert at == nine - timedelta(hours=14)
    crowd.shop.clock.at = at
    opened = await crowd.open(at)
    assert opened is not None
    assert opened.campaign.population == 4
    entered: dict[str, datetime] = {}
    while (found := await crowd.page(opened.campaign.id)).campaign.state == "under_way":
        for run in await crowd.shop.runs():
            entered.setdefault(run.customer_id, run.entered_at)
        if found.until is not None:
            crowd.shop.clock.at = max(crowd.shop.clock.at, found.until)
    for run in await crowd.shop.runs():
        entered.setdefault(run.customer_id, run.entered_at)
    assert len(entered) == 4
    hours = sorted((one.astimezone(UTC) - nine) // timedelta(hours=1) for one in entered.values())
    assert hours[0] == -9, "Tokyo first"
    assert hours[1] == hours[2] in {-1, -2}
    assert hours[3] in {4, 5}
