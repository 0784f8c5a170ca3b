"""RFM: cut points, and how many customers are where."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from journeyman.customers.scoring.rfm import Group

Point = Annotated[float, Field(ge=-1e12, le=1e12, allow_inf_nan=False)]
Points = Annotated[list[Point], Field(min_length=4, max_length=4)]


class CutPoints(BaseModel):
    """Four cut points for each measure, ascending."""

    model_config = ConfigDict(extra="forbid")

    recency: Points = Field(description="Days since the last order", examples=[[30, 90, 180, 365]])
    frequency: Points = Field(description="Orders", examples=[[1, 2, 4, 8]])
    monetary: Points = Field(description="Revenue in the workspace's currency", examples=[[50, 100, 250, 500]])


class RfmCell(BaseModel):
    """How many customers have these scores."""

    r: int
    f: int
    m: int
    customers: int


class RfmStandings(BaseModel):
    """The cut points in use, and how many customers were where when they were set or computed."""

    cuts: CutPoints
    own: bool = Field(description="Somebody set them; else they are the quintiles of the customers who have ordered")
    computed_at: datetime
    customers: int
    groups: dict[Group, int]
    cells: list[RfmCell]
