"""E1-E5 and E8: who enters, how often, and that every refusal is on record."""

from datetime import timedelta

import pytest

from journeyman.kit.database import Database
from tests.builders import NOON, Shop, incoming, journey


@pytest.fixture
def shop(database: Database) -> Shop:
    return Shop(database)


async def test_e1_without_a_correlation_key_a_customer_has_one_live_run(shop: Shop) -> None:
    await shop.publish(journey())
    await shop.accept(incoming("Product Added", cart_id="c1"), incoming("Product Added", cart_id="c2"))
    assert [run.workflow_id for run in await shop.runs()] == ["journey/cart/ann"]
    assert await shop.codes("refused") == ["live"]


async def test_e1_one_live_run_over_all_versions(shop: Shop) -> None:
    await shop.publish(journey())
    await shop.accept(incoming("Product Added"))
    await shop.publish(journey(steps=[{"id": "pause", "wait": {"for": "2h"}}]))
    await shop.accept(incoming("Product Added"))
    assert [(run.version, run.state) for run in await shop.runs()] == [(1, "live")]


async def test_e1_with_a_correlation_key_runs_are_parallel(shop: Shop) -> None:
    await shop.publish(journey(entry={"on": "event", "event": "Product Added", "correlate": "cart_id"}))
    await shop.accept(
        incoming("Product Added", cart_id="c1"),
        incoming("Product Added", cart_id="c2"),
        incoming("Product Added", cart_id="c1"),
    )
    assert sorted(run.workflow_id for run in await shop.runs()) == ["journey/cart/ann/c1", "journey/cart/ann/c2"]
    assert await shop.codes("refused") == ["live"]


async def test_e1_an_event_without_its_correlation_key_is_refused_on_record(shop: Shop) -> None:
    await shop.publish(journey(entry={"on": "event", "event": "Product Added", "correlate": "cart_id"}))
    await shop.accept(incoming("Product Added"))
    assert (await shop.runs(), await shop.codes("refused")) == ([], ["correlation"])


async def test_e1_an_address_as_user_id_never_becomes_a_workflow_id(shop: Shop) -> None:
    await shop.publish(journey(entry={"on": "event", "event": "Product Added", "correlate": "cart"}))
    await shop.accept(incoming("Product Added", "ann@example.com", cart="ann@example.com"))
    (run,) = await shop.runs()
    assert "@" not in run.workflow_id


async def test_e2_the_audience_is_judged_with_the_event_and_its_own_changes_in_view(shop: Shop) -> None:
    await shop.publish(
        journey(
            entry={"on": "event", "event": "Product Added", "audience": {"event": "Product Added", "count": 1}},
        )
    )
    identify = {"on": "event", "event": "Identified", "audience": {"attribute": "plan", "equals": "pro"}}
    await shop.publish(journey("upgrade", entry=identify))
    await shop.accept(
        incoming("Identified", kind="identify", traits={"plan": "pro"}),
        incoming("Product Added", at=NOON + timedelta(seconds=1)),
    )
    assert sorted(run.journey_key for run in await shop.runs()) == ["cart", "upgrade"]


async def test_e3_never_again(shop: Shop) -> None:
    entry = {"on": "event", "event": "Product Added", "reentry": "never"}
    await shop.publish(journey(entry=entry, exit=[{"on": "event", "event": "Order Completed"}]))
    await shop.accept(incoming("Product Added"))
    await shop.accept(incoming("Order Completed", at=NOON + timedelta(seconds=1)))
    await shop.accept(incoming("Product Added", at=NOON + timedelta(days=400)))
    assert [run.outcome for run in await shop.runs()] == ["exited"]
    assert await shop.codes("refused") == ["reentry"]


@pytest.mark.parametrize(("since", "enters"), [("entry", [True, True]), ("exit", [True, False])])
async def test_e3_again_after_a_while_since_entry_or_exit(shop: Shop, since: str, enters: list[bool]) -> None:
    entry = {"on": "event", "event": "Product Added", "reentry": {"after": "2d", "since": since}}
    await shop.publish(journey(entry=entry, exit=[{"on": "event", "event": "Order Completed"}]))
    await shop.accept(incoming("Product Added"))
    shop.pass_time(days=1)
    await shop.accept(incoming("Order Completed", at=shop.clock.now()))
    shop.pass_time(days=1, seconds=1)
    await shop.accept(incoming("Product Added", at=shop.clock.now()))
    assert len(await shop.runs()) == sum(enters)


async def test_e3_at_most_n_entries_in_a_period(shop: Shop) -> None:
    entry = {"on": "event", "event": "Product Added", "reentry": {"max": 2, "per": "30d"}}
    await shop.publish(journey(entry=entry, exit=[{"on": "event", "event": "Order Completed"}]))
    for day in (0, 1, 2, 31):
        at = NOON + timedelta(days=day)
        await shop.accept(incoming("Product Added", at=at), incoming("Order Completed", at=at + timedelta(hours=1)))
    assert [run.entered_at for run in await shop.runs()] == [NOON + timedelta(days=day) for day in (0, 1, 31)]
    assert await shop.codes("refused") == ["reentry"]


async def test_e3_a_repeated_event_is_told_by_its_id_not_by_its_time(shop: Shop) -> None:
    await shop.publish(journey(exit=[{"on": "event", "event": "Order Completed"}]))
    first = incoming("Product Added", message_id="same")
    await shop.accept(first)
    await shop.accept(incoming("Order Completed", at=NOON + timedelta(seconds=1)))
    await shop.accept(first)
    assert len(await shop.runs()) == 1
    assert await shop.codes("refused") == []


async def test_e4_a_trigger_while_live_restarts_the_run(shop: Shop) -> None:
    entry = {"on": "event", "event": "Product Added", "while_live": "restart"}
    await shop.publish(journey(entry=entry))
    await shop.accept(incoming("Product Added"))
    shop.pass_time(minutes=10)
    await shop.accept(incoming("Product Added", at=shop.clock.now()))
    old, new = await shop.runs()
    assert (old.state, old.outcome, new.state) == ("ended", "restarted", "live")
    assert new.until == shop.clock.now() + timedelta(hours=1)
    assert [kind for kind, _ in await shop.outbox()] == ["start", "restart"]


async def test_e4_parallel_without_a_correlation_key_is_refused_at_the_desk(shop: Shop) -> None:
    from journeyman.kit.errors import InvalidError  # noqa: PLC0415 - only here

    with pytest.raises(InvalidError) as refused:
        await shop.publish(journey(entry={"on": "event", "event": "Product Added", "while_live": "parallel"}))
    assert "correlate" in refused.value.faults[0].detail


async def test_e8_every_refusal_is_on_record_with_its_reason(shop: Shop) -> None:
    entry = {"on": "event", "event": "Product Added", "audience": {"attribute": "plan", "equals": "pro"}}
    await shop.publish(journey(entry=entry))
    await shop.accept(incoming("Product Added", message_id="seen"))
    (refused,) = [entry for entry in await shop.journal() if entry.kind == "refused"]
    assert (refused.code, refused.data["message_id"]) == ("audience", "seen")


async def test_an_event_that_does_not_match_where_is_no_trigger_and_no_refusal(shop: Shop) -> None:
    entry = {"on": "event", "event": "Product Added", "where": {"property": "price", "gt": 10}}
    await shop.publish(journey(entry=entry))
    await shop.accept(incoming("Product Added", price=5))
    assert (await shop.runs(), await shop.journal()) == ([], [])
