"""E6: a year of entries on dates in 24 zones, against looking at a clock on the wall."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from journeyman.journeys.dates.keeping import DateKeeper
from journeyman.kit.database import Database
from tests.a_year import ZONES, days_of_change, looked_up
from tests.builders import Shop, incoming, journey

VISIT = {"on": "date", "event": "Visit Booked", "property": "day", "time": "02:30", "correlate": "day"}
BORN = {"on": "date", "attribute": "birthday", "time": "09:00", "repeat": "yearly"}
SOME_DAYS = (date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1), date(2028, 12, 31))
NEW_YEAR = datetime(2027, 12, 30, tzinfo=UTC)


def visits(zone: str) -> Iterator[date]:
    """The days about each change of the clocks, and those about the leap day."""
    changes = days_of_change(zone)
    yield from sorted({*changes, *SOME_DAYS, *(day + timedelta(days=1) for day in changes)} - {date(2029, 1, 1)})


async def test_e6_in_a_year_everybody_enters_once_on_each_day_at_the_right_local_time(database: Database) -> None:
    shop = Shop(database, NEW_YEAR)
    keeper = DateKeeper(database, shop.clock, "UTC")
    await shop.publish(journey("visit", entry=VISIT))
    await shop.publish(journey("birthday", entry=BORN))
    expected: dict[tuple[str, str, str], datetime] = {}
    for number, zone in enumerate(ZONES):
        traits = {"timezone": zone, "birthday": "2000-02-29"}
        booked = [incoming("Visit Booked", f"c{number}", at=NEW_YEAR, day=day.isoformat()) for day in visits(zone)]
        await shop.accept(incoming("Identified", f"c{number}", kind="identify", at=NEW_YEAR, traits=traits), *booked)
        expected |= {("visit", zone, day.isoformat()): looked_up(zone, day, "02:30") for day in visits(zone)}
        expected["birthday", zone, ""] = looked_up(zone, date(2028, 2, 29), "09:00")
    while await keeper.build():
        pass
    # A second before each minute nobody is early; at its end nobody is late.
    for at in sorted({at + step for at in expected.values() for step in (-timedelta(seconds=1), timedelta(minutes=1))}):
        shop.clock.at = at
        while await keeper.fire():
            pass
        await shop.decide()
    runs = await shop.runs()
    entered = {(run.journey_key, run.entry["due"]["time_zone"], run.correlation): run.entered_at for run in runs}
    assert len(runs) == len(entered) == len(expected)
    late = {
        key: entered[key] - at
        for key, at in expected.items()
        if not timedelta() <= entered[key] - at <= timedelta(minutes=1)
    }
    assert late == {}
