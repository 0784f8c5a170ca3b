"""What those inside do when a version is published (V1, V2)."""

from datetime import timedelta
from typing import Any

import pytest

from journeyman.journeys.migration.planning import Wish
from journeyman.kit.errors import InvalidError
from tests.builders import NOON, incoming, journey
from tests.world import World

WAIT, MAIL = {"id": "pause", "wait": {"for": "2d"}}, {"id": "mail", "send": {"channel": "email", "template": "hello"}}
LAST = {"id": "last", "wait": {"for": "3d"}}


def waiting(span: str, *more: Any) -> dict[str, Any]:
    return journey(steps=[{"id": "pause", "wait": {"for": span}}, *more])


async def enter(here: World, *names: str) -> None:
    for name in names or ("ann",):
        await here.shop.introduce(name)
        await here.shop.accept(incoming("Product Added", name))
    await here.settle()


async def stand(here: World, name: str = "ann") -> tuple[int, str | None, int]:
    (run,) = [run for run in await here.shop.runs() if run.customer_id == name]
    return run.version, run.step, run.visit


async def test_v1_runs_are_pinned_and_newcomers_take_the_newest(here: World) -> None:
    await here.shop.publish(waiting("2d"))
    await enter(here)
    await here.shop.publish(waiting("1d"))
    await enter(here, "bob")
    assert {run.customer_id: (run.version, run.until) for run in await here.shop.runs()} == {
        "ann": (1, NOON + timedelta(days=2)),
        "bob": (2, NOON + timedelta(days=1)),
    }


async def test_v2_a_shortened_wait_releases_and_a_lengthened_one_extends_from_the_arrival(here: World) -> None:
    await here.shop.publish(waiting("2d", MAIL, LAST))
    await enter(here)
    await here.pass_time(hours=30)
    await here.shop.publish(waiting("4d", MAIL, LAST), wish=Wish("now"))
    await here.shop.migrate()
    (run,) = await here.shop.runs()
    assert (run.version, run.step, run.visit, run.until) == (2, "pause", 1, NOON + timedelta(days=4))
    await here.pass_time(days=1)
    assert here.smtp.mails == []
    await here.shop.publish(waiting("1d", MAIL, LAST), wish=Wish("now"))
    await here.shop.migrate()
    assert [kind for kind, _ in await here.shop.outbox() if kind == "signal"] == ["signal"]
    await here.settle()
    assert len(here.smtp.mails) == 1
    assert await stand(here) == (3, "last", 3)


async def test_v2_a_step_by_another_name_goes_on_and_others_are_arrived_at(here: World) -> None:
    await here.shop.publish(waiting("2d", MAIL, LAST))
    await enter(here)
    await here.pass_time(days=1)
    new = journey(steps=[{"id": "cool-off", "wait": {"for": "2d"}}, MAIL, LAST])
    await here.shop.publish(new, wish=Wish("now", {"pause": "cool-off"}))
    await here.shop.migrate()
    (run,) = await here.shop.runs()
    assert (run.step, run.visit, run.until) == ("cool-off", 1, NOON + timedelta(days=2))
    await here.shop.publish(journey(steps=[MAIL, LAST]), wish=Wish("now", {"cool-off": "mail"}))
    await here.shop.migrate()
    await here.settle()
    assert len(here.smtp.mails) == 1
    assert await stand(here) == (3, "last", 3)
    assert [(one.kind, one.code, one.step) for one in await here.shop.journal() if one.kind == "migrated"] == [
        ("migrated", "stay", "pause"),
        ("migrated", "moved", "cool-off"),
    ]


async def test_v2_who_is_led_back_before_a_message_is_not_sent_it_again(here: World) -> None:
    await here.shop.publish(journey(steps=[MAIL, LAST]))
    await enter(here)
    assert len(here.smtp.mails) == 1
    new = journey(steps=[WAIT, MAIL, {"id": "rest", "wait": {"for": "1d"}}])
    await here.shop.publish(new, wish=Wish("now", {"last": "pause"}))
    await here.shop.migrate()
    # Both are waits: it goes on waiting, and the message that it comes by has been sent.
    await here.pass_time(days=3)
    assert len(here.smtp.mails) == 1
    assert await stand(here) == (2, "rest", 4)
    assert "sent_before" in await here.shop.codes("left")


