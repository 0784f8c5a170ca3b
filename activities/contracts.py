"""What a workflow may ask for: activities by name and type, and nothing of how they work.

Everything that crosses is small and flat and holds ids, step names and instants, never a customer's data.
"""

import abc
import operator
from collections.abc import Collection
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field
from temporalio import activity

URGENT = "transactional"
"""The topic whose messages go before all others."""

CALLS = "call"
"""Stands as the channel where it is another system that may be called next, and no message."""


def calls_queue(task_queue: str) -> str:
    """The task queue of calls: another system that is slow holds up none but those who call it."""
    return f"{task_queue}-calls"


def channel_queue(task_queue: str, channel: str) -> str:
    """The task queue of a channel's messages: a provider that is slow, or may only be asked so often, holds up none."""
    return f"{task_queue}-{channel}"


class OwnActivity(BaseModel):
    """An activity of the team's own that a workflow executes: by name and task queue, with what it is given."""

    name: str
    queue: str
    until: datetime
    attempt_seconds: float
    heartbeat_seconds: float | None = None
    attempts: int
    given: dict[str, Any]


class Lane(BaseModel):
    """A message that goes by the task queue of its channel: what it is about, for its turn there."""

    topic: str
    urgent: Annotated[bool, Field(exclude_if=operator.not_)] = False


def lane_of(channel: str | None, topic: str | None, lanes: Collection[str]) -> Lane | None:
    """How the next message goes; None where it goes by the run's own queue, or there is none."""
    if channel not in lanes or topic is None:
        return None
    return Lane(topic=topic, urgent=topic == URGENT)


class Answer(BaseModel):
    """What became of an activity of the team's own: its result, or why there is none."""

    result: Any = None
    failure: str | None = None


def _is_nothing(value: object) -> bool:
    return value is None


class Advance(BaseModel):
    """Advance a run from a position; `channel` is the one on which the activity may send.

    `answer` is what became of an activity of the team's own, where the run waited for one.
    """

    run: str
    step: str
    visit: int
    at: datetime
    channel: str | None = None
    answer: Annotated[Answer | None, Field(exclude_if=_is_nothing)] = None


class Standing(BaseModel):
    """Where a run stands.

    `until` is when its timer fires, None where it goes on at once; `channel` the one on which a message may be
    sent next; `outcome` is there once the run is over. `activity` is what the workflow executes until then.
    `version` is there where the run is on another version than it began on. `held` says that its journey is paused:
    nothing but that the journey goes on, or the end of the run, ends the wait. `lane` is there where the channel has a
    task queue of its own.
    """

    step: str | None
    visit: int
    until: datetime | None = None
    channel: str | None = None
    waits_for: str = ""
    outcome: str | None = None
    activity: Annotated[OwnActivity | None, Field(exclude_if=_is_nothing)] = None
    version: Annotated[int | None, Field(exclude_if=_is_nothing)] = None
    held: Annotated[bool, Field(exclude_if=operator.not_)] = False
    lane: Annotated[Lane | None, Field(exclude_if=_is_nothing)] = None


class DirectEvent(BaseModel):
    """A customer event that a service has signalled to a run instead of sending it to the API."""

    run: str
    event: str
    id: str
    at: datetime
    properties: dict[str, Any] = {}


class Confirm(BaseModel):
    """Ask a customer to confirm a yes; `confirmation` names the row that holds what is asked."""

    confirmation: str


class Tend(BaseModel):
    """Work an intake partition, one of so many."""

    partition: int
    partitions: int


class Erase(BaseModel):
    """Carry out the erasure that a receipt stands for."""

    erasure: str


class Push(BaseModel):
    """Push a segment's members to its webhook; `push` names the row that tells how far it is."""

    push: str
    segment: str


class Judge(BaseModel):
    """Judge the experiment of a step of a journey; `at` is the engine's time."""

    journey: str
    step: str
    at: datetime | None = None


class Judged(BaseModel):
    """What was found, in words, and when to judge again; None where that is not needed."""

    words: str
    again_at: datetime | None = None


class Learn(BaseModel):
    """Have the next model learnt that is due, or that somebody `asked` for; `at` is the engine's time."""

    asked: list[str] = []
    at: datetime | None = None


class Learned(BaseModel):
    """The model that was learnt, if any was due, what came of it in words, and when to ask again."""

    model: str | None
    words: str
    again_at: datetime


