"""E6: dates of customers start runs, each once, at the right local time, and follow their dates."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from journeyman.customers.identifiers import ANONYMOUS_ID
from journeyman.customers.inbox.door import Inbox
from journeyman.customers.repository import quarantined, read_profiles
from journeyman.journeys.dates.keeping import DateKeeper
from journeyman.journeys.dates.tables import DateBuild, DueDate
from journeyman.journeys.identities.identities import IdentityDesk
from journeyman.journeys.tables import Journey, Run
from journeyman.kit.database import Database
from journeyman.kit.wake import wake_for
from tests.builders import NOON, Shop, incoming, journey
from tests.journeyman.journeys.erasure.traces import KEY, Eraser

BIRTHDAY = {"on": "date", "attribute": "birthday", "time": "09:00", "repeat": "yearly"}
TRIAL = {"on": "date", "attribute": "trial_ends", "offset": "-3d", "time": "09:00"}
TRIP = {"on": "date", "event": "Trip Booked", "property": "departs_at", "offset": "-1d", "correlate": "booking_id"}


class Calendar:
    """A shop whose dates are kept."""

    def __init__(self, database: Database) -> None:
        self.shop = Shop(database)
        self.keeper = DateKeeper(database, self.shop.clock, "UTC")

    async def start(self, entry: dict[str, Any], **parts: Any) -> None:
        await self.shop.publish(journey("dates", entry=entry, **parts))
        await self.build()

    async def build(self) -> None:
        while await self.keeper.build():
            pass

    async def goes_to(self, text: str) -> None:
        """It is then; whoever has come due by then is let in."""
        self.shop.clock.at = datetime.fromisoformat(text).astimezone(UTC)
        while await self.keeper.fire():
            pass
        await self.shop.decide()

    async def is_told(self, user: str = "ann", ago: timedelta = timedelta(), **traits: Any) -> None:
        event = incoming("Identified", user, kind="identify", at=self.shop.clock.at - ago, traits=traits)
        await self.shop.accept(event)

    async def due(self) -> list[Any]:
        async with self.shop.database.reading() as connection:
            return list((await connection.execute(select(DueDate.__table__).order_by(DueDate.due_at))).all())

    async def builds(self) -> list[Any]:
        async with self.shop.database.reading() as connection:
            return list((await connection.execute(select(DateBuild.__table__))).all())

    async def entered(self) -> list[datetime]:
        return [run.entered_at for run in await self.shop.runs()]


@pytest.fixture
async def calendar(database: Database) -> Calendar:
    return Calendar(database)


def minute(at: datetime, zone: str = "UTC") -> str:
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


async def test_e6_a_birthday_starts_a_run_every_year_at_the_local_time(calendar: Calendar) -> None:
    await calendar.is_told(birthday="1990-03-10", timezone="Asia/Tokyo")
    await calendar.start(BIRTHDAY)
    (due,) = await calendar.due()
    assert (minute(due.due_at, "Asia/Tokyo"), due.rung) == ("2026-03-10 09:00", "customer")
    await calendar.goes_to("2026-03-10T08:59:59+09:00")
    assert await calendar.entered() == []
    await calendar.goes_to("2026-03-10T09:01+09:00")
    await calendar.goes_to("2026-03-10T09:02+09:00")
    assert len(await calendar.entered()) == 1
    (run,) = await calendar.shop.runs()
    told = run.entry["due"]
    assert (told["date"], told["occurrence"], told["time_zone"], told["rung"]) == (
        "1990-03-10",
        "2026",
        "Asia/Tokyo",
        "customer",
    )
    (due,) = await calendar.due()
    assert minute(due.due_at, "Asia/Tokyo") == "2027-03-10 09:00"


async def test_e6_a_date_learnt_after_the_publication_counts(calendar: Calendar) -> None:
    await calendar.start(BIRTHDAY)
    await calendar.is_told(birthday="--05-17", country="PL")
    (due,) = await calendar.due()
    assert (minute(due.due_at, "Europe/Warsaw"), due.rung) == ("2026-05-17 09:00", "country")


async def test_e6_if_the_date_moves_the_entry_moves_with_it(calendar: Calendar) -> None:
    await calendar.is_told(trial_ends="2026-03-20")
    await calendar.start(TRIAL)
    await calendar.is_told(trial_ends="2026-03-25")
    await calendar.goes_to("2026-03-17T09:01Z")
    assert await calendar.entered() == []
    await calendar.goes_to("2026-03-22T09:01Z")
    assert [minute(at) for at in await calendar.entered()] == ["2026-03-22 09:01"]
    assert await calendar.due() == []


async def test_e6_a_date_that_is_taken_away_starts_nothing(calendar: Calendar) -> None:
    await calendar.is_told(trial_ends="2026-03-20")
    await calendar.start(TRIAL)
    await calendar.is_told(trial_ends=None)
    await calendar.goes_to("2026-04-01T00:00Z")
    assert (await calendar.entered(), await calendar.due()) == ([], [])


async def test_e6_a_date_that_is_past_at_the_publication_starts_nothing(calendar: Calendar) -> None:
    await calendar.is_told("ann", trial_ends="2026-03-05")
    await calendar.is_told("bob", trial_ends="2026-03-06")
    await calendar.start(TRIAL)
    await calendar.goes_to("2026-04-01T00:00Z")
    assert len(await calendar.entered()) == 1, "Ann's was three hours ago, Bob's is tomorrow"


async def test_e6_another_zone_moves_the_date_and_nobody_enters_twice(calendar: Calendar) -> None:
    await calendar.is_told(birthday="1990-03-10", timezone="Asia/Tokyo")
    await calendar.start(BIRTHDAY)
    await calendar.goes_to("2026-03-10T09:01+09:00")
    assert len(await calendar.entered()) == 1
    await calendar.is_told(timezone="America/Los_Angeles")
    await calendar.goes_to("2026-03-10T09:01-07:00")
    assert len(await calendar.entered()) == 1


async def test_e6_who_flies_over_the_hour_is_not_skipped(calendar: Calendar) -> None:
    """In Los Angeles it is the evening before; in Tokyo, where she lands, nine o'clock of the day is past."""
    await calendar.is_told(birthday="1990-03-10", timezone="America/Los_Angeles")
    await calendar.start(BIRTHDAY)
    await calendar.goes_to("2026-03-10T12:00+09:00")
    await calendar.is_told(timezone="Asia/Tokyo")
    await calendar.goes_to("2026-03-10T12:01+09:00")
    assert len(await calendar.entered()) == 1


