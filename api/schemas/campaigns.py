"""Campaigns."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.parameters import NO_NUL
from journeyman.language.rates import Rate
from journeyman.language.starters.campaign import MOST_IN_A_BATCH

Segment = Annotated[str, Field(min_length=1, max_length=64, pattern=NO_NUL)]


class CampaignWanted(BaseModel):
    """Whom a campaign is to let in, and how fast: a segment, those for whom a condition holds, or everybody."""

    model_config = ConfigDict(extra="forbid")

    segment: Segment | None = Field(default=None, description="The key of a segment", examples=["vip"])
    when: dict[str, Any] | None = Field(default=None, description="A condition, instead of a segment")
    context: dict[str, Any] = Field(default_factory=dict, description="Becomes the entry of each run")
    rate: str | None = Field(default=None, max_length=40, pattern=Rate.pattern, examples=["600 per 1m"])
    batch: Annotated[int, Field(ge=1, le=MOST_IN_A_BATCH)] | None = Field(
        default=None, description="How many go in at once at most"
    )


class CampaignFull(BaseModel):
    """One time at which a starter lets many customers in, and how far that has come."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    journey: str = Field(validation_alias="journey_key")
    kind: str = Field(description="The starter, or `call`")
    state: Literal["under_way", "paused", "done", "cancelled"]
    about: dict[str, Any] = Field(description="Whom it is for")
    rate: str | None
    batch: int
    population: int = Field(description="Customers it was for when it began")
    offered: int = Field(description="Customers whose entry was asked for so far")
    entered: int = Field(description="Customers who have entered")
    refused: dict[str, int] = Field(description="Customers who have not, by the reason")
    scheduled_at: datetime
    began_at: datetime
    offered_at: datetime | None = Field(description="When the last page went in")
    ended_at: datetime | None
    requested_by: str
    note: str | None = Field(description="Why it is paused or over, where somebody or something has done that")
    workflow_id: str = Field(description="Its workflow in the Temporal UI")
