"""Schedules of journeys in Temporal: each has the journey's next times, and starts a campaign's workflow at each."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleState,
    ScheduleUpdate,
)
from temporalio.service import RPCError, RPCStatusCode

from workflows.campaign import CampaignWorkflow
from workflows.inputs import CampaignInput

SCHEDULE = "schedule/"
"""How the ids of schedules begin."""
SHORTEST_CATCH_UP = timedelta(seconds=10)
"""The engine takes no shorter one."""


class ScheduleGiven(BaseModel):
    """What a schedule is to be; without times there is to be none."""

    journey: str
    name: str
    says: str
    times: Sequence[datetime]
    paused: bool = False
    catch_up_seconds: float = 3600.0


async def keep_schedule(client: Client, task_queue: str, schedule_id: str, given: ScheduleGiven) -> None:
    """Make the engine's schedule what it is to be; told again it changes nothing."""
    handle = client.get_schedule_handle(schedule_id)
    if not given.times:
        try:
            await handle.delete()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
        return
    schedule = _schedule(task_queue, given)
    try:
        await client.create_schedule(schedule_id, schedule)
    except ScheduleAlreadyRunningError:
        await handle.update(lambda _: ScheduleUpdate(schedule=schedule))


def _schedule(task_queue: str, given: ScheduleGiven) -> Schedule:
    catch_up = max(timedelta(seconds=given.catch_up_seconds), SHORTEST_CATCH_UP)
    return Schedule(
        action=ScheduleActionStartWorkflow(
            CampaignWorkflow.run,
            CampaignInput(journey=given.journey),
            id=f"campaign/{given.journey}",
            task_queue=task_queue,
            static_summary=f"Campaign of {given.name}",
        ),
        spec=ScheduleSpec(calendars=[_moment(at.astimezone(UTC)) for at in given.times]),
        # A campaign that is still going on is let come to its end first; of those that wait, one is enough.
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.BUFFER_ONE, catchup_window=catch_up),
        state=ScheduleState(note=f"{given.name}: {given.says}", paused=given.paused),
    )


def _moment(at: datetime) -> ScheduleCalendarSpec:
    return ScheduleCalendarSpec(
        second=[ScheduleRange(at.second)],
        minute=[ScheduleRange(at.minute)],
        hour=[ScheduleRange(at.hour)],
        day_of_month=[ScheduleRange(at.day)],
        month=[ScheduleRange(at.month)],
        year=[ScheduleRange(at.year)],
    )
