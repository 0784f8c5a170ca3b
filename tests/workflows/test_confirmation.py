"""Double opt-in through the engine: one workflow, one activity, one mail (L1)."""

import re
from typing import Any

from temporalio.client import WorkflowExecutionStatus

from journeyman.bootstrap import digest_key_of
from journeyman.customers.consent import ConsentUpdate
from journeyman.journeys.subscribing.confirmations import Confirmations
from journeyman.journeys.subscribing.subscriptions import Subscriptions
from tests.builders import incoming
from tests.workflows.theatre import Theatre

YES = ConsentUpdate("email", "yes", source="form", actor="test")


async def ask(stage: Theatre) -> Any:
    """Ann says yes, and has to confirm it; the workflow that asks her."""
    traits = {"email": "ann@example.com"}
    await stage.accept(incoming("Identified", "ann", kind="identify", at=stage.clock.at, traits=traits))
    services = stage.services
    confirmations = Confirmations(services.database, services.wake, stage.clock, digest_key_of(services.settings))
    recorded = await Subscriptions(confirmations).record("ann", [YES], {"email": True})
    assert recorded.confirmation == "requested"
    ((_, payload),) = [command for command in await stage.shop.outbox() if command[0] == "confirm"]
    await stage.settle()
    return stage.client.get_workflow_handle(f"confirmation/{payload['confirmation']}")


async def test_l1_the_engine_has_the_mail_sent_once(stage: Theatre) -> None:
    handle = await ask(stage)
    await handle.result()
    assert (await handle.describe()).status is WorkflowExecutionStatus.COMPLETED
    (mail,) = stage.smtp.mails
    assert mail.rcpt_tos == ["ann@example.com"]
    history = await handle.fetch_history()
    text = history.to_json()
    assert "ann" not in re.sub(r'"identity": "[^"]*"', "", text), "nobody is named in the engine's history"
    assert len(history.events) <= 11


async def test_l1_a_server_that_throttles_gets_the_mail_later(stage: Theatre) -> None:
    stage.smtp.script("RCPT", "451 4.3.0 later", "451 4.3.0 later")
    handle = await ask(stage)
    await stage.pass_time(minutes=5)
    await handle.result()
    assert len(stage.smtp.mails) == 1
