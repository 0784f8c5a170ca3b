"""What starts a run beside a plain event: the nth event, a change of the profile, a segment, another journey."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from journeyman.customers.inbox.reading import IMPORTED
from journeyman.customers.tables import Event
from journeyman.kit.database import Database
from tests.builders import NOON, Shop, incoming, journey


def at(**span: float) -> Any:
    return NOON + timedelta(**span)


@pytest.fixture
def shop(database: Database) -> Shop:
    return Shop(database)


def fifth(**parts: Any) -> dict[str, Any]:
    entry = {"on": "event", "event": "Product Viewed", "count": 5, "while_live": "restart"}
    return journey(entry={**entry, **parts})


async def entered(shop: Shop) -> list[Any]:
    return [entry.at for entry in await shop.journal() if entry.kind == "entered"]


async def views(shop: Shop, *times: Any, **properties: Any) -> None:
    for time in times:
        await shop.accept(incoming("Product Viewed", at=time, **properties))


async def test_e2_only_the_fifth_event_starts_a_run_and_it_counts_itself(shop: Shop) -> None:
    await shop.publish(fifth())
    shop.pass_time(hours=1)
    await views(shop, *(at(minutes=minute) for minute in range(8)))
    assert await entered(shop) == [at(minutes=4)]


async def test_e2_the_fifth_is_found_among_many_of_one_batch(shop: Shop) -> None:
    await shop.publish(fifth())
    shop.pass_time(hours=1)
    await shop.accept(*(incoming("Product Viewed", at=at(minutes=minute)) for minute in range(8)))
    assert await entered(shop) == [at(minutes=4)]


async def test_e2_the_fifth_within_a_week_is_not_the_fifth_ever(shop: Shop) -> None:
    await shop.publish(fifth(within="7d"))
    shop.pass_time(days=30)
    await views(shop, *(at(days=day) for day in (0, 3, 8, 9, 10, 11, 12, 13)))
    assert await entered(shop) == [at(days=12)]


async def test_e2_of_a_counted_event_only_those_that_where_means_count(shop: Shop) -> None:
    await shop.publish(fifth(count=2, where={"property": "category", "equals": "shoes"}))
    shop.pass_time(hours=1)
    await views(shop, at(minutes=1), at(minutes=2), category="hats")
    await views(shop, at(minutes=3), at(minutes=5), category="shoes")
    await views(shop, at(minutes=4), category="hats")
    assert await entered(shop) == [at(minutes=5)]


async def test_e1_events_are_counted_for_each_correlation_key_apart(shop: Shop) -> None:
    await shop.publish(fifth(count=2, correlate="product_id"))
    shop.pass_time(hours=1)
    await views(shop, at(minutes=1), at(minutes=3), product_id="p1")
    await views(shop, at(minutes=2), at(minutes=4), product_id="p2")
    assert await entered(shop) == [at(minutes=3), at(minutes=4)]


async def test_e2_an_event_that_comes_late_makes_up_the_number_once(shop: Shop) -> None:
    await shop.publish(fifth(count=3, within="7d"))
    shop.pass_time(days=20)
    await views(shop, at(days=10), at(days=12))
    await views(shop, at(days=1))
    assert await entered(shop) == []
    await views(shop, at(days=11))
    assert await entered(shop) == [at(days=11)]
    await views(shop, at(days=11, hours=1))
    assert await entered(shop) == [at(days=11)]


async def test_e2_events_that_waited_for_intake_are_counted_in_their_own_time(shop: Shop) -> None:
    await shop.publish(fifth(count=3, within="1h"))
    shop.pass_time(days=3)
    await views(shop, at(minutes=0), at(minutes=20), at(minutes=40))
    assert await entered(shop) == [at(minutes=40)]


def changing(**parts: Any) -> dict[str, Any]:
    return journey(entry={"on": "attribute_change", "attribute": "tier", **parts})


async def tier(shop: Shop, value: Any, minute: int, name: str = "tier", **parts: Any) -> None:
    moment = at(minutes=minute)
    await shop.accept(incoming("Identified", kind="identify", at=moment, traits={name: value}, **parts))


async def test_e5_a_change_starts_a_run_and_the_same_value_again_none(shop: Shop) -> None:
    await shop.publish(changing(while_live="restart"))
    for minute, value in enumerate(["silver", "silver", "gold", "gold"], start=1):
        await tier(shop, value, minute)
    assert await entered(shop) == [at(minutes=1), at(minutes=3)]
    assert (await shop.runs())[-1].entry == {"attribute": "tier", "from": "silver", "to": "gold"}


@pytest.mark.parametrize(
    ("narrowed", "minutes"),
    [
        ({"changes": True}, [1, 2, 3, 4]),
        ({"changes_to": "gold"}, [2, 4]),
        ({"changes_from": None}, [1, 4]),
        ({"changes_from": "silver", "changes_to": "gold"}, [2]),
        ({"changes_to": None}, [3]),
    ],
)
async def test_e5_a_change_is_narrowed_to_the_value_before_and_after(
    shop: Shop, narrowed: dict[str, Any], minutes: list[int]
) -> None:
    await shop.publish(changing(**narrowed, while_live="restart"))
    for minute, value in enumerate(["silver", "gold", None, "gold"], start=1):
        await tier(shop, value, minute)
    assert await entered(shop) == [at(minutes=minute) for minute in minutes]


async def test_e5_a_nested_path_changes_only_where_its_own_value_does(shop: Shop) -> None:
    await shop.publish(changing(attribute="plan.tier", while_live="restart"))
    for minute, plan in enumerate([{"tier": 1, "seats": 1}, {"tier": 1, "seats": 2}, {"tier": True}, {}], start=1):
        await tier(shop, plan, minute, "plan")
    assert await entered(shop) == [at(minutes=1), at(minutes=3), at(minutes=4)]


async def test_e5_what_events_come_to_starts_a_run_as_well(shop: Shop) -> None:
    await shop.publish(journey(entry={"on": "attribute_change", "computed": "orders", "changes_to": 2}))
    for minute in range(4):
        await shop.accept(incoming("Order Completed", at=at(minutes=minute), revenue=10))
    assert await entered(shop) == [at(minutes=1)]
    assert (await shop.runs())[0].entry == {"attribute": "orders", "from": 1, "to": 2}


async def test_e5_imported_history_changes_a_profile_and_starts_nothing(shop: Shop) -> None:
    await shop.publish(changing())
    payload = incoming("Identified", kind="identify", traits={"tier": "gold"})
    marked = payload.payload[:-1] + f', "context": {{"{IMPORTED}": {{"source": "file"}}}}}}'
    await shop.accept(type(payload)(payload.subject, payload.message_id, payload.event_time, marked))
    assert await shop.runs() == []


async def test_e8_a_change_that_the_audience_refuses_is_on_record(shop: Shop) -> None:
    await shop.publish(changing(audience={"attribute": "country", "equals": "PL"}))
    await tier(shop, "gold", 1)
    assert await shop.codes("refused") == ["audience"]


async def test_e2_a_change_and_the_audience_are_judged_on_one_state(shop: Shop) -> None:
    await shop.publish(changing(audience={"attribute": "tier", "equals": "gold"}))
    await tier(shop, "gold", 1)
    assert await entered(shop) == [at(minutes=1)]


async def test_what_no_journey_names_is_not_told(shop: Shop) -> None:
    await shop.publish(journey(steps=[{"id": "over", "end": "done"}]))
    await shop.accept(incoming("Product Added"))
    async with shop.database.reading() as connection:
        names = list((await connection.execute(select(Event.name))).scalars())
    assert names == ["Product Added"]


def following(key: str = "next", **parts: Any) -> dict[str, Any]:
    return journey(
        key, entry={"on": "journey", "journey": "cart", **parts}, steps=[{"id": "pause", "wait": {"for": "1h"}}]
    )


BOUGHT = {"on": "event", "event": "Order Completed", "outcome": "bought"}


async def test_an_end_starts_the_journey_that_follows_with_its_entry_and_outcome(shop: Shop) -> None:
    await shop.publish(journey(exit=[BOUGHT]))
    await shop.publish(following(correlate="cart_id", outcome="bought"))
    await shop.publish(following("other", outcome="completed"))
    await shop.accept(incoming("Product Added", cart_id="c1"))
    await shop.accept(incoming("Order Completed", at=at(minutes=1)))
    ended, begun = await shop.runs()
    assert (begun.journey_key, begun.correlation) == ("next", "c1")
    assert begun.entry == {
        "cart_id": "c1",
        "from": {"journey": "cart", "run": ended.id, "outcome": "bought"},
    }


async def test_a_restart_is_no_end(shop: Shop) -> None:
    entry = {"on": "event", "event": "Product Added", "while_live": "restart"}
    await shop.publish(journey(entry=entry))
    await shop.publish(following())
    await shop.accept(incoming("Product Added"))
    await shop.accept(incoming("Product Added", at=at(minutes=1)))
    assert {run.journey_key for run in await shop.runs()} == {"cart"}


STEPS = [
    {"id": "first", "wait": {"for": "1h"}},
    {"id": "seen", "wait_for": {"event": "Product Viewed", "timeout": "1d"}},
]


async def test_a_step_that_is_reached_starts_the_journey_that_follows(shop: Shop) -> None:
    await shop.publish(journey(steps=STEPS))
    await shop.publish(following(step="first"))
    await shop.publish(following("never", step="seen"))
    await shop.accept(incoming("Product Added", cart_id="c1"))
    assert sorted(run.journey_key for run in await shop.runs()) == ["cart", "next"]
