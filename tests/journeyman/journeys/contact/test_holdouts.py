"""Holdouts (O7): who is held out walks the whole way, is sent nothing, and what she comes to is counted apart."""

from typing import Any

import pytest

from journeyman.journeys.contact.holdouts import is_held_out
from journeyman.language.contact import Holdout
from tests.builders import incoming
from tests.journeyman.journeys.contact.mailings import gates, go, ledger, mail, mailing, policy
from tests.world import World

PEOPLE = tuple(f"c{number}" for number in range(16))
HALF: dict[str, Any] = {"share": 50, "salt": "spring"}
ORDER = {"key": "order", "on": "event", "event": "Order Completed", "within": "7d", "value": {"property": "revenue"}}


@pytest.mark.parametrize("share", [1, 5, 50, 99.5])
def test_o7_the_share_is_what_was_asked_for(share: float) -> None:
    holdout = Holdout(share=share)
    held = sum(is_held_out(holdout, "cart", f"cus_{number}") for number in range(20_000)) / 200
    assert abs(held - share) < 1.1


def test_o7_who_is_held_out_stays_so_and_another_salt_draws_anew() -> None:
    first, second = ([is_held_out(Holdout(share=50, salt=salt), "", f"c{n}") for n in range(400)] for salt in "ab")
    assert first == [is_held_out(Holdout(share=50, salt="a"), "other", f"c{n}") for n in range(400)]
    assert 0.4 < sum(one == other for one, other in zip(first, second, strict=True)) / 400 < 0.6


async def held(here: World) -> set[str]:
    return {run.customer_id for run in await here.shop.runs() if "held_out" in run.context}


async def all_come(here: World) -> None:
    for one in PEOPLE:
        await here.shop.introduce(one)
    for one in PEOPLE:
        await go(here, one)


async def test_o7_a_journeys_holdout_traps_its_messages(here: World) -> None:
    await here.shop.publish(mailing("cart", mail(), mail("second"), holdout=HALF, goals=[ORDER]))
    await all_come(here)
    kept_back = await held(here)
    assert 0 < len(kept_back) < len(PEOPLE)
    found = {(row.customer_id, row.step): (row.outcome, row.state, row.attempts) for row in await ledger(here)}
    for run in await here.shop.runs():
        expected = ("held_out", "refused", 0) if run.customer_id in kept_back else ("sent", "sent", 1)
        assert [found[run.customer_id, step] for step in ("mail", "second")] == [expected] * 2
        assert run.outcome == "over"
    assert len(here.smtp.mails) == 2 * (len(PEOPLE) - len(kept_back))
    assert (await gates(here)).count(["holdout!"]) == 2 * len(kept_back)


async def test_o7_conversions_of_the_held_out_are_counted_apart(here: World) -> None:
    await here.shop.publish(mailing(holdout=HALF, goals=[ORDER]))
    await all_come(here)
    kept_back = len(await held(here))
    orders = [incoming("Order Completed", one, at=here.clock.at, revenue=10) for one in PEOPLE]
    await here.shop.accept(*orders)
    stats = await here.get("/v1/journeys/cart/stats")
    (goal,) = stats["goals"]
    assert (stats["entered"], stats["held_out"]) == (len(PEOPLE), kept_back)
    assert (goal["held_out"], goal["held_out_revenue"]) == (kept_back, 10 * kept_back)
    assert (goal["conversions"], goal["revenue"]) == (len(PEOPLE) - kept_back, 10 * (len(PEOPLE) - kept_back))
    assert stats["steps"][0]["messages"] == {"held_out": kept_back, "sent": len(PEOPLE) - kept_back}


async def test_o7_the_workspaces_holdout_is_of_all_journeys_and_lets_transactional_messages_pass(here: World) -> None:
    await policy(here, holdout=HALF)
    await here.shop.publish(mailing())
    await here.shop.publish(mailing("other"))
    await here.shop.publish(mailing("order", topic="transactional"))
    await all_come(here)
    by_journey = {
        key: {row.customer_id for row in await ledger(here) if row.journey_key == key and row.outcome == "sent"}
        for key in ("cart", "other", "order")
    }
    assert by_journey["cart"] == by_journey["other"] < by_journey["order"]
    assert len(by_journey["order"]) == len(PEOPLE)


async def test_o7_a_steps_holdout_traps_that_step_alone(here: World) -> None:
    await here.shop.publish(mailing("cart", mail(holdout=HALF), mail("second")))
    await all_come(here)
    found = [(row.step, row.outcome) for row in await ledger(here)]
    assert found.count(("second", "sent")) == len(PEOPLE)
    assert 0 < found.count(("mail", "held_out")) < len(PEOPLE)
    assert await held(here) == set()


async def test_o7_a_holdout_that_came_after_the_entry_counts_from_the_next_message_on(here: World) -> None:
    await here.shop.publish(mailing("cart", mail(), {"id": "pause", "wait": {"for": "1h"}}, mail("second")))
    await all_come(here)
    await policy(here, holdout=HALF)
    await here.pass_time(hours=2)
    kept_back = await held(here)
    found = [(row.step, row.outcome) for row in await ledger(here)]
    assert kept_back
    assert (found.count(("mail", "sent")), found.count(("second", "held_out"))) == (len(PEOPLE), len(kept_back))
