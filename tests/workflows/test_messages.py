"""M1-M5: what becomes of a message, and that nothing is lost or sent twice."""

import asyncio
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from journeyman.channels import suppressions
from journeyman.channels.addresses import From
from journeyman.channels.ports import OutgoingMail
from journeyman.channels.providers.smtp.sender import SmtpSender
from journeyman.channels.routing import only
from journeyman.channels.tables import Message
from journeyman.channels.templates import read_content
from journeyman.journeys.advance import Request
from journeyman.journeys.delivery import ATTEMPTS, RetryLaterError
from journeyman.kit.database import Database
from tests.builders import email, incoming, journey
from tests.parts.smtp import SILENT
from tests.workflows.theatre import Theatre

PAUSE = {"id": "pause", "wait": {"for": "1h"}}
MAIL = {"id": "mail", "send": {"channel": "email", "template": "hello"}}
AFTER = {"id": "after", "wait": {"for": "1h"}}


async def play(stage: Theatre, send: dict[str, Any] | None = None, **parts: Any) -> None:
    """Ann's run stands before a mail that is due in an hour."""
    await stage.shop.introduce(consent=parts.pop("consent", "yes"), **parts.pop("traits", {}))
    mail = {**MAIL, "send": {**MAIL["send"], **(send or {})}}  # type: ignore[dict-item]  # a plain document
    steps = [PAUSE, mail, AFTER, {"id": "other", "end": "other"}]
    await stage.shop.publish(
        journey(steps=[*steps[:3], *steps[3:]], **parts.pop("journey", {})), template=parts.get("template")
    )
    await stage.accept(incoming("Product Added", at=stage.clock.at))


async def messages(database: Database) -> list[Any]:
    async with database.reading() as connection:
        return list((await connection.execute(select(Message.__table__))).all())


async def gates(stage: Theatre) -> list[tuple[str, bool]]:
    (entry,) = [entry for entry in await stage.shop.journal() if entry.kind == "message"]
    return [(gate["gate"], gate["passed"]) for gate in entry.data["gates"]]


@pytest.mark.parametrize(
    ("consent", "traits", "outcome"),
    [
        ("no", {}, "no_consent"),
        ("yes", {"email": None}, "unreachable"),
        ("yes", {"email": "not an address"}, "unreachable"),
    ],
)
async def test_m1_a_refused_message_never_ends_the_journey(
    stage: Theatre, consent: str, traits: dict[str, Any], outcome: str
) -> None:
    await play(stage, consent=consent, traits=traits)
    await stage.pass_time(hours=1, seconds=1)
    assert ((await stage.run()).step, (await messages(stage.database))[0].outcome) == ("after", outcome)
    assert stage.mails == []


async def test_m1_a_later_step_can_branch_on_the_outcome(stage: Theatre) -> None:
    way = {"when": {"message": "mail", "status": "no_consent"}, "next": "other"}
    steps = [PAUSE, MAIL, {"id": "which", "branch": [way], "else": "end"}, {"id": "other", "end": "other"}]
    await stage.shop.introduce(consent="no")
    await stage.shop.publish(journey(steps=steps))
    await stage.accept(incoming("Product Added", at=stage.clock.at))
    await stage.pass_time(hours=1, seconds=1)
    assert (await stage.run()).outcome == "other"


async def test_m1_an_outcome_may_have_its_own_way(stage: Theatre) -> None:
    await play(stage, {"on": {"no_consent": "other"}}, consent="no")
    await stage.pass_time(hours=1, seconds=1)
    assert (await stage.run()).outcome == "other"


async def test_m2_consent_is_judged_at_the_instant_of_sending(stage: Theatre) -> None:
    await play(stage)
    await stage.pass_time(minutes=59)
    await stage.shop.consent(email="no")
    await stage.pass_time(minutes=2)
    assert ((await messages(stage.database))[0].outcome, stage.mails) == ("no_consent", [])


