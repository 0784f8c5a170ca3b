"""Quiet hours (Q1-Q4, W8): what waits for the morning, and what goes then."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.builders import email, incoming
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

OVER, LATE = {"id": "done", "end": "over"}, {"id": "late", "end": "late"}
MORNING = datetime(2026, 3, 3, 8, tzinfo=UTC)


async def test_q1_a_message_of_the_night_is_held_to_the_morning_and_judged_again(here: World) -> None:
    await here.shop.introduce()
    await here.shop.publish(mailing(quiet_hours=NIGHT))
    await at(here, "21:30")
    await go(here)
    (run,) = await here.shop.runs()
    assert here.smtp.mails == []
    assert MORNING <= run.until < MORNING + timedelta(minutes=30)
    (held,) = [entry for entry in await here.shop.journal() if entry.kind == "held"]
    assert (held.code, held.step, held.data["gates"][-1]["passed"]) == ("quiet_hours", "mail", False)
    assert held.data["gates"][-1]["read"]["local"] == "Mon 21:30"
    await at(here, "+1 07:59")
    assert here.smtp.mails == []
    await at(here, "+1 08:30")
    assert len(here.smtp.mails) == 1
    (message,) = await ledger(here)
    assert (message.outcome, message.sent_at, message.attempts) == ("sent", run.until, 1)
    assert (await here.shop.runs())[0].outcome == "over"


async def test_q1_outside_of_quiet_hours_nothing_is_held(here: World) -> None:
    await here.shop.introduce()
    await here.shop.publish(mailing(quiet_hours=NIGHT))
    await go(here)
    assert await gates(here) == [["consent", "address", "suppression", "exit_rules", "quiet_hours"]]
    assert len(here.smtp.mails) == 1


async def test_m2_what_changes_during_a_hold_counts_at_its_end(here: World) -> None:
    await here.shop.introduce()
    await here.shop.publish(mailing(quiet_hours=NIGHT))
    await at(here, "21:30")
    await go(here)
    await here.shop.consent("ann", email="no")
    await at(here, "+1 09:00")
    assert (await outcomes(here), here.smtp.mails) == (["no_consent"], [])


async def test_w9_an_exit_ends_a_hold_at_once_and_nothing_is_sent(here: World) -> None:
    await here.shop.introduce()
    await here.shop.publish(mailing(quiet_hours=NIGHT, exit=[{"on": "event", "event": "Bought"}]))
    await at(here, "21:30")
    await go(here)
    await here.shop.accept(incoming("Bought", "ann", at=here.clock.at))
    (run,) = await here.shop.runs()
    assert (run.state, run.outcome, run.until) == ("ended", "exited", None)
    await at(here, "+1 09:00")
    assert here.smtp.mails == []


@pytest.mark.parametrize(
    ("quiet_hours", "send", "ends"),
    [
        ({**NIGHT, "then": "skip"}, {}, "over"),
        ({**NIGHT, "then": "late"}, {}, "late"),
        ({**NIGHT, "then": "exit"}, {}, "exited"),
        ({**NIGHT, "then": "skip"}, {"on": {"quiet_hours": "late"}}, "late"),
        (NIGHT, {"quiet_hours": {**NIGHT, "then": "late"}}, "late"),
        (NIGHT, {"quiet_hours": {**NIGHT, "then": "skip"}}, "over"),
    ],
)
async def test_q1_a_message_may_be_skipped_or_lead_to_a_step(
    here: World, quiet_hours: dict[str, Any], send: dict[str, Any], ends: str
) -> None:
    await here.shop.introduce()
    await here.shop.publish(mailing("cart", mail(**send), OVER, LATE, quiet_hours=quiet_hours))
    await at(here, "22:00")
    await go(here)
    (run,) = await here.shop.runs()
    assert (await outcomes(here), run.outcome, here.smtp.mails) == (["quiet_hours"], ends, [])


@pytest.mark.parametrize(
    ("traits", "parts", "zone", "rung", "morning"),
    [
        ({"timezone": "America/New_York"}, {}, "America/New_York", "customer", 13),
        ({"phone": "+81312345678"}, {}, "Asia/Tokyo", "phone", 23),
        ({}, {"time_zone": "Asia/Kolkata"}, "Asia/Kolkata", "journey", 2.5),
        ({}, {}, "UTC", "workspace", 8),
    ],
)
async def test_q2_without_a_zone_of_her_own_the_ladder_protects_her(
    here: World, traits: dict[str, str], parts: dict[str, Any], zone: str, rung: str, morning: float
) -> None:
    always = {"from": "08:30", "until": "08:00"}
    await here.shop.introduce(**traits)
    await here.shop.publish(mailing(quiet_hours=always, **parts))
    await go(here)
    (held,) = [entry for entry in await here.shop.journal() if entry.kind == "held"]
    read = held.data["gates"][-1]["read"]
    assert (read["zone"], read["rung"]) == (zone, rung)
    opens = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(hours=morning)
    opens += timedelta(days=opens < here.clock.at)
    assert opens <= datetime.fromisoformat(held.data["until"]) < opens + timedelta(minutes=30)


@pytest.mark.parametrize(
    ("piled_up", "goes"),
    [("all", ["1", "2", "3", "other"]), ("latest", ["3"]), ("first", ["1"]), ("one per journey", ["3", "other"])],
)
async def test_q4_of_what_piled_up_in_the_night_goes_what_the_author_says(
    here: World, piled_up: str, goes: list[str]
) -> None:
    await here.shop.introduce()
    night = {**NIGHT, "piled_up": piled_up}
    await here.shop.publish(mailing("other", quiet_hours=night, event="Other"), template=email("other"))
    await at(here, "21:30")
    for number in "123":
        await here.shop.publish(mailing("cart", mail(template=f"t{number}"), quiet_hours=night), template=email(number))
        await go(here)
        if number == "1":
            await here.pass_time(minutes=5)
            await go(here, event="Other")
        await here.pass_time(minutes=5)
    await at(here, "+1 09:00")
    assert sorted(row.subject for row in await ledger(here) if row.outcome == "sent") == goes
    assert (await outcomes(here)).count("superseded") == 4 - len(goes)
    assert {run.outcome for run in await here.shop.runs()} == {"over"}


async def test_q4_another_topic_is_another_pile(here: World) -> None:
    await here.shop.introduce()
    await here.shop.publish(mailing("news", quiet_hours=NIGHT, event="News", topic="news"))
    await here.shop.publish(mailing("cart", quiet_hours=NIGHT))
    await here.shop.consent("ann", news="yes")
    await at(here, "22:00")
    await go(here, times=3)
    await go(here, event="News")
    await at(here, "+1 09:00")
    assert await outcomes(here) == ["sent", "sent", "superseded", "superseded"]


async def test_q4_what_was_dropped_says_what_went_in_its_place(here: World) -> None:
    await here.shop.introduce()
    await here.shop.publish(mailing(quiet_hours=NIGHT))
    await at(here, "22:00")
    await go(here)
    await here.pass_time(minutes=1)
    await go(here)
    await at(here, "+1 09:00")
    (sent,) = [row for row in await ledger(here) if row.outcome == "sent"]
    (dropped,) = [entry for entry in await here.shop.journal() if entry.code == "superseded"]
    assert dropped.data["gates"][-1] == {
        "gate": "hold",
        "passed": False,
        "read": {
            "piled_up": "latest",
            "held_since": "2026-03-02T22:00:00+00:00",
            "goes": sent.id,
            "journey": "cart",
        },
    }


async def test_q9_quiet_hours_of_the_workspace_and_the_journey_are_both_kept(here: World) -> None:
    await here.shop.introduce()
    await policy(here, quiet_hours={"from": "20:00", "until": "07:00"})
    await here.shop.publish(mailing(quiet_hours={"from": "06:00", "until": "10:00"}))
    await at(here, "22:00")
    await go(here)
    (run,) = await here.shop.runs()
    assert timedelta(hours=12) <= run.until - here.clock.at < timedelta(hours=12, minutes=30)


async def test_q1_what_could_never_go_is_not_held(here: World) -> None:
    await here.shop.introduce()
    await policy(here, quiet_hours={"from": "12:00", "until": "24:00"})
    await here.shop.publish(mailing(quiet_hours={"from": "00:00", "until": "12:00"}))
    await go(here)
    assert (await outcomes(here), (await here.shop.runs())[0].outcome) == (["quiet_hours"], "over")


async def test_w8_customers_of_one_zone_do_not_all_go_at_eight(here: World) -> None:
    await here.shop.publish(mailing(quiet_hours=NIGHT))
    for customer in (names := [f"c{number}" for number in range(12)]):
        await here.shop.introduce(customer)
    await at(here, "22:00")
    for customer in names:
        await go(here, customer)
    assert len({run.until for run in await here.shop.runs()}) == len(names)


async def test_w11_what_was_held_is_given_up_when_a_date_ends_the_run_in_the_night(here: World) -> None:
    await here.shop.introduce("ann", name="Ann", trial_ends="2026-03-03T03:00:00Z")
    rule = {"on": "date", "attribute": "trial_ends", "outcome": "over"}
    await here.shop.publish(mailing(quiet_hours=NIGHT, exit=[rule]))
    await at(here, "21:30")
    await go(here)
    await at(here, "+1 09:00")
    assert here.smtp.mails == []
    (run,) = await here.shop.runs()
    assert (run.outcome, run.ended_at) == ("over", datetime(2026, 3, 3, 3, tzinfo=UTC))
    assert [message.outcome for message in await ledger(here)] == ["exited"]
