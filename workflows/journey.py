"""One customer in one journey: time and events, kept durably.

The run's row in the database says where the run stands; this workflow makes its time pass. It waits on a
timer until the position says, or until a signal tells that an event has released the run, and then has one activity
walk the run to its next wait. A signal is a wake-up and decides nothing, so one that comes late, twice or while the
workflow closes changes nothing.
"""

from datetime import datetime, timedelta
from functools import partial

from temporalio import workflow
from temporalio.common import SearchAttributeKey
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from activities.contracts import (
        CALLS,
        Advance,
        Answer,
        DirectEvent,
        JourneyActivities,
        Standing,
        calls_queue,
        channel_queue,
    )
    from workflows.inputs import CustomerEvent, JourneyInput, State
    from workflows.policies import ADVANCE_LIMIT, FOREVER, LOCAL, SEND_LIMIT, turn
    from workflows.steps.own_activity import Performing, perform
    from workflows.steps.waiting import details, summary

STEP = SearchAttributeKey.for_keyword("JourneyStep")
VERSION = SearchAttributeKey.for_int("JourneyVersion")


@workflow.defn
class JourneyWorkflow:
    """One run; ends with the run's outcome."""

    @workflow.init
    def __init__(self, given: JourneyInput) -> None:
        self.given = given
        self.standing = given.standing
        self.released_visit = 0
        self.restarted: JourneyInput | None = None
        self.direct: list[DirectEvent] = []
        self.performing: Performing | None = None
        self.answer: Answer | None = None
        self.resumed_at: datetime | None = None

    @workflow.run
    async def run(self, given: JourneyInput) -> str:
        while self.standing.outcome is None:
            workflow.set_current_details(details(given.name, self.standing))
            await self._perform()
            if not await self._wait():
                break
            await self._advance()
            if workflow.info().is_continue_as_new_suggested():
                break
        if self.performing is not None:
            await self.performing.stop()
        await workflow.wait_condition(workflow.all_handlers_finished)
        if self.restarted is not None:
            workflow.continue_as_new(self.restarted)
        if self.standing.outcome is None:
            own = {"activity": self.standing.activity, "lane": self.standing.lane, "version": self.given.version}
            workflow.continue_as_new(given.model_copy(update=self.standing.model_dump() | own))
        workflow.set_current_details(details(given.name, self.standing))
        return self.standing.outcome

    async def _perform(self) -> None:
        """Have an activity of the team's own at work as long as the run stays at its step, and no longer."""
        if self.performing is not None and self.performing.visit != self.standing.visit:
            await self.performing.stop()
            self.performing = None
        if self.performing is None and self.standing.activity is not None:
            self.performing = perform(self.standing.activity, self.standing.visit)

    async def _wait(self) -> bool:
        """Wait for the timer or a release; False where the run is not to be advanced any more."""
        while (remaining := self._remaining()) > timedelta(0):
            self._show_step()
            is_disturbed = partial(self._is_disturbed, self._until())
            try:
                await workflow.wait_condition(is_disturbed, timeout=remaining, timeout_summary=summary(self.standing))
            except TimeoutError:
                return True
            if self._is_released():
                break
        return self.restarted is None and self.standing.outcome is None

    def _remaining(self) -> timedelta:
        until = self._until()
        return until - workflow.now() if until is not None else timedelta(0)

    def _until(self) -> datetime | None:
        """When the run is looked at: by its timer, or, where its journey was paused, once that goes on (V4)."""
        if self.standing.held and self.resumed_at is not None:
            return self.resumed_at
        return self.standing.until

    def _is_disturbed(self, until: datetime | None) -> bool:
        """Whether the wait is over, or its timer is to be another than the one of `until`."""
        return self._is_released() or self._until() != until

    def _is_released(self) -> bool:
        over = self.restarted is not None or self.standing.outcome is not None
        if self.standing.held:
            return over
        is_performed = self.performing is not None and self.performing.is_over
        return over or is_performed or self.released_visit >= self.standing.visit

    def _show_step(self) -> None:
        """Let the Temporal UI find runs by the step at which they wait, where that is worth an action a wait."""
        if not self.given.searchable_steps:
            return
        if workflow.info().typed_search_attributes.get(STEP) != self.standing.step and self.standing.step is not None:
            workflow.upsert_search_attributes([STEP.value_set(self.standing.step)])

    async def _advance(self) -> None:
        """Have the run walked to its next wait; a message needs a regular activity, anything else a local one."""
        before, self.resumed_at = self.standing, None
        if self.performing is not None and self.performing.is_over:
            self.answer = await self.performing.answer()
        if before.channel == CALLS:
            after = await self._call(before)
        else:
            after = await (self._send(before) if before.channel else self._walk(before))
        self.answer = None
        self._show_version(after)
        if self.standing.outcome is None:
            self.standing = after

    def _show_version(self, standing: Standing) -> None:
        """Let the Temporal UI find the run by the version that it has taken since it began (V2)."""
        if standing.version is not None and standing.version != self.given.version:
            self.given = self.given.model_copy(update={"version": standing.version})
            workflow.upsert_search_attributes([VERSION.value_set(standing.version)])

    async def _send(self, standing: Standing) -> Standing:
        own, lane = workflow.info().task_queue, standing.lane
        return await workflow.execute_activity_method(
            JourneyActivities.send_message,
            self._request(standing),
            task_queue=channel_queue(own, standing.channel or "") if lane else own,
            priority=turn(lane),
            start_to_close_timeout=SEND_LIMIT,
            retry_policy=FOREVER,
            summary=f"after {standing.step}: {standing.channel}" if standing.until else f"{standing.step}",
        )

    async def _call(self, standing: Standing) -> Standing:
        return await workflow.execute_activity_method(
            JourneyActivities.call_outside,
            self._request(standing),
            task_queue=calls_queue(workflow.info().task_queue),
            start_to_close_timeout=SEND_LIMIT,
            retry_policy=FOREVER,
            summary=f"after {standing.step}: call" if standing.until else f"{standing.step}",
        )

    async def _walk(self, standing: Standing) -> Standing:
        request = self._request(standing)
        try:
            return await workflow.execute_local_activity_method(
                JourneyActivities.advance,
                request,
                start_to_close_timeout=ADVANCE_LIMIT,
                retry_policy=LOCAL,
                summary=f"after {standing.step}",
            )
        except ActivityError:
            return await workflow.execute_activity_method(
                JourneyActivities.advance,
                request,
                start_to_close_timeout=ADVANCE_LIMIT,
                retry_policy=FOREVER,
                summary=f"after {standing.step}",
            )

    def _request(self, standing: Standing) -> Advance:
        return Advance(
            run=self.given.run_id,
            step=standing.step or "",
            visit=standing.visit,
            at=workflow.now(),
            channel=standing.channel,
            answer=self.answer,
        )

    @workflow.signal(description="A customer event: from intake, that it concerns this run; or from any service")
    async def customer_event(self, event: CustomerEvent) -> None:
        if event.run_id is None:
            await self._forward(event)
        elif event.run_id == self.given.run_id:
            self.released_visit = max(self.released_visit, event.visit or 0)
            if event.resumed:
                self.resumed_at = event.until
            elif event.until is not None and self.standing.until is not None and event.until < self.standing.until:
                self.standing = self.standing.model_copy(update={"until": event.until})
            if event.outcome is not None:
                self.standing = self.standing.model_copy(update={"outcome": event.outcome, "until": None})

    async def _forward(self, event: CustomerEvent) -> None:
        await workflow.execute_local_activity_method(
            JourneyActivities.accept_event,
            DirectEvent(
                run=self.given.run_id,
                event=event.event,
                id=event.id or str(workflow.uuid4()),
                at=event.at or workflow.now(),
                properties=event.properties,
            ),
            start_to_close_timeout=ADVANCE_LIMIT,
            retry_policy=FOREVER,
            summary=event.event,
        )

    @workflow.signal(description="The customer has started the journey anew; this run makes way (E4)")
    def restart(self, given: JourneyInput) -> None:
        if given.run_id != self.given.run_id:
            self.restarted = given

    @workflow.query(description="Where the run stands and what it waits for")
    def state(self) -> State:
        return State(
            run_id=self.given.run_id,
            journey=self.given.journey,
            version=self.given.version,
            customer=self.given.customer,
            entered_at=self.given.entered_at,
            step=self.standing.step,
            waits_until=self.standing.until,
            waits_for=self.standing.waits_for,
            outcome=self.standing.outcome,
        )