CampaignState = Literal["under_way", "paused", "done", "cancelled"]


class Firing(BaseModel):
    """Begin a campaign that there is, or that of a journey's schedule at its time."""

    campaign: str | None
    journey: str
    scheduled_at: datetime | None = None


class Pace(BaseModel):
    """How many customers go in at once, and how many seconds each is worth. Without a campaign nothing is to do."""

    campaign: str | None = None
    size: int = 1
    seconds_each: float | None = None


class CampaignPage(BaseModel):
    """Offer the next customers an entry; with `size` 0 only look. `ask` is a state that somebody wishes first."""

    campaign: str
    size: int
    ask: CampaignState | None = None


class Progress(BaseModel):
    """How a campaign stands after a page of `taken` customers; nobody more goes in before `until`."""

    state: CampaignState
    taken: int
    until: datetime | None = None
    words: str

    @property
    def is_over(self) -> bool:
        return self.state in {"done", "cancelled"}


class JourneyActivities(abc.ABC):
    """What a run's workflow asks for."""

    @activity.defn
    @abc.abstractmethod
    async def advance(self, request: Advance) -> Standing:
        """Walk a run to its next wait without sending anything."""

    @activity.defn
    @abc.abstractmethod
    async def send_message(self, request: Advance) -> Standing:
        """Walk a run to its next wait, with at most one message on the way."""

    @activity.defn
    @abc.abstractmethod
    async def call_outside(self, request: Advance) -> Standing:
        """Walk a run to its next wait, with at most one call of another system on the way."""

    @activity.defn
    @abc.abstractmethod
    async def accept_event(self, event: DirectEvent) -> None:
        """Put a directly signalled event into the inbox, where every customer event comes in."""


class ConfirmationActivities(abc.ABC):
    """What a confirmation's workflow asks for."""

    @activity.defn
    @abc.abstractmethod
    async def send_confirmation(self, request: Confirm) -> None:
        """Send the mail with the link, unless that is settled already."""


class ErasureActivities(abc.ABC):
    """What an erasure's workflow asks for."""

    @activity.defn
    @abc.abstractmethod
    async def erase_customer(self, request: Erase) -> str:
        """Remove everything that the erasure is about; returns its state, which is `done`."""


class PushActivities(abc.ABC):
    """What a push's workflow asks for."""

    @activity.defn
    @abc.abstractmethod
    async def push_segment(self, request: Push) -> str:
        """Push the members who are left, batch by batch; returns the push's state, `done` or `stopped`."""


class CampaignActivities(abc.ABC):
    """What a campaign's workflow asks for."""

    @activity.defn
    @abc.abstractmethod
    async def open_campaign(self, request: Firing) -> Pace:
        """Begin a campaign, or find that there is none to begin."""

    @activity.defn
    @abc.abstractmethod
    async def offer_entries(self, request: CampaignPage) -> Progress:
        """Offer the next customers an entry, each once, however often this is tried."""


class MigrationPage(BaseModel):
    """Take the next runs of a journey through what is done to all of them; `cancel` is a wish to end it first."""

    migration: str
    cancel: bool = False


class Migrated(BaseModel):
    """How far it is, in words, and whether it is over."""

    words: str
    is_over: bool


class MigrationActivities(abc.ABC):
    """What a migration's workflow asks for."""

    @activity.defn
    @abc.abstractmethod
    async def migrate_page(self, request: MigrationPage) -> Migrated:
        """Take the next runs, each once, however often this is tried."""


class ExperimentActivities(abc.ABC):
    """What an experiment's workflow asks for."""

    @activity.defn
    @abc.abstractmethod
    async def judge_experiment(self, request: Judge) -> Judged:
        """Judge an experiment by what its customers have done up to now, and do what follows."""


class LearningActivities(abc.ABC):
    """What the workflow of learning asks for."""

    @activity.defn
    @abc.abstractmethod
    async def learn_model(self, request: Learn) -> Learned:
        """Have one model learn from the store, and what it says of customers written."""


class IntakeActivities(abc.ABC):
    """What an intake partition's workflow asks for."""

    @activity.defn
    @abc.abstractmethod
    async def tend_partition(self, request: Tend) -> None:
        """Decide accepted events and tell the engine, until another owner takes over or the worker stops."""
