"""`emit`: an event of the journey's own is an event like any other."""

from typing import Any

from sqlalchemy import select

from journeyman.customers.tables import Event
from tests.builders import journey
from tests.journeyman.journeys.steps.visits import END, PAUSE, codes, enter, lines
from tests.world import World

EMIT: dict[str, Any] = {
    "id": "tell",
    "emit": {"event": "Cart Left", "properties": {"cart": {"entry": "cart_id"}, "tier": {"attribute": "tier"}, "n": 3}},
}


async def events(here: World) -> list[Any]:
    async with here.database.reading() as connection:
        rows = await connection.execute(select(Event.__table__).where(Event.name == "Cart Left"))
    return list(rows.all())


async def test_the_event_comes_once_with_what_the_author_put_into_it(here: World) -> None:
    await enter(here, EMIT, END, cart_id="c1")
    (event,) = await events(here)
    assert (event.type, event.properties) == ("track", {"cart": "c1", "n": 3})
    (line,) = await lines(here, "tell")
    assert (line.code, line.data["message_id"]) == ("emit", event.message_id)


async def test_each_visit_tells_again(here: World) -> None:
    await enter(here, EMIT, PAUSE, {"id": "again", "repeat": {"to": "tell", "max": 2}}, END, cart_id="c1")
    await here.pass_time(hours=9)
    assert len(await events(here)) == 3


async def test_another_journey_starts_on_it(here: World) -> None:
    listening = journey("other", entry={"on": "event", "event": "Cart Left"}, steps=[PAUSE])
    await here.shop.publish(listening)
    await enter(here, EMIT, END, cart_id="c1")
    (other,) = [run for run in await here.shop.runs() if run.journey_key == "other"]
    assert (other.entry["cart"], other.state) == ("c1", "live")


async def test_the_run_itself_may_end_by_it(here: World) -> None:
    exits = [{"on": "event", "event": "Cart Left", "outcome": "told"}]
    await enter(here, EMIT, PAUSE, cart_id="c1", parts={"exit": exits})
    (run,) = await here.shop.runs()
    assert (run.state, run.outcome) == ("ended", "told")


async def test_a_journey_that_starts_itself_comes_to_an_end(here: World) -> None:
    told = {**EMIT, "emit": {"event": "Product Added", "properties": {}}}
    await enter(here, told, END, parts={"entry": {"on": "event", "event": "Product Added"}})
    runs = await here.shop.runs()
    assert 1 < len(runs) < 20
    assert (await codes(here, "tell"))[-1] == "depth"
