"""A random story on the production workflow, and what its workflows say and remember of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from temporalio import activity
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError
from temporalio.worker import Replayer, Worker

from journeyman.customers.inbox.events import Incoming
from journeyman.journeys.positions import position_of
from journeyman.journeys.runs import Run
from journeyman.simulation import repository
from journeyman.simulation.answers import Answers
from tests.journeyman.simulation.invariants import Facts, read, wrong_after
from tests.journeyman.simulation.staging import Player, simulated
from tests.journeyman.simulation.stories import Story
from tests.workflows.theatre import PATIENCE, Theatre
from workflows.fleet import sandbox
from workflows.inputs import State
from workflows.journey import JourneyWorkflow

MOST_LOOKS: Final = 100
ALONE: Final = timedelta(seconds=1)


class Telling:
    """The theatre as a stage for stories: time stops wherever the upkeep has something to do."""

    def __init__(self, theatre: Theatre) -> None:
        self.theatre = theatre
        self.database, self.clock = theatre.database, theatre.clock

    async def accept(self, *events: Incoming) -> None:
        await self.theatre.accept(*events)
        await self.look_anew()

    async def look_anew(self) -> None:
        """Have everything done that is due at this instant, by the upkeep and by runs."""
        await self._settle()
        for _ in range(MOST_LOOKS):
            if not any([await step() for step in self.theatre.work.upkeep]):
                return
            await self._settle()
        raise AssertionError("the upkeep finds no end")

    async def pass_until(self, instant: datetime) -> None:
        while (due := await self._next_due(instant)) < instant:
            await self._pass(due)
        await self._pass(instant)

    async def _pass(self, instant: datetime) -> None:
        left = instant - await self.theatre.tick()
        if left > timedelta(0):
            over = asyncio.Event()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._tend(over))
                await self.theatre.env.sleep(left)
                over.set()
        await self.look_anew()

    async def _tend(self, over: asyncio.Event) -> None:
        """Decide what comes in while time passes: a run waits for that before it sends (M2)."""
        while not over.is_set():
            await asyncio.sleep(0.05)
            await self.theatre.tick()
            await self.theatre.shop.decide()
            await self.theatre.work.dispatch.tell(None)

    async def _next_due(self, instant: datetime) -> datetime:
        """When something is due, by a run's timer or by the upkeep; at most `instant`, later than now."""
        async with self.database.reading() as connection:
            kept = await repository.next_due(connection)
        timers = [run.look_at or run.until for run in await self._live()]
        dues = [due for due in (kept, *timers) if due is not None]
        return max(min([*dues, instant]), await self.theatre.tick() + ALONE)

    async def _settle(self) -> None:
        async with asyncio.timeout(PATIENCE):
            while True:
                await self.theatre.settle()
                if not [
                    run for run in await self._live() if (run.look_at or run.until or self.clock.at) <= self.clock.at
                ]:
                    return
                await asyncio.sleep(0.01)

    async def _live(self) -> list[Run]:
        return [run for run in (await read(self.database, self.clock.at)).runs if run.is_live]


@asynccontextmanager
async def told(theatre: Theatre, story: Story) -> AsyncIterator[Story]:
    """The story, moved to the theatre's time and played to its end; the workers are still there."""
    stage = Telling(theatre)
    answers = Answers(story.answers)
    theatre.work.calling.http = answers
    async with Worker(theatre.client, task_queue="own", activities=[Own(answers).score]):
        now = (await theatre.tick()).astimezone(UTC)
        moved = story.moved(now.replace(second=0, microsecond=0) + timedelta(minutes=10))
        player = Player(stage, moved)
        await player.prepare()
        await stage.pass_until(moved.begins)
        await player.publish()
        await player.play()
        yield moved


