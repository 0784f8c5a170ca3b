"""Caps (Q5-Q9): how many, in which window, who takes the last place, and that nobody takes one too many."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from journeyman.journeys.advance import Advance, Request
from journeyman.journeys.delivery import RetryLaterError
from tests.builders import incoming
from tests.journeyman.journeys.contact.mailings import (
    NIGHT,
    at,
    gates,
    go,
    ledger,
    mail,
    mailing,
    outcomes,
    policy,
)
from tests.world import World

LATE = {"id": "late", "end": "late"}
DONE = {"id": "done", "end": "over"}
TWO_A_DAY = {"max": 2, "per": "1d"}


async def test_q5_without_a_place_a_message_is_skipped_and_the_run_goes_on(here: World) -> None:
    await here.shop.introduce()
    await here.shop.publish(mailing(caps=[TWO_A_DAY]))
    await go(here, times=3)
    assert await outcomes(here) == ["capped", "sent", "sent"]
    assert {run.outcome for run in await here.shop.runs()} == {"over"}
    assert (await gates(here))[-1][-1] == "frequency_cap!"
    (capped,) = [entry for entry in await here.shop.journal() if entry.code == "capped"]
    (cap,) = capped.data["gates"][-1]["read"]["caps"]
    assert cap == {"max": 2, "per": "1d", "journey": "cart", "taken": 2, "ahead": 0}


@pytest.mark.parametrize(
    ("send", "ends"), [({"cap": "late"}, "late"), ({"on": {"capped": "late"}}, "late"), ({}, "over")]
)
async def test_q5_a_full_cap_may_lead_to_a_step(here: World, send: dict[str, Any], ends: str) -> None:
    await here.shop.introduce()
    await here.shop.publish(mailing("cart", mail(**send), DONE, LATE, caps=[{"max": 1, "per": "1d"}]))
    await go(here, times=2)
    assert sorted(run.outcome for run in await here.shop.runs()) == sorted(["over", ends])


async def test_q5_a_message_may_wait_for_a_place(here: World) -> None:
    await here.shop.introduce()
    await here.shop.publish(mailing("cart", mail(cap={"delay": "2d"}), caps=[{"max": 1, "per": "1d"}]))
    start = here.clock.at
    await go(here, times=2)
    await here.pass_time(hours=23, minutes=59)
    assert len(here.smtp.mails) == 1
    await here.pass_time(minutes=2)
    assert [row.sent_at - start for row in await ledger(here)] == [timedelta(), timedelta(days=1)]


async def test_q5_a_message_waits_no_longer_than_it_may(here: World) -> None:
    await here.shop.introduce()
    await here.shop.publish(mailing("cart", mail(cap={"delay": "30h"}), caps=[{"max": 1, "per": "1d"}]))
    await go(here, times=3)
    await here.pass_time(days=3)
    assert await outcomes(here) == ["capped", "sent", "sent"]


@pytest.mark.parametrize(
    ("per", "times", "sent"),
    [
        ("1d", ["+0 23:00", "+1 01:00", "+1 22:59", "+1 23:01"], [True, False, False, True]),
        ("1 calendar day", ["+0 23:00", "+1 01:00", "+1 22:59", "+1 23:01"], [True, False, False, True]),
        (
            "2 calendar days",
            ["+0 23:00", "+1 22:59", "+1 23:01", "+2 22:59", "+2 23:01"],
            [True, False, False, False, True],
        ),
        ("7d", ["+0 13:00", "+6 00:00", "+7 12:59", "+7 13:00"], [True, False, False, True]),
    ],
)
async def test_q6_windows_roll_or_begin_at_the_customers_midnight(
    here: World, per: str, times: list[str], sent: list[bool]
) -> None:
    """Her midnight is at 23:00 UTC in Warsaw."""
    await here.shop.introduce(timezone="Europe/Warsaw")
    await here.shop.publish(mailing(caps=[{"max": 1, "per": per}]))
    for time in times:
        await at(here, time)
        await go(here)
    assert [row.outcome == "sent" for row in await ledger(here)] == sent


async def test_q6_caps_are_by_topic_by_channel_and_in_all(here: World) -> None:
    await here.shop.introduce()
    await here.shop.consent("ann", news="yes", offers="yes")
    caps = [
        {"max": 1, "per": "1d", "topic": "news"},
        {"max": 3, "per": "1d"},
        {"max": 9, "per": "1d", "channel": "sms"},
    ]
    await policy(here, caps=caps)
    for topic in ("news", "offers"):
        await here.shop.publish(mailing(topic, event=topic, topic=topic))
    for event in ("news", "news", "offers", "offers", "offers"):
        await go(here, event=event)
    found = [(row.topic, row.outcome) for row in await ledger(here)]
    assert sorted(found) == [
        ("news", "capped"),
        ("news", "sent"),
        ("offers", "capped"),
        ("offers", "sent"),
        ("offers", "sent"),
    ]


@pytest.mark.parametrize(("of", "sent"), [("journey", 2), ("any journey", 1)])
async def test_q6_a_journeys_cap_counts_its_own_messages_or_everybodys(here: World, of: str, sent: int) -> None:
    await here.shop.introduce()
    for key in ("one", "two"):
        await here.shop.publish(mailing(key, event=key, caps=[{"max": 1, "per": "1d", "of": of}]))
        await go(here, event=key)
    assert len(here.smtp.mails) == sent


async def test_q6_a_budget_of_pressure_is_a_cap_in_points(here: World) -> None:
    await here.shop.introduce()
    await policy(here, caps=[{"max": 5, "per": "7d", "points": {"email": 2, "sms": 3}}])
    await here.shop.publish(mailing())
    await go(here, times=3)
    assert await outcomes(here) == ["capped", "sent", "sent"]


async def test_q7_a_place_is_given_back_when_a_message_could_not_be_sent(here: World) -> None:
    await here.shop.introduce()
    here.smtp.script("END", "550 no")
    await here.shop.publish(mailing(caps=[{"max": 1, "per": "1d"}]))
    await go(here)
    await go(here)
    assert await outcomes(here) == ["failed", "sent"]
    assert {row.outcome: row.counted_at is not None for row in await ledger(here)} == {"failed": False, "sent": True}


async def test_q7_fifty_runs_of_one_customer_at_once_take_three_places(here: World) -> None:
    await here.shop.introduce()
    await here.shop.publish(mailing(caps=[{"max": 3, "per": "1 calendar day"}]))

    now = here.clock.at
    await here.shop.accept(*(incoming("Go", "ann", at=now, n=f"n{number}") for number in range(50)))
    runs = await here.shop.runs()
    others = [Advance(here.database, here.clock, here.delivery, "UTC") for _ in range(4)]
    await asyncio.gather(
        *(others[n % 4](Request(run.id, run.step, run.visit, now, "email")) for n, run in enumerate(runs))
    )
    found = await outcomes(here)
    assert (len(runs), found.count("sent"), found.count("capped")) == (50, 3, 47)
    assert len(here.smtp.mails) == 3


async def test_q8_transactional_messages_heed_nothing_and_count_for_nothing(here: World) -> None:
    await here.shop.introduce()
    await policy(here, caps=[{"max": 1, "per": "1d"}], quiet_hours={"from": "11:00", "until": "13:00"})
    await here.shop.publish(mailing("order", event="Order", topic="transactional"))
    await here.shop.publish(mailing())
    await go(here, event="Order", times=2)
    assert len(here.smtp.mails) == 2
    await here.pass_time(hours=2)
    await go(here, times=2)
    await go(here, event="Order")
    assert await outcomes(here) == ["capped", "sent", "sent", "sent", "sent"]
    assert sum(row.counted_at is not None for row in await ledger(here)) == 1


async def test_q8_unless_the_author_says_so(here: World) -> None:
    await here.shop.introduce()
    await policy(here, caps=[{"max": 1, "per": "1d"}])
    await here.shop.publish(mailing("order", mail(guarded=True), event="Order", topic="transactional"))
    await go(here, event="Order", times=2)
    assert await outcomes(here) == ["capped", "sent"]


async def test_q8_the_topic_counts_as_it_is_at_the_time_of_sending(here: World) -> None:
    await here.shop.introduce()
    await here.shop.consent("ann", updates="yes")
    await policy(here, caps=[{"max": 1, "per": "1d"}])
    await here.shop.publish(mailing(topic="updates"))
    await go(here, times=2)
    await here.put("/v1/topics/updates", {"name": "Updates", "marketing": False})
    await go(here)
    assert await outcomes(here) == ["capped", "sent", "sent"]


async def test_q9_the_strictest_of_all_caps_counts(here: World) -> None:
    await here.shop.introduce()
    await policy(here, caps=[{"max": 1, "per": "1d"}])
    await here.shop.publish(mailing(caps=[{"max": 5, "per": "1d"}]))
    await go(here, times=2)
    assert await outcomes(here) == ["capped", "sent"]


@pytest.mark.parametrize(("low", "high", "sent"), [(10, 90, "high"), (90, 10, "low"), (50, 50, "low")])
async def test_q9_of_messages_that_wait_the_higher_priority_takes_the_last_place(
    here: World, low: int, high: int, sent: str
) -> None:
    """Both wait for the morning, `low` since earlier; of equals who came first goes first."""
    await here.shop.introduce()
    await here.shop.consent("ann", low="yes", high="yes")
    await policy(here, caps=[{"max": 1, "per": "1 calendar day"}], quiet_hours=NIGHT)
    await here.shop.publish(mailing("low", event="Low", topic="low", priority=low))
    await here.shop.publish(mailing("high", event="High", topic="high", priority=high))
    await at(here, "22:00")
    await go(here, event="Low")
    await here.pass_time(minutes=1)
    await go(here, event="High")
    await at(here, "+1 09:00")
    assert {row.journey_key: row.outcome for row in await ledger(here)} == {
        sent: "sent",
        {"low": "high", "high": "low"}[sent]: "capped",
    }


async def test_q9_a_place_is_kept_for_a_message_that_is_due_within_the_window(here: World) -> None:
    await here.shop.introduce()
    await policy(here, caps=[{"max": 1, "per": "7d"}])
    await here.shop.publish(mailing("vip", event="Vip", priority=90, quiet_hours=NIGHT))
    await here.shop.publish(mailing())
    await at(here, "22:00")
    await go(here, event="Vip")
    await go(here)
    await at(here, "+1 09:00")
    assert {row.journey_key: row.outcome for row in await ledger(here)} == {"vip": "sent", "cart": "capped"}


async def test_q9_who_has_left_keeps_no_place(here: World) -> None:

    await here.shop.introduce()
    await policy(here, caps=[{"max": 1, "per": "7d"}])
    exits = [{"on": "event", "event": "Bought"}]
    await here.shop.publish(mailing("vip", event="Vip", priority=90, quiet_hours=NIGHT, exit=exits))
    await here.shop.publish(mailing())
    await at(here, "22:00")
    await go(here, event="Vip")
    await here.shop.accept(incoming("Bought", "ann", at=here.clock.at))
    await go(here)
    assert {row.journey_key: row.outcome for row in await ledger(here)}["cart"] == "sent"


async def advance(here: World, key: str) -> None:
    (run,) = [run for run in await here.shop.runs() if run.journey_key == key]
    await here.advance(Request(run.id, run.step, run.visit, here.clock.at, "email"))


async def test_q9_what_waits_for_another_attempt_gives_way_to_the_higher_priority(here: World) -> None:

    await here.shop.introduce()
    await policy(here, caps=[{"max": 1, "per": "1d"}])
    await here.shop.publish(mailing("low", event="Low", priority=10))
    await here.shop.publish(mailing("high", event="High", priority=90))
    here.smtp.script("END", "451 later")
    await here.shop.accept(incoming("Low", "ann", at=here.clock.at, n="1"))
    with pytest.raises(RetryLaterError):
        await advance(here, "low")
    await here.shop.accept(incoming("High", "ann", at=here.clock.at, n="2"))
    await advance(here, "high")
    await advance(here, "low")
    assert {row.journey_key: row.outcome for row in await ledger(here)} == {"low": "capped", "high": "sent"}


async def test_m3_caps_are_asked_before_quiet_hours_and_after_all_else(here: World) -> None:
    await here.shop.introduce()
    await here.shop.publish(mailing(caps=[TWO_A_DAY], quiet_hours=NIGHT))
    await go(here)
    assert await gates(here) == [["consent", "address", "suppression", "exit_rules", "frequency_cap", "quiet_hours"]]


async def test_m1_a_later_step_branches_on_a_capped_message(here: World) -> None:
    await here.shop.introduce()
    ways = [{"when": {"message": "mail", "status": "capped"}, "next": "late"}]
    await here.shop.publish(
        mailing("cart", mail(), {"id": "which", "branch": ways}, DONE, LATE, caps=[{"max": 1, "per": "1d"}])
    )
    await go(here, times=2)
    assert sorted(run.outcome for run in await here.shop.runs()) == ["late", "over"]


async def test_q5_a_place_that_frees_at_midnight_frees_at_another_moment_for_each(here: World) -> None:
    caps = [{"max": 1, "per": "1 calendar day"}]
    await here.shop.publish(mailing("cart", mail(cap={"delay": "2d"}), caps=caps))
    for customer in (names := [f"c{number}" for number in range(8)]):
        await here.shop.introduce(customer)
        await go(here, customer, times=2)
    waiting = {run.until for run in await here.shop.runs() if run.until is not None}
    midnight = datetime(2026, 3, 3, tzinfo=UTC)
    assert len(waiting) == len(names)
    assert all(midnight <= until < midnight + timedelta(minutes=30) for until in waiting)


async def test_q7_what_both_profiles_were_sent_counts_when_they_turn_out_to_be_one(here: World) -> None:
    await here.shop.introduce()
    await here.shop.introduce("bob")
    await policy(here, caps=[{"max": 2, "per": "1d"}])
    await here.shop.publish(mailing())
    await go(here)
    await go(here, "bob")
    await here.shop.accept(incoming("Aliased", "ann", kind="alias", at=here.clock.at, previous="bob"))
    await go(here)
    assert await outcomes(here) == ["capped", "sent", "sent"]