async def test_m2_audience_and_content_are_judged_at_the_instant_of_sending(stage: Theatre) -> None:
    entry = {"on": "event", "event": "Product Added", "audience": {"attribute": "plan", "equals": "free"}}
    await play(stage, traits={"plan": "free"}, journey={"entry": entry})
    await stage.accept(incoming("Identified", kind="identify", at=stage.clock.at, traits={"plan": "pro"}))
    await stage.pass_time(hours=1, seconds=1)
    assert (await messages(stage.database))[0].outcome == "audience"


async def test_m3_the_gates_are_asked_in_order_and_each_is_in_the_trace(stage: Theatre) -> None:
    await play(stage, journey={"entry": {"on": "event", "event": "Product Added", "audience": {"consent": "email"}}})
    await stage.pass_time(hours=1, seconds=1)
    assert [name for name, _ in await gates(stage)] == ["consent", "address", "suppression", "exit_rules", "audience"]
    assert all(passed for _, passed in await gates(stage))


async def test_m3_a_gate_that_refuses_is_the_last_that_is_asked(stage: Theatre) -> None:
    await play(stage)
    async with stage.database.transaction() as connection:
        await suppressions.suppress(connection, "email", "ann@example.com", "complaint", stage.clock.at)
    await stage.pass_time(hours=1, seconds=1)
    assert (await gates(stage))[-1] == ("suppression", False)


async def test_m4_a_repeated_activity_does_not_send_what_is_sent(stage: Theatre) -> None:
    from journeyman.journeys.advance import Request  # noqa: PLC0415 - as the activity would

    await play(stage)
    run = await stage.run()
    await stage.pass_time(hours=1, seconds=1)
    position = await stage.work.advance(Request(run.id, run.step, run.visit, stage.clock.at, "email"))
    assert (position.step, len(stage.mails)) == ("after", 1)


@pytest.mark.parametrize(
    ("delivery", "mails", "outcome"), [("at_least_once", 2, "sent"), ("at_most_once", 1, "failed")]
)
async def test_m4_an_attempt_without_an_answer_is_ambiguous_and_resolved_by_the_steps_policy(
    stage: Theatre, delivery: str, mails: int, outcome: str
) -> None:
    """A worker that dies between hand-over and answer leaves a row in flight; the next attempt finds it."""
    from journeyman.journeys.advance import Request  # noqa: PLC0415 - as two activities would

    await play(stage, {"delivery": delivery})
    run = await stage.run()
    at = run.until + timedelta(seconds=1)
    request = Request(run.id, run.step, run.visit, at, "email")
    reserved = await stage.work.advance._before_a_send(request)
    await stage.work.delivery.hand_over(reserved)  # type: ignore[arg-type]  # no position: a mail is due
    position = await stage.work.advance(request)
    (message,) = await messages(stage.database)
    assert (position.step, message.ambiguous, message.outcome) == ("after", True, outcome)
    assert len(stage.mails) == mails
    assert len({mail["Message-ID"] for mail in stage.mails}) == 1


async def test_m4_a_temporary_refusal_is_tried_again_and_sent_once(stage: Theatre) -> None:
    stage.smtp.script("END", "451 try again", "450 still busy")
    await play(stage)
    await stage.pass_time(hours=1, minutes=5)
    (message,) = await messages(stage.database)
    assert (message.attempts, message.outcome, message.ambiguous, len(stage.mails)) == (3, "sent", False, 1)


@pytest.mark.parametrize(("on_error", "goes_on"), [("continue", True), ("other", False)])
async def test_m5_retries_are_bounded_and_then_on_error_decides(stage: Theatre, on_error: str, goes_on: bool) -> None:
    stage.smtp.script("END", *["451 try again"] * 20)
    await play(stage, {"on_error": on_error})
    await stage.pass_time(hours=3)
    (message,) = await messages(stage.database)
    assert (message.attempts, message.outcome) == (8, "failed")
    arrived = {entry.step for entry in await stage.shop.journal() if entry.kind == "arrived"}
    assert ("after" in arrived) is goes_on


