"""From one wait to the next: what an activity does for a run when a timer has fired or an event has released it.

The run's row says where it stands. A first transaction leaves the wait and walks through branches and updates up to
a message that may be sent, which it reserves in the ledger (M4); then the provider is called, outside any
transaction; a second one settles the message and walks on to the next wait. Every part can be repeated: a run that
stands elsewhere than the caller thinks has been advanced already.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels.ledger import repository as ledger
from journeyman.channels.webhooks.calling import HttpCalls
from journeyman.customers import repository as customers
from journeyman.customers.identity import Person
from journeyman.customers.inbox.repository import append_in
from journeyman.journeys import repository
from journeyman.journeys.announcing import moves
from journeyman.journeys.calling.calling import Calling, Prepared, Result
from journeyman.journeys.contact.best_channel import fall_back, settle, settled
from journeyman.journeys.delivery import FIRST_PAUSE, ONLY_ONCE, Delivery, Held, Reserved, RetryLaterError, Settled
from journeyman.journeys.facts import Known
from journeyman.journeys.looks import EARLY, look_ahead, passing
from journeyman.journeys.lookups.asking import AnswersWantedError, Looked
from journeyman.journeys.migration.boarding import board
from journeyman.journeys.migration.transfer import was_sent
from journeyman.journeys.moves import arrive, leave, may_leave, pass_by
from journeyman.journeys.positions import Position, held_position
from journeyman.journeys.published import Shelf
from journeyman.journeys.reactions import convert, react
from journeyman.journeys.runs import MOST_STEPS_AT_ONCE, Scene, StuckError, follow
from journeyman.journeys.segmentation.runs import note_runs
from journeyman.journeys.segmentation.shelf import SegmentShelf
from journeyman.journeys.stage import Stage
from journeyman.journeys.steps import branch, emit, enter, repeat, split, task, throttle
from journeyman.journeys.steps.audience import AudienceMoves
from journeyman.journeys.steps.update import Updates
from journeyman.journeys.waits import activity
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.language.definition import Step
from journeyman.language.graph import successors
from journeyman.language.listening import hearing
from journeyman.language.needs import Needs
from journeyman.language.references import burst_needs, reaction_needs
from journeyman.language.steps.activity import ActivityStep
from journeyman.language.steps.audience import AudienceStep
from journeyman.language.steps.branch import BranchStep
from journeyman.language.steps.call import CallStep
from journeyman.language.steps.emit import EmitStep
from journeyman.language.steps.enter import EnterStep
from journeyman.language.steps.repeat import RepeatStep
from journeyman.language.steps.send import Send, SendStep
from journeyman.language.steps.split import SplitStep
from journeyman.language.steps.task import TaskStep
from journeyman.language.steps.throttle import ThrottleStep
from journeyman.language.steps.update import UpdateStep

LONGEST_PAUSE = 0.3
"""Seconds between two looks at the inbox; with the shorter ones before, a caller waits for about one second."""
MOST_ROUNDS = 4
"""How often one walk stops to ask other systems; with a hand-over behind it stays within the activity's own limit."""


class NotYetError(Exception):
    """Accepted events of the customer wait for intake, and the run must not go on without them; try again."""


@dataclass(frozen=True, slots=True)
class Request:
    """Advance a run from a position. `at` is the instant, `channel` the one on which this caller may send.

    `answer` is what became of an activity of the team's own, where the run waited for one: its `result` or `failure`.
    """

    run_id: str
    step: str
    visit: int
    at: datetime
    channel: str | None = None
    answer: Mapping[str, Any] | None = None
    lanes: Collection[str] = ()
    """The channels that have a task queue of their own."""

    def may_send(self, channel: str | None, send: Send) -> bool:
        """Whether this caller may send on a channel: its own, or where both go by the run's queue, another of several.

        What channel it will be is not known before it is chosen.
        """
        if channel == self.channel:
            return True
        return self.channel in send.channels and channel not in self.lanes and self.channel not in self.lanes


