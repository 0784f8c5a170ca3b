"""Customers: who they are, what happened to them, and why."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.runs import RunItem


class Identifier(BaseModel):
    """A name under which a customer is known."""

    kind: str = Field(description="`user_id`, `anonymous_id`, `email`, `phone`, `device` or `ext:<source>`")
    value: str


class ConsentState(BaseModel):
    """What a customer last said of a channel or topic, and the proof."""

    model_config = ConfigDict(from_attributes=True)

    subject: str
    status: str
    at: datetime
    source: str = Field(description="How it was said")
    actor: str = Field(description="Who recorded it")
    wording: str | None = Field(description="What the customer read when she said it")


class ReasonOf(BaseModel):
    """One figure of the customer that moves a prediction."""

    model_config = ConfigDict(from_attributes=True)

    what: str = Field(description="Which figure, as `days_since_order`")
    value: float
    effect: float = Field(
        description="By how much the prediction is above that of the typical customer's figure, in its own unit"
    )


class PredictionOf(BaseModel):
    """What a model predicts of the customer."""

    model_config = ConfigDict(from_attributes=True)

    key: str
    value: float = Field(description="A probability from 0 to 1, or for `value` an amount")
    n: int = Field(description="How many customers it was learnt from")
    model: str = Field(description="The model and its version; `GET /v1/models/{key}` tells about it")
    trained_at: datetime
    at: datetime = Field(description="When it was predicted")
    reasons: list[ReasonOf] = Field(description="What moves it most, the strongest first")


class CustomerFull(BaseModel):
    """A customer as a whole."""

    id: str
    attributes: dict[str, Any]
    computed: dict[str, Any] = Field(description="What her events come to: `orders`, `revenue`, `last_seen_at`, …")
    identifiers: list[Identifier]
    consents: list[ConsentState]
    predictions: list[PredictionOf] = Field(description="Without enough data there is none")
    live_runs: list[RunItem]
    counts: dict[str, int] = Field(description="`events`, `runs`, `live_runs`, `messages_sent`, `conversions`")
    created_at: datetime
    updated_at: datetime


class TimelineEntry(BaseModel):
    """One thing that happened."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime
    kind: str = Field(description="`event`, `consent`, or what a journey did: `entered`, `refused`, `arrived`, …")
    text: str = Field(description="A sentence; names that somebody gave are set in `**`")
    journey: str | None
    step: str | None
    run: str | None
    data: dict[str, Any]


class Again(BaseModel):
    """Whether the customer may enter again, for one correlation key."""

    model_config = ConfigDict(from_attributes=True)

    correlation: str
    allowed: bool
    text: str
    data: dict[str, Any]


class EntryNow(BaseModel):
    """The entry rule, judged on what is known of the customer at this moment."""

    model_config = ConfigDict(from_attributes=True)

    would_enter: bool
    text: str
    starts_on: str
    event: str | None
    events: int = Field(description="How often the event that starts the journey has happened")
    matching: int = Field(description="How often as its `where` asks")
    last_event_at: datetime | None
    audience_holds: bool
    audience: dict[str, Any] | None = Field(description="Each part of the condition, with what was read")
    reentry: list[Again]


class ExplanationFull(BaseModel):
    """Why a customer is in a journey or not, and what became of its messages."""

    model_config = ConfigDict(from_attributes=True)

    customer: str
    journey: str
    journey_state: str
    is_in: bool
    was_in: bool
    answer: str
    entry: EntryNow | None = Field(description="Null for a journey that was never published")
    runs: list[RunItem]
    refusals: list[TimelineEntry] = Field(description="Every refused entry, newest first")
    messages: list[TimelineEntry] = Field(description="Every message's outcome, with its gates")
