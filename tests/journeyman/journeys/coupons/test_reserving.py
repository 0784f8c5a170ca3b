"""M6: a coupon is reserved with its message, given when that is accepted, and released when it fails."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from journeyman.channels import templates
from journeyman.channels.in_app.tables import InAppMessage
from journeyman.channels.ledger import repository as ledger_repository
from journeyman.channels.templates import read_content
from journeyman.journeys.advance import Request
from journeyman.journeys.coupons.sweeping import CouponSweeper
from journeyman.journeys.delivery import Reserved, RetryLaterError
from tests.builders import email, incoming
from tests.journeyman.journeys.contact.mailings import go, ledger, mail, mailing, outcomes
from tests.journeyman.journeys.coupons.offers import TEMPLATE, codes, fill, offer, shown, states, text
from tests.world import World

WAIT = {"id": "wait", "wait": {"for": "1d"}}


async def test_m6_a_message_brings_a_code_that_is_given_when_it_is_accepted(here: World) -> None:
    await fill(here, "A", "B", expires="2026-04-01T00:00:00Z")
    await here.shop.introduce()
    await offer(here)
    await go(here)
    row = (await codes(here))["A"]
    (message,) = await ledger(here)
    assert (row.state, row.customer_id, row.run_id, row.message_id, row.given_at, row.redeemed_at) == (
        *("given", message.customer_id, message.run_id, message.id),
        *(here.clock.at, None),
    )
    assert text(here.smtp.read()).startswith("Your code is A, until 01.04.2026.")
    assert await states(here) == {"A": "given", "B": "free"}


async def test_m6_a_message_that_fails_releases_its_code(here: World) -> None:
    await fill(here, "A")
    await here.shop.introduce()
    await offer(here)
    here.smtp.script("RCPT", "550 no such mailbox")
    await go(here)
    assert (await outcomes(here), await states(here)) == (["rejected"], {"A": "free"})
    await here.shop.introduce("bob")
    await go(here, "bob")
    assert (shown(here), await states(here)) == (["A"], {"A": "given"})


async def test_m6_a_message_that_cannot_be_rendered_releases_its_code(here: World) -> None:
    await fill(here, "A")
    await here.shop.introduce(places=99)
    await here.shop.publish(
        mailing("cart", mail(coupon="ten-off")), template=email("{{ 1 | decimals: customer.places }}")
    )
    await go(here)
    assert (await outcomes(here), await states(here)) == (["failed"], {"A": "free"})


async def test_m6_a_run_has_one_code_over_all_its_steps(here: World) -> None:
    await fill(here, "A", "B", "C")
    await here.shop.introduce()
    await offer(here, mail(coupon="ten-off"), WAIT, mail("again", coupon="ten-off"))
    await go(here)
    await here.pass_time(days=1, minutes=1)
    await go(here)
    assert shown(here) == ["A", "A", "B"]
    assert await states(here) == {"A": "given", "B": "given", "C": "free"}


async def test_m6_two_channels_show_the_same_code(here: World) -> None:
    await fill(here, "A", "B")
    await here.shop.introduce()
    await here.shop.consent(in_app="yes")
    note = {"channel": "in_app", "title": "Yours", "body": "{{ coupon.code }}"}
    await templates.save(here.database, "note", read_content(note), here.clock.at)
    await templates.save(here.database, "hello", TEMPLATE, here.clock.at)
    later = {"id": "note", "send": {"channel": "in_app", "template": "note", "coupon": "ten-off"}}
    await here.shop.drafts.save("cart", mailing("cart", mail(coupon="ten-off"), later))
    await here.shop.drafts.publish("cart", inside="stay", dry_run=False)
    await go(here)
    async with here.database.reading() as connection:
        (content,) = (await connection.execute(select(InAppMessage.content))).scalars()
    assert (shown(here), content["body"], await states(here)) == (["A"], "A", {"A": "given", "B": "free"})


async def test_m6_a_later_failure_does_not_take_back_what_was_given(here: World) -> None:
    await fill(here, "A")
    await here.shop.introduce()
    await offer(here, mail(coupon="ten-off"), WAIT, mail("again", coupon="ten-off"))
    await go(here)
    here.smtp.script("RCPT", "550 no such mailbox")
    await here.pass_time(days=1, minutes=1)
    assert (await outcomes(here), await states(here)) == (["rejected", "sent"], {"A": "given"})


async def test_m6_an_empty_pool_is_an_outcome_an_alert_and_never_a_blank(
    here: World, caplog: pytest.LogCaptureFixture
) -> None:
    await fill(here, "A")
    await here.shop.introduce()
    way = {"when": {"message": "mail", "status": "no_coupon"}, "next": "none"}
    which = {"id": "which", "branch": [way], "else": "end"}
    await offer(here, mail(coupon="ten-off"), which, {"id": "none", "end": "none"})
    with caplog.at_level(logging.ERROR):
        await go(here, times=3)
    assert (await outcomes(here), shown(here)) == (["no_coupon", "no_coupon", "sent"], ["A"])
    assert sorted(str(run.outcome) for run in await here.shop.runs()) == ["completed", "none", "none"]
    assert [one.message for one in caplog.records] == ["no message gets a code of the coupon pool ten-off: empty"]
    lines = [line for line in await here.shop.journal() if line.code == "no_coupon"]
    gate = {"gate": "coupon", "passed": False, "read": {"pool": "ten-off", "reason": "empty"}}
    assert [line.data["gates"][-1] for line in lines] == [gate, gate]


async def test_m6_no_coupon_has_a_way_of_its_own(here: World) -> None:
    await fill(here)
    await here.shop.introduce()
    await offer(
        here,
        mail(coupon="ten-off", on={"no_coupon": "plain"}),
        {"id": "x", "end": "x"},
        {"id": "plain", "end": "plain"},
    )
    await go(here)
    assert [run.outcome for run in await here.shop.runs()] == ["plain"]


async def test_m6_expired_codes_are_not_given(here: World) -> None:
    await fill(here, "A", expires="2026-03-03T00:00:00Z")
    await here.shop.introduce()
    await offer(here, mail(coupon="ten-off"), WAIT, mail("again", coupon="ten-off"))
    await go(here)
    await here.pass_time(days=1, minutes=1)
    assert (await outcomes(here), shown(here)) == (["no_coupon", "sent"], ["A"])


async def test_m6_a_tier_is_the_first_whose_condition_holds(here: World) -> None:
    lost = {"key": "lost", "when": {"event": "Order Completed", "count": {"gte": 2}}}
    known = {"key": "known", "when": {"attribute": "plan", "equals": "pro"}}
    await fill(here, "L", key="ten-off", tier="lost", tiers=[lost, known])
    await fill(here, "K", tier="known", tiers=[lost, known])
    for name, plan, orders in (("ann", "pro", 2), ("bob", "pro", 0), ("cid", "free", 1)):
        await here.shop.introduce(name, plan=plan)
        for number in range(orders):
            await here.shop.accept(incoming("Order Completed", name, at=here.clock.at, order_id=f"{name}{number}"))
    await offer(here)
    for name in ("cid", "bob", "ann"):
        await go(here, name)
    assert (await outcomes(here), shown(here)) == (["no_coupon", "sent", "sent"], ["K", "L"])


async def test_m6_a_customer_who_is_held_out_takes_no_code(here: World) -> None:
    await fill(here, "A")
    await here.shop.introduce()
    await offer(here, mail(coupon="ten-off", holdout={"share": 99.99}))
    await go(here)
    assert (await outcomes(here), await states(here)) == (["held_out"], {"A": "free"})


# A worker dies --------------------------------------------------------------------------------------------------------


async def _start(here: World) -> Request:
    """A run that stands before its mail."""
    await here.shop.introduce()
    await offer(here, WAIT, mail(coupon="ten-off"))
    await go(here)
    here.clock.at += timedelta(days=1, seconds=1)
    (run,) = await here.shop.runs()
    return Request(run.id, run.step, run.visit, here.clock.at, "email")


@pytest.mark.parametrize("was_sent", [False, True])
async def test_m6_a_code_stays_with_its_message_until_that_is_settled(here: World, was_sent: bool) -> None:
    await fill(here, "A", "B")
    request = await _start(here)
    reserved = await here.advance._before_a_send(request)
    assert isinstance(reserved, Reserved)
    if was_sent:
        await here.delivery.hand_over(reserved)
    assert await states(here) == {"A": "reserved", "B": "free"}
    await here.advance(request)
    assert await states(here) == {"A": "given", "B": "free"}
    assert set(shown(here)) == {"A"}


async def test_m6_a_temporary_refusal_keeps_the_code(here: World) -> None:
    await fill(here, "A", "B")
    request = await _start(here)
    here.smtp.script("END", "451 try again")
    with pytest.raises(RetryLaterError):
        await here.advance(request)
    assert await states(here) == {"A": "reserved", "B": "free"}
    await here.advance(request)
    assert (await states(here), shown(here)) == ({"A": "given", "B": "free"}, ["A"])


async def test_m6_what_may_have_been_sent_is_given(here: World) -> None:
    await fill(here, "A")
    await here.shop.introduce()
    await offer(here, WAIT, mail(coupon="ten-off", delivery="at_most_once"))
    await go(here)
    here.clock.at += timedelta(days=1, seconds=1)
    (run,) = await here.shop.runs()
    request = Request(run.id, run.step, run.visit, here.clock.at, "email")
    await here.advance._before_a_send(request)
    await here.advance(request)
    assert (await outcomes(here), await states(here)) == (["failed"], {"A": "given"})


@pytest.mark.parametrize(
    ("in_flight", "after", "state"),
    [(False, {"minutes": 2}, "free"), (True, {"minutes": 2}, "reserved"), (True, {"hours": 2}, "given")],
)
async def test_m6_codes_of_runs_that_are_over_go_back_unless_they_may_have_been_sent(
    here: World, in_flight: bool, after: dict[str, float], state: str
) -> None:
    await fill(here, "A")
    request = await _start(here)
    if in_flight:
        await here.advance._before_a_send(request)
    else:
        here.smtp.script("END", "451 try again")
        with pytest.raises(RetryLaterError):
            await here.advance(request)
    sweeper = CouponSweeper(here.database, here.clock)
    here.clock.at += timedelta(minutes=2)
    await sweeper.step()
    assert await states(here) == {"A": "reserved"}, "its run is live"
    await here.http.post(f"/v1/runs/{request.run_id}/exit")
    await here.shop.decide()
    here.clock.at += timedelta(**after)
    await sweeper.step()
    assert await states(here) == {"A": state}


# Whose it is ----------------------------------------------------------------------------------------------------------


async def test_m6_an_order_redeems_its_code_and_nobody_else_gets_it(here: World) -> None:
    await fill(here, "A", "B", "C")
    await here.shop.introduce()
    await offer(here)
    await go(here)
    await here.shop.accept(incoming("Order Completed", at=here.clock.at, order_id="1", coupon=" A "))
    await here.shop.accept(incoming("Order Completed", "bob", at=here.clock.at, order_id="2", coupon="B"))
    await go(here)
    assert shown(here) == ["A", "C"]
    assert await states(here) == {"A": "redeemed", "B": "redeemed", "C": "given"}


async def test_m6_codes_follow_their_customer_into_another_profile(here: World) -> None:
    await fill(here, "A")
    await here.shop.introduce()
    await here.shop.introduce("bob")
    await offer(here)
    await go(here)
    answer = await here.http.post("/v1/customers/bob/merge", json={"customer": "ann"})
    assert answer.status_code < 300, answer.text
    await here.shop.decide()
    (message,) = await ledger(here)
    assert (await codes(here))["A"].customer_id == message.customer_id == "bob"


@contextmanager
def statements(here: World) -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(here.database.engine.sync_engine, "before_cursor_execute", note)
    yield asked
    event.remove(here.database.engine.sync_engine, "before_cursor_execute", note)


async def test_m6_a_message_without_a_coupon_asks_nothing_of_the_pools(here: World) -> None:
    await fill(here, "A")
    await here.shop.introduce()
    await here.shop.publish(mailing("plain", event="Plain"))
    with statements(here) as asked:
        await go(here, event="Plain")
    assert len(here.smtp.mails) == 1
    assert [one for one in asked if "coupon" in one] == []
    assert ledger_repository.COLUMNS.get("coupon") is None, "nor does the ledger carry one"


async def test_m6_a_template_that_shows_a_coupon_by_now_is_not_sent_without_one(here: World) -> None:
    await here.shop.introduce()
    await here.shop.publish(mailing("cart"))
    await here.put("/v1/templates/hello", {"channel": "email", "subject": "x", "text": "{{ coupon.code }}"})
    await go(here)
    assert (await outcomes(here), here.smtp.mails) == (["failed"], [])
