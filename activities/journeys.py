"""The activities of a run: each calls one use case."""

from collections.abc import Collection
from datetime import datetime

from temporalio import activity

from activities.contracts import (
    Advance,
    DirectEvent,
    JourneyActivities,
    OwnActivity,
    Standing,
    channel_queue,
    lane_of,
)
from activities.errors import AGAIN, to_application_error
from journeyman.journeys.advance import Advance as AdvanceRun
from journeyman.journeys.advance import Request
from journeyman.journeys.direct import DirectEvents


class RunActivities(JourneyActivities):
    """Runs in the worker, on the product's own parts."""

    def __init__(
        self, advance_run: AdvanceRun, direct_events: DirectEvents, lanes: Collection[str] = frozenset()
    ) -> None:
        """`lanes` are the channels that have a task queue of their own."""
        self.advance_run = advance_run
        self.direct_events = direct_events
        self.lanes = lanes

    @activity.defn
    async def advance(self, request: Advance) -> Standing:
        return await self._advance(request, channel=None)

    @activity.defn
    async def send_message(self, request: Advance) -> Standing:
        """On the run's own queue, a message of a channel that has one is not sent: the workflow asks again there."""
        channel, queue = request.channel or "", activity.info().task_queue
        is_elsewhere = channel in self.lanes and not queue.endswith(channel_queue("", channel))
        return await self._advance(request, channel=None if is_elsewhere else channel)

    @activity.defn
    async def call_outside(self, request: Advance) -> Standing:
        return await self._advance(request, channel=request.channel)

    async def _advance(self, request: Advance, channel: str | None) -> Standing:
        info = activity.info()
        # A retry comes later than the workflow asked for it; a local activity runs within the same moment.
        at = request.at if info.is_local else max(info.started_time, request.at)
        try:
            position = await self.advance_run(_asked(request, at, channel, self.lanes))
        except AGAIN as error:
            raise to_application_error(error) from error
        return Standing(
            step=position.step,
            visit=position.visit,
            until=position.timer,
            channel=position.channel,
            lane=lane_of(position.channel, position.topic, self.lanes),
            waits_for=position.waits_for,
            outcome=position.outcome,
            activity=OwnActivity.model_validate(position.activity) if position.activity is not None else None,
            version=position.version,
            held=position.held,
        )

    @activity.defn
    async def accept_event(self, event: DirectEvent) -> None:
        await self.direct_events.accept(event.run, event.id, event.event, event.at, event.properties)


def _asked(request: Advance, at: datetime, channel: str | None, lanes: Collection[str]) -> Request:
    answer = request.answer.model_dump() if request.answer is not None else None
    return Request(request.run, request.step, request.visit, at, channel, answer, lanes)