async def test_e6_a_date_that_moves_while_it_is_on_its_way_in_does_not_enter(calendar: Calendar) -> None:
    await calendar.is_told(trial_ends="2026-03-20")
    await calendar.start(TRIAL)
    calendar.shop.clock.at = datetime(2026, 3, 17, 9, 1, tzinfo=UTC)
    await calendar.keeper.fire()
    await calendar.is_told(ago=timedelta(seconds=1), trial_ends="2026-04-20")
    assert (await calendar.entered(), await calendar.shop.codes("refused")) == ([], ["moved"])
    await calendar.goes_to("2026-04-17T09:01Z")
    assert len(await calendar.entered()) == 1


async def test_e6_a_keeper_that_was_away_lets_everybody_in_afterwards(calendar: Calendar) -> None:
    await calendar.is_told(trial_ends="2026-03-20")
    await calendar.start(TRIAL)
    calendar.shop.clock.at = datetime(2026, 3, 18, tzinfo=UTC)
    await calendar.is_told(name="Ann", country="PL")
    await calendar.goes_to("2026-03-18T00:00:01Z")
    assert len(await calendar.entered()) == 1


async def test_e6_the_date_of_an_event_follows_the_newest_event_of_its_key(calendar: Calendar) -> None:
    await calendar.start(TRIP)
    await calendar.shop.accept(
        incoming("Trip Booked", booking_id="b1", departs_at="2026-03-10T18:30:00Z"),
        incoming("Trip Booked", booking_id="b2", departs_at="2026-03-10T18:30:00Z"),
    )
    await calendar.shop.accept(
        incoming("Trip Booked", at=NOON + timedelta(minutes=1), booking_id="b1", departs_at="2026-03-12T18:30:00Z")
    )
    await calendar.goes_to("2026-03-09T18:31Z")
    await calendar.goes_to("2026-03-11T18:31Z")
    runs = await calendar.shop.runs()
    assert [(run.correlation, minute(run.entered_at)) for run in runs] == [
        ("b2", "2026-03-09 18:31"),
        ("b1", "2026-03-11 18:31"),
    ]


async def test_e6_events_from_before_the_publication_have_dates_as_well(calendar: Calendar) -> None:
    await calendar.shop.accept(incoming("Trip Booked", booking_id="b1", departs_at="2026-03-10T18:30:00Z"))
    await calendar.start(TRIP)
    await calendar.goes_to("2026-03-09T18:31Z")
    assert len(await calendar.entered()) == 1


