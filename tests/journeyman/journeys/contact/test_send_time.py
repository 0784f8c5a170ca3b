"""The gate of the send time (O1, Q3, M3): a message waits for its customer's best hour, and is judged again then."""

from datetime import UTC, datetime, timedelta
from typing import Any

from journeyman.intelligence.registry import repository as registry
from journeyman.intelligence.send_times import repository as send_times
from journeyman.intelligence.send_times.learnt import MODEL, Everybody
from journeyman.intelligence.send_times.model import Fit, Own, Rates
from tests.builders import NOON
from tests.journeyman.journeys.contact.mailings import NIGHT, at, gates, go, ledger, mail, mailing, outcomes
from tests.world import World

FLAT = Fit(Rates(0.1, (1.0,) * 24, (1.0,) * 7, 5000), (1 / 24,) * 24, (1 / 7,) * 7, 1.0, 1.0, 1.0)


async def learnt(here: World, hour: int, customer: str = "ann") -> None:
    """A customer of whom it is known that she answers at this hour, twice as much as at others."""
    own = Own(tuple(2.0 if one == hour else 1.0 for one in range(24)), (1.0,) * 7)
    async with here.database.transaction() as connection:
        if await registry.in_use(connection, MODEL) is None:
            await registry.add(connection, MODEL, NOON, 5000, ({}, {}), Everybody(FLAT).to_json(), in_use=True)
        await send_times.save(connection, [customer], {customer: (own, 40)}, f"{MODEL}/1", NOON)


async def held(here: World) -> Any:
    """What the gate of the send time read when it held the message."""
    (line,) = [entry for entry in await here.shop.journal() if entry.kind == "held"]
    gate = line.data["gates"][-1]
    assert (line.code, gate["gate"], gate["passed"]) == ("send_time", "send_time", False)
    return gate["read"]


async def test_o1_a_message_waits_for_the_best_hour_and_all_gates_are_asked_again(here: World) -> None:
    await here.shop.introduce()
    await learnt(here, 20)
    await here.shop.publish(mailing("cart", mail(at="best_time"), quiet_hours=NIGHT))
    await go(here)
    (run,) = await here.shop.runs()
    read = await held(here)
    if read["explored"]:
        assert read["propensity"] < 0.05
    assert run.until == datetime.fromisoformat(read["until"])
    assert here.smtp.mails == []
    await here.pass_time(days=1)
    assert len(here.smtp.mails) == 1
    (message,) = await ledger(here)
    assert (message.outcome, message.sent_at) == ("sent", run.until)
    asked = (await gates(here))[-1]
    assert asked == ["consent", "address", "suppression", "exit_rules", "quiet_hours", "send_time"]


async def test_o1_of_forty_messages_nearly_all_go_in_the_best_hour_and_the_others_say_that_they_explore(
    here: World,
) -> None:
    for place in range(40):
        await here.shop.introduce(f"c{place}")
        await learnt(here, 20, f"c{place}")
    await here.shop.publish(mailing("cart", mail(at={"within": "12h"})))
    for place in range(40):
        await go(here, f"c{place}")
    lines = [entry.data["gates"][-1]["read"] for entry in await here.shop.journal() if entry.kind == "held"]
    chosen = [read for read in lines if not read["explored"]]
    assert len(chosen) >= 32
    assert {read["cell"] for read in chosen} == {20}
    assert {read["score"] for read in chosen} == {round(2 / (25 / 24), 3)}


async def test_o1_without_data_a_message_goes_at_once(here: World) -> None:
    await here.shop.introduce()
    await here.shop.publish(mailing("cart", mail(at="best_time")))
    await go(here)
    assert await outcomes(here) == ["sent"]
    (line,) = [entry for entry in await here.shop.journal() if entry.kind == "message"]
    assert line.data["gates"][-1] == {"gate": "send_time", "passed": True, "read": {"zone": "UTC", "rung": "none"}}


async def test_m2_consent_that_ends_while_a_message_waits_for_its_hour_keeps_it_back(here: World) -> None:
    await here.shop.introduce()
    await learnt(here, 20)
    await here.shop.publish(mailing("cart", mail(at="best_time")))
    await go(here)
    await here.shop.consent(email="no")
    await here.pass_time(days=1, hours=1)
    assert await outcomes(here) == ["no_consent"]


async def test_q3_a_best_hour_in_the_quiet_hours_moves_to_their_edge(here: World) -> None:
    await here.shop.introduce()
    await learnt(here, 22)
    await here.shop.publish(mailing("cart", mail(at="best_time"), quiet_hours=NIGHT))
    await go(here)
    read = await held(here)
    assert read["quiet"] == 22
    if not read["explored"]:
        assert read["cell"] == 20
    await here.pass_time(days=1)
    (message,) = await ledger(here)
    assert message.sent_at.astimezone(UTC).hour not in {21, 22, 23, 0, 1, 2, 3, 4, 5, 6, 7}


async def test_q3_a_message_of_the_night_looks_for_its_hour_instead_of_waiting_for_the_morning_first(
    here: World,
) -> None:
    await here.shop.introduce()
    await learnt(here, 12)
    await here.shop.publish(mailing("cart", mail(at={"within": "1d"}), quiet_hours=NIGHT))
    await at(here, "22:30")
    await go(here)
    read = await held(here)
    assert datetime.fromisoformat(read["until"]) <= NOON + timedelta(days=1, hours=10, minutes=31)
    await here.pass_time(days=1)
    assert await outcomes(here) == ["sent"]
    assert [entry.code for entry in await here.shop.journal() if entry.kind == "held"] == ["send_time"]
