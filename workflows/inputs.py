"""What workflows are started with, told and asked: types alone, made once and not anew for each run."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from activities.contracts import CampaignState, Lane, OwnActivity, Standing


class JourneyInput(BaseModel):
    """A run and where it stands; the same at its start and when it continues as new."""

    run_id: str
    journey: str
    name: str
    version: int
    customer: str
    entered_at: datetime
    step: str | None
    visit: int
    until: datetime | None = None
    channel: str | None = None
    waits_for: str = ""
    outcome: str | None = None
    activity: Annotated[OwnActivity | None, Field(exclude_if=lambda value: value is None)] = None
    held: Annotated[bool, Field(exclude_if=lambda value: not value)] = False
    lane: Annotated[Lane | None, Field(exclude_if=lambda value: value is None)] = None
    searchable_steps: bool = True
    """Whether the search attribute `JourneyStep` goes along from wait to wait; it does for runs that do not say."""

    @property
    def standing(self) -> Standing:
        return Standing(
            step=self.step,
            visit=self.visit,
            until=self.until,
            channel=self.channel,
            waits_for=self.waits_for,
            outcome=self.outcome,
            activity=self.activity,
            held=self.held,
            lane=self.lane,
        )


class CustomerEvent(BaseModel):
    """The signal `customer_event`.

    From intake it carries `run_id` and says that the event has released or ended the run, or, with `until`, that the
    run has to be looked at earlier than its timer; `resumed` says that its journey goes on, and `until` when the run
    does. From any other service it carries `id`, `event`, `at` and `properties`, and the event goes the way of every
    customer event.
    """

    event: str
    at: datetime | None = None
    run_id: str | None = None
    visit: int | None = None
    outcome: str | None = None
    until: datetime | None = None
    resumed: Annotated[bool, Field(exclude_if=lambda value: not value)] = False
    id: str | None = None
    properties: dict[str, Any] = {}


class State(BaseModel):
    """The answer to the query `state`."""

    run_id: str
    journey: str
    version: int
    customer: str
    entered_at: datetime
    step: str | None
    waits_until: datetime | None
    waits_for: str
    outcome: str | None


class CampaignInput(BaseModel):
    """A campaign, or a journey whose schedule has fired; what comes behind goes along when it continues as new."""

    journey: str
    campaign: str | None = None
    scheduled_at: datetime | None = None
    size: int | None = None
    seconds_each: float | None = None
    due: datetime | None = None
    ask: CampaignState | None = None


class MigrationInput(BaseModel):
    """What is done to all runs of a journey; `migration` names the row that tells how far it is."""

    migration: str
    journey: str
    cancel: bool = False


class IntakeInput(BaseModel):
    """A partition, one of so many."""

    partition: int
    partitions: int
