"""A pause is a hold (V4)."""

from datetime import timedelta
from typing import Any

import pytest

from journeyman.journeys.advance import Request
from journeyman.kit.errors import ConflictError
from tests.builders import NOON, incoming, journey
from tests.journeyman.journeys.migration.test_inside import LAST, MAIL, enter, waiting
from tests.world import World


async def resume(here: World) -> None:
    await here.shop.pausing.resume("cart", None, "test")
    await here.shop.migrate()
    await here.settle()


async def test_v4_timers_run_on_due_steps_queue_and_go_on_in_place(here: World) -> None:
    await here.shop.publish(waiting("1d", MAIL, LAST))
    await enter(here)
    await here.shop.pausing.pause("cart")
    await here.pass_time(days=2)
    assert here.smtp.mails == []
    (run,) = await here.shop.runs()
    assert (run.step, run.visit, run.until) == ("pause", 1, NOON + timedelta(days=1))
    held = await here.advance(Request(run.id, "pause", 1, here.clock.now(), "email"))
    assert (held.held, held.step, held.outcome) == (True, "pause", None)
    await resume(here)
    assert len(here.smtp.mails) == 1
    (run,) = await here.shop.runs()
    assert (run.step, run.until) == ("last", here.clock.now() + timedelta(days=3))


async def test_v4_a_wait_that_is_not_over_goes_on_as_if_nothing_was(here: World) -> None:
    await here.shop.publish(waiting("3d", MAIL))
    await enter(here)
    await here.shop.pausing.pause("cart")
    await here.pass_time(days=1)
    await resume(here)
    (run,) = await here.shop.runs()
    assert run.until == NOON + timedelta(days=3)
    await here.pass_time(days=2)
    assert len(here.smtp.mails) == 1


async def test_v4_who_enters_in_a_pause_is_held_and_goes_on_afterwards(here: World) -> None:
    await here.shop.publish(journey(steps=[MAIL, LAST]))
    await here.shop.pausing.pause("cart")
    await enter(here)
    assert here.smtp.mails == []
    (run,) = await here.shop.runs()
    assert (run.step, run.until) == ("mail", None)
    await resume(here)
    assert len(here.smtp.mails) == 1


async def test_v4_who_entered_in_a_pause_too_long_ago_expires_if_the_author_says_so(here: World) -> None:
    await here.shop.publish({**journey(steps=[MAIL, LAST]), "pause": {"expire_on_resume": "1h"}})
    await here.shop.pausing.pause("cart")
    await enter(here)
    await here.pass_time(hours=2)
    await enter(here, "bob")
    await resume(here)
    assert {run.customer_id: run.outcome for run in await here.shop.runs()} == {"ann": "expired", "bob": None}
    assert len(here.smtp.mails) == 1


async def test_v4_events_count_during_a_pause(here: World) -> None:
    wait = {"id": "pause", "wait_for": {"event": "Product Viewed", "timeout": "9d", "next": "mail"}}
    bought = {"on": "event", "event": "Order Completed"}
    await here.shop.publish(journey(steps=[wait, {"id": "no", "end": "no"}, MAIL], exit=[bought]))
    await enter(here, "ann", "bob")
    await here.shop.pausing.pause("cart")
    await here.shop.accept(incoming("Product Viewed"), incoming("Order Completed", "bob"))
    await here.settle()
    assert here.smtp.mails == []
    assert {run.customer_id: run.outcome for run in await here.shop.runs()} == {"ann": None, "bob": "exited"}
    await resume(here)
    assert len(here.smtp.mails) == 1


@pytest.mark.parametrize(
    ("then", "outcome", "step"), [("exit", "expired", "pause"), ("skip", None, "last")], ids=["exit", "skip"]
)
async def test_v4_what_is_due_for_too_long_expires_if_the_author_says_so(
    here: World, then: str, outcome: str | None, step: str
) -> None:
    rule: dict[str, Any] = {"expire_on_resume": "12h", "then": then}
    await here.shop.publish({**waiting("1d", MAIL, LAST), "pause": rule})
    await enter(here)
    await here.shop.pausing.pause("cart")
    await here.pass_time(days=1, hours=6)
    await resume(here)
    assert len(here.smtp.mails) == 1
    await enter(here, "bob")
    await here.shop.pausing.pause("cart")
    await here.pass_time(days=2)
    await resume(here)
    assert len(here.smtp.mails) == 1
    (run,) = [run for run in await here.shop.runs() if run.customer_id == "bob"]
    assert (run.outcome, run.step) == (outcome, step)


async def test_v4_what_is_due_goes_on_spread_over_a_time(here: World) -> None:
    await here.shop.publish(waiting("1d", LAST))
    await here.shop.accept(*(incoming("Product Added", f"c{number}") for number in range(20)))
    await here.shop.pausing.pause("cart")
    here.shop.pass_time(days=2)
    await here.shop.pausing.resume("cart", timedelta(hours=1), "test")
    assert (await here.shop.migrate()).counts == {"woken": 20}
    told = [payload for kind, payload in await here.shop.outbox() if kind == "signal"]
    moments = sorted(payload["until"] for payload in told)
    assert all(payload["resumed"] for payload in told)
    assert moments[0] >= here.clock.now().isoformat()
    assert moments[-1] <= (here.clock.now() + timedelta(hours=1)).isoformat()
    assert len(set(moments)) == 20


async def test_v4_stop_lets_those_inside_finish_or_leave(here: World) -> None:
    await here.shop.publish(waiting("1d"))
    await here.shop.accept(incoming("Product Added"), incoming("Product Added", "bob"))
    await here.shop.pausing.stop("cart", "test")
    await here.pass_time(days=1)
    assert {run.outcome for run in await here.shop.runs()} == {"completed"}
    await here.shop.publish(waiting("1d"))
    await here.shop.accept(incoming("Product Added", "cyd"))
    await here.shop.pausing.stop("cart", "test", is_exit=True)
    await here.shop.migrate()
    assert [run.outcome for run in await here.shop.runs() if run.customer_id == "cyd"] == ["stopped"]


async def test_v4_only_what_is_live_can_be_paused(here: World) -> None:
    await here.shop.publish(waiting("1d"))
    await here.shop.pausing.pause("cart")
    await here.shop.pausing.pause("cart")
    await here.shop.pausing.stop("cart", "test")
    with pytest.raises(ConflictError):
        await here.shop.pausing.pause("cart")
    with pytest.raises(ConflictError):
        await here.shop.pausing.resume("cart", None, "test")
