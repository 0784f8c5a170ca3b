"""What journeys bring beside sending nothing."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class LiftSide(BaseModel):
    """One of the two groups."""

    model_config = ConfigDict(from_attributes=True)

    customers: int = Field(description="Came in the period, each counted once")
    converted: int = Field(description="Of them, reached a goal within `days`")
    rate: float | None
    revenue: float | None = Field(description="The mean of a customer, each customer's cut at `cap`")


class LiftDifference(BaseModel):
    """How much more those have who were sent messages, with the bounds of a 95 % interval."""

    model_config = ConfigDict(from_attributes=True)

    difference: float
    low: float
    high: float
    is_certain: bool = Field(description="Whether no difference lies outside the interval")


class LiftFigures(BaseModel):
    """Those who were sent messages beside those whom chance held out."""

    model_config = ConfigDict(from_attributes=True)

    journey: str | None = Field(description="None for all marketing together, by the workspace's holdout")
    since: datetime = Field(description="Customers who came from here on; not before the first was held out")
    until: datetime = Field(description="Customers who came later have not had their time")
    days: int = Field(description="How long each customer has")
    sent: LiftSide
    held_out: LiftSide
    conversion: LiftDifference | None = Field(description="Of the rates, by Newcombe; null without enough data")
    revenue: LiftDifference | None = Field(description="Of the means, by Welch; null without enough data")
    cap: float | None = Field(description="The 99 % quantile of what customers brought before they came")
    kept: float | None = Field(description="Share of the variance left after adjusting for earlier revenue (CUPED)")
    words: str = Field(description="What was adjusted and cut, or what is missing")