async def test_v2_at_the_next_step_the_run_goes_on_in_the_new_version(here: World) -> None:
    await here.shop.publish(waiting("2d", LAST))
    await enter(here)
    await here.shop.publish(waiting("1h", MAIL, LAST), wish=Wish("next_step"))
    made = await here.shop.migrate()
    assert made.counts == {"heading": 1}
    assert await stand(here) == (1, "pause", 1)
    await here.pass_time(days=1, hours=23)
    assert await stand(here) == (1, "pause", 1)
    await here.pass_time(hours=2)
    assert await stand(here) == (2, "last", 2)
    assert [entry.code for entry in await here.shop.journal() if entry.kind == "migrated"] == ["next_step"]


async def test_v2_at_the_next_step_a_journey_that_goes_on_behind_its_last_step_goes_on(here: World) -> None:
    await here.shop.publish(waiting("2d"))
    await enter(here)
    await here.shop.publish(waiting("1h", MAIL), wish=Wish("next_step"))
    await here.shop.migrate()
    await here.pass_time(days=3)
    assert len(here.smtp.mails) == 1
    (run,) = await here.shop.runs()
    assert (run.version, run.outcome) == (2, "completed")


async def test_v2_a_step_that_the_new_version_has_not_is_gone_through_in_the_old(here: World) -> None:
    await here.shop.publish(waiting("1d", {"id": "gone", "wait": {"for": "1d"}}, LAST))
    await enter(here)
    await here.shop.publish(waiting("1d", LAST), wish=Wish("next_step"))
    await here.shop.migrate()
    await here.pass_time(days=1, hours=1)
    assert await stand(here) == (1, "gone", 2)
    await here.pass_time(days=1)
    assert await stand(here) == (2, "last", 3)


async def test_v2_exit_ends_everybody_and_so_does_the_map(here: World) -> None:
    await here.shop.publish(waiting("2d"))
    await enter(here, "ann", "bob")
    await here.shop.publish(waiting("1d"), wish=Wish("now", {"pause": "exit"}))
    await here.shop.migrate()
    assert {run.outcome for run in await here.shop.runs()} == {"exited"}
    await enter(here, "cyd")
    await here.shop.publish(waiting("1h"), wish=Wish("exit"))
    assert (await here.shop.migrate()).counts == {"exited": 1}


async def test_v2_the_counts_come_before_and_the_map_has_to_say_where_everybody_goes(here: World) -> None:
    await here.shop.publish(waiting("2d", LAST))
    await enter(here, "ann", "bob")
    await here.pass_time(days=2)
    await enter(here, "cyd")
    new = journey(steps=[LAST])
    await here.shop.drafts.save("cart", new)
    with pytest.raises(InvalidError) as refused:
        await here.shop.drafts.publish("cart", inside="now", dry_run=True, wish=Wish("now"))
    (fault,) = refused.value.faults
    assert fault.pointer == "/map/pause"
    assert fault.detail == "1 runs stand at step `pause` of version 1, which the new version has not"
    wish = Wish("now", {"pause": "last"})
    seen = await here.shop.drafts.publish("cart", inside="now", dry_run=True, wish=wish)
    assert [(one.step, one.runs, one.to) for one in seen.becoming] == [("last", 2, "last"), ("pause", 1, "last")]
    assert (seen.version, seen.migration) == (2, None)
    assert {run.version for run in await here.shop.runs()} == {1}
    await here.shop.publish(new, wish=wish)
    assert (await here.shop.migrate()).counts == {"moved": 3}


@pytest.mark.parametrize(
    ("wish", "pointer"),
    [
        (Wish("tomorrow"), "/inside"),
        (Wish("stay", {"pause": "last"}), "/map"),
        (Wish("now", {"pause": "lasst"}), "/map/pause"),
        (Wish("now", {"pose": "pause"}), "/map/pose"),
    ],
)
async def test_v2_what_cannot_be_done_is_refused(here: World, wish: Wish, pointer: str) -> None:
    await here.shop.publish(waiting("2d"))
    await here.shop.drafts.save("cart", waiting("1d", LAST))
    with pytest.raises(InvalidError) as refused:
        await here.shop.drafts.publish("cart", inside="stay", dry_run=True, wish=wish)
    assert [fault.pointer for fault in refused.value.faults] == [pointer]
