"""Schedules and the catalogue in a simulation: campaigns begin, keep their rate and let in whom they would let in."""

from datetime import timedelta
from typing import Any

import pytest

from journeyman.bootstrap import simulation
from journeyman.kit.errors import InvalidError
from journeyman.language.cases import Case
from journeyman.language.validation import parse
from journeyman.simulation.cases import Played, play
from journeyman.simulation.crowd import Invented
from journeyman.simulation.runs import simulate
from journeyman.simulation.stock import Stock
from tests.builders import NOON, journey

MAIL = {"id": "mail", "send": {"channel": "email", "template": "hello"}}
ANN = {"id": "ann", "email": "ann@example.com", "consent": ["email"]}
SHOE: dict[str, Any] = {"id": "p1", "name": "Shoe", "price": 100, "currency": "EUR", "stock": 5}
SEEN = {"at": "1h", "event": "Product Viewed", "product_id": "p1", "price": 100, "currency": "EUR"}


async def played(entry: dict[str, Any], **case: Any) -> Played:
    document = parse(journey("news", entry=entry, steps=[MAIL]))
    told = {"name": "case", "given": {"customer": ANN}, "expect": {"entered": True}, **case}
    return await play(simulation, document, Stock(), Case.model_validate(told))


async def test_a_schedule_comes_again_and_again() -> None:
    """From Monday, 2 March, 09:00 UTC on; the first Monday in question is that one, in Warsaw at ten."""
    entry = {"on": "schedule", "cron": "0 12 * * 1", "time_zone": "Europe/Warsaw"}
    found = await played(entry, lasts="21d", expect={"entered": 3})
    assert found.failures == []
    assert [f"{run.entered_at:%d %H:%M}" for run in found.result.runs] == ["02 11:00", "09 11:00", "16 11:00"]


async def test_a_schedule_at_everybodys_own_time_comes_at_hers() -> None:
    ann = {**ANN, "timezone": "America/New_York"}
    entry = {"on": "schedule", "once": "2026-03-05T09:00", "local": True}
    found = await played(entry, given={"customer": ann}, lasts="7d")
    (run,) = found.result.runs
    assert f"{run.entered_at:%d %H:%M}" == "05 14:00"


async def test_a_rate_is_kept() -> None:
    entry = {"on": "schedule", "once": "2026-03-03T09:00Z", "rate": "1 per 1h", "batch": 1}
    document = parse(journey("news", entry=entry, steps=[MAIL]))
    people = [Invented(f"c{number}", {}, {}, []) for number in range(4)]
    found = await simulate(simulation, document, Stock(), people, NOON, timedelta(days=3))
    hours = sorted(run.entered_at.hour for result in found.results for run in result.runs)
    assert hours == [9, 10, 11, 12]


@pytest.mark.parametrize(
    ("entry", "before", "after", "entered"),
    [
        ({"on": "price_drop", "by": "10 %", "interest": ["viewed"]}, {}, {"price": 80}, 1),
        ({"on": "price_drop", "by": "10 %", "interest": ["viewed"]}, {}, {"price": 95}, 0),
        ({"on": "price_drop", "by": "10 %", "interest": ["carted"]}, {}, {"price": 80}, 0),
        ({"on": "back_in_stock", "interest": ["viewed"]}, {"stock": 0}, {"stock": 9}, 1),
        ({"on": "low_stock", "interest": ["viewed"]}, {"stock": 50}, {"stock": 1}, 1),
    ],
)
async def test_the_catalogue_starts_what_it_starts(
    entry: dict[str, Any], before: dict[str, Any], after: dict[str, Any], entered: int
) -> None:
    products = [{"at": "-1d", **SHOE, **before}, {"at": "3d", "id": "p1", **after}]
    found = await played(entry, products=products, events=[SEEN], lasts="10d", expect={"entered": entered})
    assert found.failures == []


async def test_a_product_that_cannot_be_is_refused() -> None:
    with pytest.raises(InvalidError):
        await played({"on": "api"}, products=[{"at": "0m", "price": "cheap"}])