class Own:
    """The activity of the team's own that stories ask for."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers

    @activity.defn(name="ScoreLead")
    async def score(self, given: dict[str, Any]) -> Any:
        answer = self.answers.of_activity(given["step"])
        if answer["failure"] is not None:
            raise ApplicationError(answer["failure"], non_retryable=True)
        return answer["result"]


async def disagreements(theatre: Theatre, facts: Facts) -> list[str]:
    """What workflows say of where their runs stand, and their rows do not."""
    wrong = []
    runs = sorted(facts.runs, key=lambda run: (run.entered_at, run.entered_seq))
    newest = {run.workflow_id: run for run in runs if _stood(run)}
    passed_by = {run.id for run in runs if not _stood(run)}
    for run in newest.values():
        handle = theatre.client.get_workflow_handle_for(JourneyWorkflow.run, run.workflow_id)
        try:
            state = await handle.query(JourneyWorkflow.state)
        except RPCError:
            wrong.append(f"{run.id} of {run.journey_key} has no workflow")
            continue
        wrong += _disagreement(run, state, facts) if state.run_id not in passed_by else []
    return wrong


def _stood(run: Run) -> bool:
    """Whether the run stayed anywhere: one that is over in the batch in which it began needs no workflow."""
    return run.ended_at is None or run.ended_at - run.entered_at > ALONE


def _disagreement(run: Run, state: State, facts: Facts) -> list[str]:
    position = position_of(run, facts.definitions[run.definition_hash])
    there = (state.run_id, state.step, state.waits_until, state.waits_for, state.outcome)
    if not run.is_live:
        # Which step it has ended at is told it in a row, and to the workflow where it walked there itself.
        same = (state.run_id, state.outcome) == (run.id, run.outcome)
    else:
        same = there == (run.id, position.step, position.timer, position.waits_for, None)
    return [] if same else [f"the workflow of {run.id} is at {there}, its row at {position}"]


async def histories(theatre: Theatre, facts: Facts) -> list[WorkflowHistory]:
    """Every history of every run, those included that went on as new ones."""
    found = []
    for workflow_id in sorted({run.workflow_id for run in facts.runs}):
        run_id: str | None = None
        while True:
            try:
                history = await theatre.client.get_workflow_handle(workflow_id, run_id=run_id).fetch_history()
            except RPCError:
                break
            found.append(history)
            run_id = _former(history)
            if not run_id:
                break
    return found


def _former(history: WorkflowHistory) -> str:
    started = next(one for one in history.events if one.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED)
    return started.workflow_execution_started_event_attributes.continued_execution_run_id


Line = tuple[str, str | None, int | None, str | None]
DRIFT: Final = timedelta(minutes=1)
"""Real time passes while the engine works, and its clock goes on with it."""


def differences(played: Facts, simulated: Facts) -> list[str]:
    """What runs did otherwise on the engine than in the simulation; runs are known by who entered when."""
    theirs, ours = _told(played), _told(simulated)
    wrong = [f"only on one side: {key} {theirs.get(key, ours.get(key))}" for key in sorted(theirs.keys() ^ ours.keys())]
    for key in theirs.keys() & ours.keys():
        wrong += [f"{key}:\n  {theirs[key]}\n  {ours[key]}"] if theirs[key] != ours[key] else []
    return wrong


def _told(facts: Facts) -> dict[str, list[Line]]:
    """The lines by customer, journey and, in order of their entries, run."""
    found: dict[str, list[Line]] = {}
    runs = sorted(facts.runs, key=lambda run: (run.entered_at, run.entered_seq))
    for number, run in enumerate(runs):
        same = [
            one for one in runs[:number] if (one.customer_id, one.journey_key) == (run.customer_id, run.journey_key)
        ]
        lines = [(line.kind, line.step, line.visit, line.code) for line in facts.of_run(run)]
        found[f"{run.customer_id}/{run.journey_key}/{run.correlation}/{len(same)}"] = sorted(lines, key=_by_visit)
    return found


def _by_visit(line: Line) -> tuple[int, str, str]:
    """Goals are told when their events come, wherever the run stands then."""
    return (line[2] or 0, "" if line[0] == "converted" else "line", str(line[3]) if line[0] == "converted" else "")


async def wrong_on_the_engine(theatre: Theatre, story: Story) -> list[str]:
    """Play a story on the engine and in a simulation; everything that does not hold, and histories that do not replay.

    Raises what the replay of a history raises.
    """
    async with told(theatre, story.untied().repeatable()) as moved:
        facts, wrong = await wrong_after(moved, theatre.database, theatre.clock.at)
        wrong += await disagreements(theatre, facts)
        replayer = Replayer(
            workflows=[JourneyWorkflow], workflow_runner=sandbox(), data_converter=pydantic_data_converter
        )
        for history in await histories(theatre, facts):
            await replayer.replay_workflow(history)
    async with simulated(moved) as played:
        again = await read(played.database, played.clock.now())
    return [*wrong, *differences(facts, again)]