async def test_m5_a_message_for_which_no_connection_is_free_has_not_been_tried(stage: Theatre) -> None:
    sender = SmtpSender(stage.smtp.url(), From("Shop", "hello@shop.example"), connections=1, place_seconds=0.01)
    await play(stage)
    stage.work.advance.delivery.routes = {"email": only(sender, stage.clock)}
    stage.smtp.script("RCPT", SILENT)
    in_the_way = asyncio.create_task(sender.send(OutgoingMail("other", "bob@example.com", "Hello", text="Hello")))
    run = await stage.run()
    due = Request(run.id, run.step or "", run.visit, run.until or stage.clock.at, "email")
    for _ in range(ATTEMPTS + 1):
        with pytest.raises(RetryLaterError, match="in use"):
            await stage.work.advance(due)
    (message,) = await messages(stage.database)
    assert (message.attempts, message.state, message.ambiguous) == (0, "reserved", False)
    in_the_way.cancel()
    await asyncio.wait([in_the_way])
    await stage.work.advance(due)
    (message,) = await messages(stage.database)
    assert (message.attempts, message.state) == (1, "sent")
    await sender.close()


async def test_m5_a_permanent_refusal_is_not_tried_again_and_the_address_is_suppressed(stage: Theatre) -> None:
    stage.smtp.script("RCPT", "550 5.1.1 no such user")
    await play(stage)
    await stage.pass_time(hours=1, seconds=5)
    (message,) = await messages(stage.database)
    assert (message.attempts, message.state) == (1, "failed")
    assert (await stage.run()).step == "after"


async def test_v1_runs_stay_on_the_version_that_they_entered(stage: Theatre) -> None:
    await stage.shop.introduce("ann")
    await stage.shop.introduce("bob")
    await stage.shop.publish(journey(steps=[PAUSE, MAIL]), template=email("First"))
    await stage.accept(incoming("Product Added", "ann", at=stage.clock.at))
    second = await stage.shop.publish(journey(steps=[PAUSE, {"id": "stop", "end": "stopped"}]))
    await stage.accept(incoming("Product Added", "bob", at=stage.clock.at))
    await stage.pass_time(hours=1, seconds=1)
    assert second.version == 2
    assert {run.customer_id: (run.version, run.outcome) for run in await stage.shop.runs()} == {
        "ann": (1, "completed"),
        "bob": (2, "stopped"),
    }


async def test_v1_a_loop_with_a_wait_sends_on_every_visit(stage: Theatre) -> None:
    steps = [
        PAUSE,
        MAIL,
        {"id": "again", "branch": [{"when": {"attribute": "stop", "equals": True}, "next": "end"}], "else": "pause"},
    ]
    await stage.shop.introduce()
    await stage.shop.publish(journey(steps=steps))
    await stage.accept(incoming("Product Added", at=stage.clock.at))
    await stage.pass_time(hours=3, minutes=1)
    assert len(stage.mails) == 3
    async with stage.database.reading() as connection:
        ids = (await connection.execute(select(Message.id))).scalars().all()
    assert len(set(ids)) == 3


async def test_links_say_where_a_visit_came_from_as_template_and_journey_have_it(stage: Theatre) -> None:
    template = read_content(
        {"channel": "email", "subject": "x", "html": "<a href='https://a.example/?x'>a</a>", "utm": {"source": "shop"}}
    )
    await play(stage, template=template, journey={"utm": {"source": "other", "term": "tea"}})
    await stage.pass_time(hours=1, minutes=5)
    body = stage.mails[0].get_body(("html",))
    assert body is not None
    (token,) = re.findall(r"/t/c/([^\"]+)", body.get_content())
    said = "utm_source=shop&utm_medium=email&utm_campaign=cart&utm_content=mail&utm_term=tea"
    assert stage.work.delivery.mail.tokens.read_click(token).url == f"https://a.example/?x&{said}"