async def test_e6_a_computed_attribute_may_be_the_date(calendar: Calendar) -> None:
    await calendar.start({"on": "date", "computed": "first_order_at", "repeat": "yearly", "time": "10:00"})
    await calendar.shop.accept(incoming("Order Completed", at=NOON, order_id="o1"))
    (due,) = await calendar.due()
    assert minute(due.due_at) == "2027-03-02 10:00"


async def test_e6_a_new_version_with_another_rule_is_reckoned_anew(calendar: Calendar) -> None:
    await calendar.is_told(trial_ends="2026-03-20")
    await calendar.start(TRIAL)
    await calendar.start({**TRIAL, "offset": "-5d"})
    (due,) = await calendar.due()
    assert minute(due.due_at) == "2026-03-15 09:00"


async def test_e6_a_stopped_journey_lets_nobody_in_and_forgets_its_dates(calendar: Calendar) -> None:
    await calendar.is_told("ann", trial_ends="2026-03-20")
    await calendar.is_told("bob", trial_ends="2026-03-30")
    await calendar.start(TRIAL)
    await calendar.shop.stop("dates")
    await calendar.build()
    await calendar.goes_to("2026-03-18T00:00Z")
    assert (await calendar.entered(), await calendar.due()) == ([], [])
    await calendar.start(TRIAL)
    await calendar.goes_to("2026-03-28T00:00Z")
    assert len(await calendar.entered()) == 1, "what was due while it was stopped is past"


async def test_e6_two_profiles_that_are_one_have_one_date(calendar: Calendar) -> None:
    await calendar.start(BIRTHDAY)
    birthday = {"birthday": "1990-03-10"}
    await calendar.is_told("ann", birthday=birthday["birthday"])
    await calendar.shop.accept(
        incoming("Identified", None, anonymous="phone", kind="identify", at=NOON, traits=birthday),
        incoming("Identified", "ann", anonymous="phone", kind="identify", at=NOON, traits={"name": "Ann"}),
    )
    assert len(await calendar.due()) == 1
    await calendar.goes_to("2026-03-10T09:01Z")
    assert len(await calendar.entered()) == 1


async def test_e6_the_audience_is_judged_when_the_date_has_come(calendar: Calendar) -> None:
    await calendar.is_told(birthday="1990-03-10", country="PL")
    await calendar.start({**BIRTHDAY, "audience": {"attribute": "country", "equals": "PL"}})
    await calendar.is_told(country="DE")
    await calendar.goes_to("2026-03-10T09:01Z")
    assert await calendar.shop.codes("refused") == ["audience"]


