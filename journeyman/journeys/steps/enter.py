"""`enter`: into another journey, through the inbox like every entry, in the transaction of the step."""

from datetime import datetime

from journeyman.customers.inbox.events import Incoming
from journeyman.customers.inbox.json_text import dump
from journeyman.customers.inbox.repository import append_in
from journeyman.journeys.announcing import MOST_DEEP, depth_of
from journeyman.journeys.awaiting import awaited_id
from journeyman.journeys.direct import ENTRY
from journeyman.journeys.documents import repository as documents
from journeyman.journeys.given import values
from journeyman.journeys.journal import Entry
from journeyman.journeys.moves import arrive, leave, stay
from journeyman.journeys.runs import Run
from journeyman.journeys.stage import Stage
from journeyman.language.steps.enter import REFUSED, EnterStep


async def take(stage: Stage, step: EnterStep) -> None:
    """Ask for the entry, once for each visit; then stay, or go on. A message that follows waits until it is decided."""
    run, at, enter = stage.run, stage.scene.at, step.enter
    reason = await _closed(stage, enter.journey)
    told = {"journey": enter.journey}
    if reason is not None and enter.wait is not None:
        run.released = {"outcome": REFUSED, "code": reason}
        leave(run, step, stage.scene)
        return
    if reason is not None:
        run.write(Entry("left", at, step.id, run.visit, "not_entered", {**told, "reason": reason}))
        arrive(run, stage.definition.after(step), stage.scene)
        return
    event_id = awaited_id(run) if enter.wait is not None else f"entered_{run.id}_{run.visit}"
    await append_in(
        stage.connection, [_event(run, event_id, enter.journey, values(enter.context, stage.facts), at)], at
    )
    stage.has_told = True
    told = {**told, "message_id": event_id}
    if enter.wait is None:
        run.write(Entry("left", at, step.id, run.visit, "entered", told))
        arrive(run, stage.definition.after(step), stage.scene)
        return
    until = at + enter.wait.timeout.timedelta
    run.write(Entry("arrived", at, step.id, run.visit, None, {"until": until, **told}))
    stay(run, until, stage.scene)


async def _closed(stage: Stage, journey: str) -> str | None:
    """Why nobody can be sent into a journey; None where it can be asked."""
    if depth_of(stage.run) >= MOST_DEEP:
        return "depth"
    found = await documents.journey(stage.connection, journey)
    if found is None or found["state"] != "live":
        return "not_live"
    return None if await documents.starter(stage.connection, journey, found["version"]) == "api" else "not_api"


def _event(run: Run, event_id: str, journey: str, properties: dict[str, object], at: datetime) -> Incoming:
    about = {"type": "enter", "name": ENTRY, "customerId": run.customer_id, "journey": journey}
    payload = {**about, "context": {"journey": journey}, "properties": properties, "depth": depth_of(run) + 1}
    return Incoming(f"c:{run.customer_id}", event_id, at, dump(payload).decode())
