"""Runs: one customer in one journey version."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

RunState = Literal["live", "ended"]


class RunItem(BaseModel):
    """A run in a list."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    journey: str
    version: int
    customer: str
    correlation: str = Field(description="What tells it from the customer's other runs; empty where nothing does")
    state: RunState
    outcome: str | None = Field(description="How it ended; null while it is live")
    entered_at: datetime
    ended_at: datetime | None
    step: str | None
    waits_until: datetime | None
    waits_for: str = Field(description="What else may end the wait, in words")
    temporal_url: str = Field(description="The run's workflow in the Temporal UI")


class Step(BaseModel):
    """One visit of one step."""

    model_config = ConfigDict(from_attributes=True)

    step: str
    visit: int = Field(description="Counts the steps of the run from 1")
    arrived_at: datetime
    left_at: datetime | None
    why: str | None = Field(description="Why it was left: `timer`, `event`, `sent`, `exit`, …")
    text: str
    gates: list[dict[str, Any]] = Field(description="What was asked before a message, in order, with the values read")
    data: dict[str, Any]


class SentMessage(BaseModel):
    """A message of the ledger."""

    model_config = ConfigDict(from_attributes=True, populate_by_name=True)

    id: str
    run: str = Field(validation_alias="run_id")
    journey: str = Field(validation_alias="journey_key")
    version: int
    step: str
    visit: int
    channel: str
    topic: str
    template: str = Field(validation_alias="template_key")
    template_hash: str | None
    subject: str | None
    state: str = Field(description="`reserved`, `sent`, `failed` or `refused`")
    outcome: str | None = Field(description="`sent`, `no_consent`, `unreachable`, `suppressed`, `failed`, …")
    detail: str | None
    ambiguous: bool = Field(description="An attempt ended without an answer: it may have come twice, or not")
    attempts: int
    reserved_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    opened_at: datetime | None
    clicked_at: datetime | None
    bounced_at: datetime | None
    complained_at: datetime | None
    unsubscribed_at: datetime | None


class Conversion(BaseModel):
    """A goal that was reached."""

    model_config = ConfigDict(from_attributes=True)

    goal: str
    at: datetime
    value: float | None
    credited: list[str] = Field(description="The steps of the messages before it, newest first")
    message_id: str = Field(description="The event that reached it")


class RunFull(RunItem):
    """All of a run."""

    answer: str = Field(description="Where the customer stands, in words")
    entry: dict[str, Any]
    context: dict[str, Any]
    workflow_id: str
    steps: list[Step]
    messages: list[SentMessage]
    conversions: list[Conversion]
