"""`emit`: a customer event of the journey's own, through the inbox like any other, in the transaction of the step."""

from journeyman.customers.inbox.events import Incoming
from journeyman.customers.inbox.json_text import dump
from journeyman.customers.inbox.repository import append_in
from journeyman.journeys.announcing import MOST_DEEP, depth_of
from journeyman.journeys.given import values
from journeyman.journeys.journal import Entry
from journeyman.journeys.moves import arrive
from journeyman.journeys.stage import Stage
from journeyman.language.steps.emit import EmitStep


async def take(stage: Stage, step: EmitStep) -> None:
    """Put the event into the inbox, once for each visit, and go on. A message that follows waits until it is decided.

    Where runs have started one another too often already, the event is taken for a loop and left out.
    """
    run, at = stage.run, stage.scene.at
    if depth_of(run) >= MOST_DEEP:
        run.write(Entry("left", at, step.id, run.visit, "depth", {"event": step.emit.event, "most": MOST_DEEP}))
    else:
        properties = values(step.emit.properties, stage.facts)
        payload = {"type": "track", "name": step.emit.event, "customerId": run.customer_id, "properties": properties}
        event_id = f"emit_{run.id}_{run.visit}"
        text = dump({**payload, "depth": depth_of(run) + 1}).decode()
        await append_in(stage.connection, [Incoming(f"c:{run.customer_id}", event_id, at, text)], at)
        stage.has_told = True
        data = {"event": step.emit.event, "message_id": event_id, "properties": properties}
        run.write(Entry("left", at, step.id, run.visit, "emit", data))
    arrive(run, stage.definition.after(step), stage.scene)
