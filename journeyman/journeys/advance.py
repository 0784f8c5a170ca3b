"""From one wait to the next: what an activity does for a run when a timer has fired or an event has released it.

The run's row says where it stands. A first transaction leaves the wait and walks through branches and updates up to
a message that may be sent, which it reserves in the ledger (M4); then the provider is called, outside any
transaction; a second one settles the message and walks on to the next wait. Every part can be repeated: a run that
stands elsewhere than the caller thinks has been advanced already.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels.ledger import repository as ledger
from journeyman.customers import repository as customers
from journeyman.customers.attributes import apply_traits
from journeyman.customers.consent import ConsentUpdate
from journeyman.customers.identity import Person
from journeyman.customers.preferences import record
from journeyman.journeys import facts, repository
from journeyman.journeys.delivery import FIRST_PAUSE, Delivery, Reserved, RetryLaterError, Settled
from journeyman.journeys.journal import Entry
from journeyman.journeys.positions import Position, position_of
from journeyman.journeys.published import Shelf
from journeyman.journeys.runs import MOST_STEPS_AT_ONCE, Run, Scene, StuckError, arrive, follow, leave
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.language.definition import Definition, Step
from journeyman.language.evaluation import holds
from journeyman.language.facts import Facts
from journeyman.language.graph import takes_time
from journeyman.language.paths import MISSING
from journeyman.language.readings import resolve
from journeyman.language.references import walk_needs
from journeyman.language.steps.branch import BranchStep
from journeyman.language.steps.send import SendStep
from journeyman.language.steps.update import UpdateStep
from journeyman.language.steps.wait import WaitStep
from journeyman.language.steps.wait_for import WaitForStep

LONGEST_PAUSE = 0.3
"""Seconds between two looks at the inbox; with the shorter ones before, a caller waits for about one second."""


class NotYetError(Exception):
    """Accepted events of the customer wait for intake, and the run must not go on without them; try again."""


@dataclass(frozen=True, slots=True)
class Request:
    """Advance a run from a position. `at` is the instant, `channel` the one on which this caller may send."""

    run_id: str
    step: str
    visit: int
    at: datetime
    channel: str | None = None


@dataclass(slots=True)
class Stage:
    """A run under its lock, with its customer and what is known of both."""

    connection: AsyncConnection
    run: Run
    person: Person
    definition: Definition
    scene: Scene


class Advance:
    """Advances runs."""

    def __init__(self, database: Database, clock: Clock, delivery: Delivery, workspace_zone: str) -> None:
        self.database = database
        self.clock = clock
        self.delivery = delivery
        self.workspace_zone = workspace_zone
        self.shelf = Shelf()

    async def __call__(self, request: Request) -> Position:
        """Where the run stands afterwards.

        Raises `NotYetError` and the delivery's `RetryLaterError`; both mean that the same call is to be made again.
        """
        await self._until_decided(request)
        async with self.database.transaction() as connection:
            ahead = await self._towards_a_send(connection, request)
        if isinstance(ahead, Position):
            return ahead
        settled = await self.delivery.hand_over(ahead)
        async with self.database.transaction() as connection:
            after = await self._after_send(connection, request, ahead, settled)
        if isinstance(after, Position):
            return after
        raise RetryLaterError(
            after.detail or "the provider cannot take the message now", after.retry_after or FIRST_PAUSE
        )

    async def _until_decided(self, request: Request) -> None:
        """Wait until intake has decided every event of the customer that was accepted before this call (W2, M2).

        Without this an order that was accepted a millisecond before a reminder would not stop it.
        """
        async with self.database.reading() as connection:
            customer_id = await repository.customer_of_run(connection, request.run_id)
            if customer_id is None:
                raise LookupError(f"there is no run {request.run_id}")
            newest = await customers.undecided(connection, customer_id, None)
        pause = 0.002
        while newest is not None:
            if pause > LONGEST_PAUSE:
                raise NotYetError(f"event {newest} of the customer of run {request.run_id} is not decided yet")
            await asyncio.sleep(pause)
            pause *= 1.5
            async with self.database.reading() as connection:
                newest = await customers.undecided(connection, customer_id, newest)

    async def _open(self, connection: AsyncConnection, run_id: str, at: datetime) -> Stage:
        """The run, locked after its customer: intake takes its locks in the same order."""
        customer_id = await repository.customer_of_run(connection, run_id)
        people = await customers.lock(connection, [customer_id] if customer_id else [])
        run = await repository.lock_run(connection, run_id)
        if run is None:
            raise LookupError(f"there is no run {run_id}")
        person = next(person.survivor for person in people)
        definition = await self.shelf.definition(connection, run.definition_hash)
        return await self._stage(connection, run, person, definition, at)

    async def _stage(
        self, connection: AsyncConnection, run: Run, person: Person, definition: Definition, at: datetime
    ) -> Stage:
        wanted = walk_needs(definition)
        known = await facts.load(connection, [person.id], wanted, at)
        seen = known[person.id].facts(person.attributes, at)
        return Stage(connection, run, person, definition, Scene(definition, seen, at, self.workspace_zone))

    async def _towards_a_send(self, connection: AsyncConnection, request: Request) -> Position | Reserved:
        stage = await self._open(connection, request.run_id, request.at)
        run = stage.run
        if not run.is_live or run.step is None:
            await ledger.abandon(connection, run.id)
            return position_of(run, stage.definition)
        step = stage.definition.step(run.step)
        if (run.step, run.visit) != (request.step, request.visit) and takes_time(step):
            return position_of(run, stage.definition)
        if takes_time(step) and not self._leave_wait(stage, step):
            return position_of(run, stage.definition)
        found = await self._walk(stage, request)
        await repository.save_runs(connection, [run])
        return found

    def _leave_wait(self, stage: Stage, step: Step) -> bool:
        """Leave a wait that is over; a caller who comes before its time gets told the time."""
        if not isinstance(step, WaitStep | WaitForStep):
            raise TypeError(f"no time passes at {step.id}")
        run, at = stage.run, stage.scene.at
        released = run.released is not None and isinstance(step, WaitForStep) and step.wait_for.mode == "first"
        if not released and run.until is not None and at < run.until:
            return False
        ahead = leave(run, step, stage.scene)
        if run.is_live:
            arrive(run, ahead.target, stage.scene)
        return True

    async def _walk(self, stage: Stage, request: Request) -> Position | Reserved:
        """Take steps until time passes, the run is over, or a message is reserved."""
        for _ in range(MOST_STEPS_AT_ONCE):
            run = stage.run
            if not run.is_live or run.step is None:
                break
            step = stage.definition.step(run.step)
            if takes_time(step):
                break
            if isinstance(step, SendStep):
                if step.send.channel != request.channel:
                    break
                reserved = await self.delivery.reserve(stage.connection, run, step, stage.definition, stage.scene)
                if isinstance(reserved, Reserved):
                    return reserved
                # A later step may branch on what has just become of the message (M1).
                stage = await self._stage(stage.connection, run, stage.person, stage.definition, request.at)
                self._go_on(stage, step, reserved)
            else:
                await self._take(stage, step)
        else:
            raise StuckError(f"run {stage.run.id} took {MOST_STEPS_AT_ONCE} steps at once at {stage.run.step}")
        return position_of(stage.run, stage.definition)

    async def _take(self, stage: Stage, step: Step) -> None:
        if isinstance(step, BranchStep):
            self._branch(stage, step)
        elif isinstance(step, UpdateStep):
            await self._update(stage, step)
        else:
            raise TypeError(f"step {step.id} cannot be taken")

    def _branch(self, stage: Stage, step: BranchStep) -> None:
        run, scene = stage.run, stage.scene
        facts_ = scene.of(run)
        way = next((way for way in step.branch if holds(way.when, facts_)), None)
        number = step.branch.index(way) + 1 if way is not None else 0
        target = way.next if way is not None else step.else_ or stage.definition.after(step)
        run.write(Entry("left", scene.at, step.id, run.visit, "branch", {"way": number, "next": target or "end"}))
        arrive(run, target, scene)

    async def _update(self, stage: Stage, step: UpdateStep) -> None:
        run, scene = stage.run, stage.scene
        given = _values(step, scene.of(run))
        stage.person.attributes, changes = apply_traits(stage.person.attributes, given, scene.at)
        stage.person.is_changed = bool(changes)
        source = f"run/{run.id}"
        await customers.save_people(stage.connection, [stage.person], scene.at)
        await customers.save_changes(stage.connection, [(stage.person.id, change, source) for change in changes])
        consent = [
            ConsentUpdate(subject, status, source=f"journey/{run.journey_key}", actor=source)
            for subject, status in step.update.consent.items()
        ]
        await record(stage.connection, stage.person.id, consent, scene.at)
        data = {"attributes": [change.attribute for change in changes], "consent": step.update.consent}
        run.write(Entry("updated", scene.at, step.id, run.visit, None, data))
        fresh = await self._stage(stage.connection, run, stage.person, stage.definition, scene.at)
        stage.scene = fresh.scene
        arrive(run, stage.definition.after(step), stage.scene)

    def _go_on(self, stage: Stage, step: SendStep, settled: Settled) -> None:
        """Where an outcome leads: its own way, else `on_error` for a failing provider, else on (M1, M5)."""
        target = step.send.on.get(settled.outcome)  # type: ignore[call-overload]  # some outcomes cannot be named
        if target is None and settled.outcome == "failed":
            target = step.send.on_error
        ahead = follow(stage.run, target or "continue", step, stage.scene)
        if stage.run.is_live:
            arrive(stage.run, ahead.target, stage.scene)

    async def _after_send(
        self, connection: AsyncConnection, request: Request, reserved: Reserved, settled: Settled
    ) -> Position | Settled:
        """Settle the message and walk on, or tell the pause before the next attempt.

        A run that was ended meanwhile keeps its end, the message its record (W11).
        """
        at = max(self.clock.now(), request.at)
        stage = await self._open(connection, request.run_id, at)
        final = await self.delivery.settle(connection, stage.run, reserved, settled, stage.definition, at)
        here = (stage.run.step, stage.run.visit) == (reserved.message.step, reserved.message.visit)
        if final.outcome == "retry" and stage.run.is_live and here:
            return final
        if stage.run.is_live and here:
            stage = await self._stage(connection, stage.run, stage.person, stage.definition, at)
            step = stage.definition.step(reserved.message.step)
            if isinstance(step, SendStep):
                self._go_on(stage, step, final)
            # One message an activity: another send begins with a position of its own.
            await self._walk(stage, Request(request.run_id, request.step, request.visit, at, channel=None))
        if not stage.run.is_live:
            await ledger.abandon(connection, stage.run.id)
        await repository.save_runs(connection, [stage.run])
        return position_of(stage.run, stage.definition)


def _values(step: UpdateStep, facts_: Facts) -> dict[str, Any]:
    """The attributes that an update sets; a reference to something that is not there sets nothing."""
    found = {name: resolve(value, facts_) for name, value in step.update.attributes.items()}
    return {name: value for name, value in found.items() if value is not MISSING}
