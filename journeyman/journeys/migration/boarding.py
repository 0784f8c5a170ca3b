"""A run that leaves its step takes the version for which it heads, and goes where that leads (V2)."""

from dataclasses import replace

from journeyman.channels.ledger import repository as ledger
from journeyman.journeys import repository as runs
from journeyman.journeys.kept import recall, remember
from journeyman.journeys.migration import repository
from journeyman.journeys.migration.transfer import END, EXIT, STAY, Target, arrive_from, expel, lead, note_sent
from journeyman.journeys.moves import arrive
from journeyman.journeys.published import Shelf
from journeyman.journeys.runs import HEADING
from journeyman.journeys.stage import Stage
from journeyman.language.definition import Definition, Step
from journeyman.language.references import burst_needs


async def board(stage: Stage, shelf: Shelf) -> None:
    """Take the version and arrive there; where it has not the step, go on in the old one, and try at the next step."""
    run, heading, bound = stage.run, recall(stage.run, HEADING), stage.run.bound or END
    run.bound = None
    ways = heading["map"]
    new = await shelf.definition(stage.connection, heading["hash"])
    before = stage.definition.step(run.step or "")
    step_id = _ahead(before, bound, ways, stage.definition, new)
    remember(run, HEADING, {})
    if step_id == EXIT:
        expel(run, stage.scene, heading["version"])
    elif step_id is None or step_id in {STAY, END}:
        arrive(run, None if bound == END else bound, stage.scene)
        if step_id is None and run.is_live:
            remember(run, HEADING, heading)
        else:
            await repository.note(stage.connection, heading["migration"], run.id, "stayed")
    else:
        await _switch(stage, Target(heading["version"], heading["hash"], new), before, step_id, is_led=bound in ways)
        await repository.note(stage.connection, heading["migration"], run.id, "moved")


def _ahead(before: Step, bound: str, ways: dict[str, str], old: Definition, new: Definition) -> str | None:
    """Where the run goes. Where the old version was over behind its last step, the new one may go on."""
    if bound != END:
        return lead(bound, ways, new)
    here = lead(before.id, ways, new)
    is_last = before.next is None and old.after(before) is None
    if not is_last or here is None or here in {EXIT, STAY}:
        return END
    return new.after(new.step(here)) or END


async def _switch(stage: Stage, target: Target, before: Step, step_id: str, *, is_led: bool) -> None:
    run = stage.run
    # What it has done so far it did in the version that it leaves.
    await runs.save_journal(stage.connection, [run])
    run.journal.clear()
    if is_led:
        sent = await ledger.sent_steps(stage.connection, [run.id])
        note_sent(run, sent.get(run.id, set()), {})
    stage.definition = target.definition
    stage.scene = replace(stage.scene, definition=target.definition)
    await stage.look(burst_needs(target.definition, [step_id]), stage.scene.at)
    arrive_from(run, before, target, step_id, stage.scene)