async def test_e8_a_build_goes_on_where_it_was_left(calendar: Calendar, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("journeyman.journeys.dates.keeping.AT_ONCE", 3)
    for number in range(8):
        await calendar.is_told(f"c{number}", birthday="1990-03-10")
    await calendar.shop.publish(journey("dates", entry=BIRTHDAY))
    await calendar.keeper.build()
    another = DateKeeper(calendar.shop.database, calendar.shop.clock, "UTC")
    while await another.build():
        pass
    assert (len(await calendar.due()), [build.building_after for build in await calendar.builds()]) == (8, [None])


async def test_w8_who_is_due_at_the_same_minute_enters_within_it(calendar: Calendar) -> None:
    for number in range(20):
        await calendar.is_told(f"c{number}", birthday="1990-03-10")
    await calendar.start(BIRTHDAY)
    found = [due.due_at for due in await calendar.due()]
    assert {minute(at) for at in found} == {"2026-03-10 09:00"}
    assert len({at.second for at in found}) > 10


async def test_e6_after_a_split_each_has_the_dates_of_her_own_events(calendar: Calendar) -> None:
    await calendar.start(TRIP)
    trips = [
        incoming("Trip Booked", None, anonymous="phone", booking_id="b1", departs_at="2026-03-10T18:30:00Z"),
        incoming("Trip Booked", "ann", booking_id="b2", departs_at="2026-03-10T18:30:00Z"),
        incoming("Identified", "ann", anonymous="phone", kind="identify", traits={"name": "Ann"}),
    ]
    await calendar.shop.accept(*trips)
    assert {due.customer_id for due in await calendar.due()} == {"ann"}
    shop, wake = calendar.shop, wake_for(calendar.shop.database)
    desk = IdentityDesk(shop.database, Inbox(shop.database, wake, 1000), shop.clock)
    done = await desk.split("ann", [(ANONYMOUS_ID, "phone")], None, "test")
    await wake.close()
    await calendar.build()
    assert {(due.customer_id, due.occasion) for due in await calendar.due()} == {("ann", "b2"), (done.split_off, "b1")}


async def test_e6_an_entry_is_none_of_her_own_doings(calendar: Calendar) -> None:
    await calendar.is_told(birthday="1990-03-10")
    await calendar.start(BIRTHDAY)
    await calendar.goes_to("2026-03-10T09:01Z")
    async with calendar.shop.database.reading() as connection:
        (ann,) = await read_profiles(connection, ["ann"])
    assert ann.computed["last_seen_at"].startswith("2026-03-02")


async def test_e6_keepers_that_work_at_once_let_nobody_in_twice(calendar: Calendar) -> None:
    for number in range(30):
        await calendar.is_told(f"c{number}", birthday="1990-03-10")
    await calendar.start(BIRTHDAY)
    calendar.shop.clock.at = datetime(2026, 3, 10, 9, 1, tzinfo=UTC)
    keepers = [DateKeeper(calendar.shop.database, calendar.shop.clock, "UTC") for _ in range(4)]
    await asyncio.gather(*(keeper.fire() for keeper in keepers), calendar.is_told("c3", birthday="1990-03-11"))
    while await calendar.keeper.fire():
        pass
    await calendar.shop.decide()
    await calendar.goes_to("2026-03-11T09:01Z")
    runs = [run.customer_id for run in await calendar.shop.runs()]
    assert sorted(runs) == sorted({f"c{number}" for number in range(30)})


async def test_l3_an_erasure_takes_the_dates_along(calendar: Calendar) -> None:
    calendar.shop.intake.erased.key = KEY
    await calendar.start(TRIP)
    trip: dict[str, Any] = {"booking_id": "b1", "departs_at": "2026-03-10T18:30:00Z"}
    await calendar.shop.accept(incoming("Trip Booked", "ann", **trip), incoming("Trip Booked", "bob", **trip))
    wake = wake_for(calendar.shop.database)
    eraser = Eraser(calendar.shop.database, calendar.shop.clock, wake)
    receipt = await eraser.erase("ann")
    await wake.close()
    assert receipt.counts["due_dates"] == 1
    assert [due.customer_id for due in await calendar.due()] == ["bob"]


async def test_e6_a_birthday_that_is_corrected_after_it_came_does_not_come_twice_in_a_year(calendar: Calendar) -> None:
    await calendar.is_told(birthday="1990-03-10")
    await calendar.start(BIRTHDAY)
    await calendar.goes_to("2026-03-10T09:01Z")
    await calendar.is_told(birthday="1990-03-20")
    async with calendar.shop.database.transaction() as connection:
        await connection.execute(update(Run).values(state="ended", ended_at=NOON))
    await calendar.goes_to("2026-03-20T09:01Z")
    assert (len(await calendar.entered()), await calendar.shop.codes("refused")) == (1, ["reentry"])
    await calendar.goes_to("2027-03-20T09:01Z")
    assert len(await calendar.entered()) == 2


async def test_e6_a_date_that_never_comes_and_a_key_of_any_length_hold_up_nobody(calendar: Calendar) -> None:
    await calendar.start({**TRIP, "spread": "2h", "offset": "0d"})
    long = "b" * 10_000
    await calendar.shop.accept(
        incoming("Trip Booked", booking_id="never", departs_at="9999-12-31T23:59:00Z"),
        incoming("Trip Booked", booking_id=long, departs_at="2026-03-10T18:30:00Z"),
    )
    (due,) = await calendar.due()
    assert len(due.occasion) == 64
    async with calendar.shop.database.reading() as connection:
        assert await quarantined(connection) == 0


async def set_state(calendar: Calendar, state: str) -> None:
    async with calendar.shop.database.transaction() as connection:
        await connection.execute(update(Journey).values(state=state))
    await asyncio.wait_for(calendar.build(), 20)


async def test_v4_dates_that_come_due_or_move_while_the_journey_is_paused_are_let_in_when_it_goes_on(
    calendar: Calendar,
) -> None:
    await calendar.is_told("ann", trial_ends="2026-03-20")
    await calendar.is_told("bob", trial_ends="2026-03-20")
    await calendar.start(TRIAL)
    await set_state(calendar, "paused")
    await calendar.is_told("bob", trial_ends="2026-03-30")
    await calendar.goes_to("2026-03-18T00:00Z")
    assert await calendar.entered() == []
    await set_state(calendar, "live")
    await calendar.goes_to("2026-03-18T00:01Z")
    assert [run.customer_id for run in await calendar.shop.runs()] == ["ann"]
    await calendar.goes_to("2026-03-27T09:01Z")
    assert {run.customer_id for run in await calendar.shop.runs()} == {"ann", "bob"}
