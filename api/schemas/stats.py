"""A journey in figures."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class StepStats(BaseModel):
    """One step."""

    model_config = ConfigDict(from_attributes=True)

    step: str
    entered: int
    waiting: int = Field(description="Stand there at the end of the period")
    left: int = Field(description="Went on from there")
    dropped: dict[str, int] = Field(description="Were taken out there, by reason: `exit`, `restart`, `merged`, …")
    messages: dict[str, int] = Field(description="Messages by outcome")
    sent: int
    delivered: int
    opened: int
    clicked: int
    bounced: int
    complained: int
    unsubscribed: int
    converted: int = Field(description="Conversions whose last message before was this step's")
    assisted: int = Field(description="Conversions before which this step's message came, but not as the last")
    revenue: float = Field(description="The value of what it converted")


class GoalStats(BaseModel):
    """One goal."""

    model_config = ConfigDict(from_attributes=True)

    goal: str
    conversions: int
    revenue: float
    held_out: int = Field(description="Conversions of runs that are held out; `conversions` has none of them")
    held_out_revenue: float
    before_messages: int = Field(description="Conversions that no message can claim")


class ArmStats(BaseModel):
    """One arm of a split."""

    model_config = ConfigDict(from_attributes=True)

    step: str
    arm: str
    entered: int = Field(description="Runs that were given it, a loop's every time")
    converted: int = Field(description="Conversions of these runs after that")
    revenue: float


class JourneyStats(BaseModel):
    """A journey over all its versions, counted from its journal."""

    model_config = ConfigDict(from_attributes=True)

    journey: str
    since: datetime | None = Field(description="Null: from the beginning")
    until: datetime
    entered: int
    held_out: int = Field(description="Of these, runs that are held out and sent nothing (O7)")
    live: int = Field(description="Runs that were under way at the end of the period")
    ended: dict[str, int] = Field(description="Runs by outcome")
    refused: dict[str, int] = Field(description="Entries refused, by reason")
    steps: list[StepStats]
    goals: list[GoalStats]
    arms: list[ArmStats]