class Advance:
    """Advances runs."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        delivery: Delivery,
        workspace_zone: str,
        calling: Calling | None = None,
        audiences: Collection[str] = (),
    ) -> None:
        self.database = database
        self.clock = clock
        self.delivery = delivery
        self.workspace_zone = workspace_zone
        self.calling = calling or Calling(HttpCalls(allows_private=False), {})
        self.shelf = Shelf()
        self.segments = SegmentShelf()
        self.instant: Mapping[type, Callable[[Stage, Any], Awaitable[None]]] = {
            BranchStep: branch.take,
            SplitStep: split.take,
            UpdateStep: Updates(delivery.digest_key).take,
            EmitStep: emit.take,
            EnterStep: enter.take,
            TaskStep: task.take,
            ThrottleStep: throttle.take,
            AudienceStep: AudienceMoves(audiences).take,
            RepeatStep: repeat.take,
        }
        """How a step is taken for which the database is enough, in the run's transaction."""
        self._needs: dict[tuple[str, tuple[str, ...]], Needs] = {}

    async def __call__(self, request: Request) -> Position:
        """Where the run stands afterwards.

        Raises `NotYetError` and the delivery's `RetryLaterError`; both mean that the same call is to be made again.
        """
        ahead = await self._before_a_send(request)
        if isinstance(ahead, Position):
            return ahead
        if isinstance(ahead, Prepared):
            return await self._call(request, ahead)
        settled = await self.delivery.hand_over(ahead)
        async with self.database.transaction() as connection:
            after = await self._after_send(connection, request, ahead, settled)
        if isinstance(after, Position):
            return after
        raise RetryLaterError(
            after.detail or "the provider cannot take the message now", after.retry_after or FIRST_PAUSE
        )

    async def _before_a_send(self, request: Request) -> Position | Reserved | Prepared:
        """The first part, once intake has decided every event of the customer accepted before this call (W2, M2).

        Without this an order that was accepted a millisecond before a reminder would not stop it. It is asked under
        the customer's lock, so that intake cannot be in the middle of it.
        """
        looked = Looked()
        while True:
            try:
                return await self._decided(request, looked)
            except AnswersWantedError as wanted:
                # The transaction is over, and nothing of it was kept: nobody waits for another system under a lock.
                looked.answers |= await self.delivery.mail.lookups.source.fetch(wanted.asks)
                looked.rounds += 1
                looked.is_last = looked.rounds >= MOST_ROUNDS

    async def _decided(self, request: Request, looked: Looked) -> Position | Reserved | Prepared:
        newest: int | None = None
        while True:
            async with self.database.transaction() as connection:
                customer_id = await repository.customer_of_run(connection, request.run_id)
                stage = await self._open(connection, request.run_id, customer_id, request.at)
                stage.looked = looked
                newest = await customers.undecided(connection, stage.person.id, newest)
                if newest is None:
                    return await self._towards_a_send(stage, request)
            await self._until_decided(stage, newest)

    def _position(self, stage: Stage) -> Position:
        """Where the run stands; under a pause it is held where it would go on (V4)."""
        return held_position(stage.run, stage.definition, stage.scene.at)

    async def _until_decided(self, stage: Stage, newest: int) -> None:
        waits_for: int | None = newest
        pause = 0.002
        while waits_for is not None:
            if pause > LONGEST_PAUSE:
                raise NotYetError(f"event {newest} of the customer of run {stage.run.id} is not decided yet")
            await asyncio.sleep(pause)
            pause *= 1.5
            async with self.database.reading() as connection:
                waits_for = await customers.undecided(connection, stage.person.id, newest)

    async def _open(self, connection: AsyncConnection, run_id: str, customer_id: str | None, at: datetime) -> Stage:
        """The run, locked after its customer: intake takes its locks in the same order."""
        people = await customers.lock_profiles(connection, [customer_id] if customer_id else [])
        run = await repository.lock_run(connection, run_id)
        if run is None:
            raise LookupError(f"there is no run {run_id}")
        # Of somebody who was erased only the ended run is left.
        person = next((person.survivor for person in people), Person(customer_id or "", {}, at))
        definition = await self.shelf.definition(connection, run.definition_hash)
        scene = Scene(
            definition,
            Known().facts(person.attributes, at, computed=person.computed, segments=person.segments),
            at,
            self.workspace_zone,
        )
        return Stage(connection, run, person, definition, scene, (run.step, run.visit))

    async def _look(self, stage: Stage, starts: Collection[str]) -> None:
        """Bring what has to be known to go on from these steps."""
        key = (stage.run.definition_hash, tuple(starts))
        if key not in self._needs:
            self._needs[key] = burst_needs(stage.definition, starts)
        await stage.look(self._needs[key], stage.scene.at)

    async def _towards_a_send(self, stage: Stage, request: Request) -> Position | Reserved | Prepared:
        run, definition = stage.run, stage.definition
        if not run.is_live or run.step is None:
            await ledger.abandon(stage.connection, run.id)
            return self._position(stage)
        step = definition.step(run.step)
        if run.stays:
            if (run.step, run.visit) != (request.step, request.visit):
                return self._position(stage)
            if request.answer is not None and isinstance(step, ActivityStep):
                activity.accept(run, request.answer)
            if not await self._may_go(stage, step):
                return self._position(stage)
            if run.is_paused:
                # What is due is done when the journey goes on; an answer that came is kept until then.
                await self._save(stage)
                return self._position(stage)
            if isinstance(step, SendStep):
                # A message was held, and is judged anew at the same visit.
                run.until = run.look_at = None
                run.is_changed = True
                await self._look(stage, [step.id])
            else:
                await self._look(stage, successors(definition, step))
                leave(run, step, stage.scene)
        elif run.is_paused:
            return self._position(stage)
        else:
            await self._look(stage, [step.id])
        found = await self._walk(stage, request)
        await self._save(stage)
        return found

    async def _may_go(self, stage: Stage, step: Step) -> bool:
        """Whether the wait is over, by its timer or because time alone has released the run before.

        Time may have ended the run instead, which comes before all that follows a wait whose timer fires at that very
        instant (W9).
        """
        run, over = stage.run, _is_over(stage, step)
        if over and not hearing(stage.definition).is_timed:
            return True
        if not over and (run.look_at is None or stage.scene.at < run.look_at - EARLY):
            return False
        await self._pass_time(stage, step)
        if run.is_live and (over or may_leave(run, step)):
            return True
        if not run.is_live:
            # A message that was held is not sent any more.
            await ledger.abandon(stage.connection, run.id)
        await self._save(stage)
        return False

    async def _pass_time(self, stage: Stage, step: Step) -> None:
        """Let time have its effect: goals it reaches, rules by which it ends the run, states it was waited for."""
        run = stage.run
        await stage.look(reaction_needs(stage.definition, step), max(stage.scene.at, run.look_at or stage.scene.at))
        reached = await repository.reached_goals(stage.connection, [run.id])
        now = passing(stage.scene.at)
        converted = convert(run, now, stage.scene, reached.get(run.id, set()))
        await repository.save_conversions(stage.connection, converted)
        if not react(run, now, stage.scene):
            look_ahead(run, stage.scene)

    async def _walk(self, stage: Stage, request: Request) -> Position | Reserved | Prepared:
        """Take steps until time passes, the run is over, or a message is reserved."""
        for _ in range(MOST_STEPS_AT_ONCE):
            run = stage.run
            if run.bound is not None and run.is_live:
                await board(stage, self.shelf)
            if not run.is_live or run.step is None or run.stays or run.is_paused:
                break
            whole = stage.definition.step(run.step)
            step = settled(run, whole)
            is_outside = step.outside is not None
            if is_outside and hearing(stage.definition).is_timed and react(run, passing(stage.scene.at), stage.scene):
                break
            if is_outside and (stage.has_told or not _may_ask(request, step, whole)):
                break
            if isinstance(step, CallStep):
                prepared = self.calling.reserve(stage, step)
                if isinstance(prepared, Prepared):
                    return prepared
                self.calling.settle(stage, step, prepared)
            elif isinstance(whole, SendStep):
                message = await self._message(stage, whole, request)
                if isinstance(message, Reserved):
                    return message
                if message is not None:
                    break
            else:
                await self.instant[type(step)](stage, step)
        else:
            raise StuckError(f"run {stage.run.id} took {MOST_STEPS_AT_ONCE} steps at once at {stage.run.step}")
        return self._position(stage)

    async def _message(self, stage: Stage, whole: SendStep, request: Request) -> Reserved | Held | Position | None:
        """Reserve a message, or have it held; None where the run has gone on without one.

        A position where another caller has to send it, by the task queue of the channel that was chosen.
        """
        if was_sent(stage.run, whole):
            pass_by(stage.run, whole, stage.scene, "sent_before")
            return None
        step = await settle(stage.connection, stage.run, whole, stage.scene, self.delivery.routes)
        if not request.may_send(step.outside, whole.send):
            return self._position(stage)
        # A visit that began in this very transaction cannot have a message yet.
        is_new = (stage.run.step, stage.run.visit) != stage.opened_at
        reserved = await self.delivery.reserve(
            stage.connection,
            stage.run,
            step,
            stage.definition,
            stage.scene,
            is_new=is_new,
            looked=stage.looked,
        )
        if isinstance(reserved, Reserved | Held):
            return reserved
        if stage.needs.messages:
            # A later step may branch on what has just become of the message (M1).
            await stage.look_again(request.at)
        self._go_on(stage, step, reserved)
        return None

    async def _call(self, request: Request, prepared: Prepared) -> Position:
        """Make a call, settle it and walk on. Raises `RetryLaterError` where it is to be made again."""
        result = await self.calling.make(prepared)
        async with self.database.transaction() as connection:
            position = await self._after_call(connection, request, prepared, result)
        if position is not None:
            return position
        raise RetryLaterError(result.detail or "the other side cannot answer now", result.again_after or FIRST_PAUSE)

    async def _after_call(
        self, connection: AsyncConnection, request: Request, prepared: Prepared, result: Result
    ) -> Position | None:
        """Where the run stands after a call; None where it is to be made again. An ended run keeps its end (W11)."""
        at = max(self.clock.now(), request.at)
        stage = await self._open(connection, request.run_id, prepared.customer_id, at)
        if stage.run.is_live and stage.opened_at == (prepared.step, prepared.visit):
            if result.again_after is not None:
                return None
            step = stage.definition.step(prepared.step)
            await self._look(stage, successors(stage.definition, step))
            if isinstance(step, CallStep):
                self.calling.settle(stage, step, result)
            # One call an activity: what is asked of others next begins with a position of its own.
            await self._walk(stage, Request(request.run_id, request.step, request.visit, at, channel=None))
            await self._save(stage)
        return self._position(stage)

    async def _save(self, stage: Stage) -> None:
        """Write the run, and tell where it has come to where a journey starts on that."""
        starters = await self.shelf.lately(stage.connection, self.clock.now())
        await append_in(stage.connection, moves([stage.run], starters.followed), self.clock.now())
        await note_runs(stage.connection, self.segments, [stage.run], stage.scene.at)
        await repository.save_runs(stage.connection, [stage.run])

    def _go_on(self, stage: Stage, step: SendStep, settled: Settled, *, may_have_left: bool = False) -> None:
        """Where an outcome leads: its own way, else `on_error` for a failing provider, else on (M1, M5)."""
        whole = stage.definition.step(step.id)
        certain = not may_have_left and settled.detail != ONLY_ONCE
        routes = self.delivery.routes
        if (
            certain
            and isinstance(whole, SendStep)
            and fall_back(stage.run, whole, settled.outcome, stage.scene, routes)
        ):
            return
        target = step.send.on.get(settled.outcome)  # type: ignore[call-overload]  # some outcomes cannot be named
        if target is None and settled.outcome == "failed":
            target = step.send.on_error
        target = target or settled.word
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
        stage = await self._open(connection, request.run_id, reserved.message.customer_id, at)
        final = await self.delivery.settle(connection, stage.run, reserved, settled, stage.definition, at)
        here = (stage.run.step, stage.run.visit) == (reserved.message.step, reserved.message.visit)
        if final.outcome == "retry" and stage.run.is_live and here:
            return final
        if stage.run.is_live and here:
            step = stage.definition.step(reserved.message.step)
            again = [step.id] if isinstance(step, SendStep) and len(step.send.channels) > 1 else []
            await self._look(stage, [*again, *successors(stage.definition, step)])
            if isinstance(step, SendStep):
                self._go_on(stage, step, final, may_have_left=reserved.message.ambiguous)
            # One message an activity: another send begins with a position of its own.
            await self._walk(stage, Request(request.run_id, request.step, request.visit, at, channel=None))
        if not stage.run.is_live:
            await ledger.abandon(connection, stage.run.id)
        await self._save(stage)
        if final.outcome == "sent" and (await self.segments.lately(connection, self.clock.now())).needs.messages:
            await customers.recheck(connection, [stage.person.id], at)
        return self._position(stage)


def _may_ask(request: Request, step: Step, whole: Step) -> bool:
    """Whether this caller is the one who asks whom the step asks."""
    if isinstance(whole, SendStep):
        return request.may_send(step.outside, whole.send)
    return step.outside == request.channel


def _is_over(stage: Stage, step: Step) -> bool:
    """Whether the run may go on from where it stays; a caller who comes before its time gets told the time."""
    run = stage.run
    return may_leave(run, step) or run.until is None or stage.scene.at >= run.until
