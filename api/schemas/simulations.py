"""What is to be simulated."""

from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from journeyman.language.cases import CaseCustomer, CaseEvent


class BacktestRequest(BaseModel):
    """How far back, and for how many customers."""

    model_config = ConfigDict(extra="forbid")

    document: dict[str, Any] | None = Field(default=None, description="A journey; default: the draft")
    days: int = Field(default=30, ge=1, le=400, strict=True)
    customers: int = Field(default=500, ge=1, le=5000, strict=True, description="So many are played at most")


class SimulationRequest(BaseModel):
    """Whom to simulate, from when, for how long. Without anything: one typical customer, from now on, for 90 days."""

    model_config = ConfigDict(extra="forbid")

    document: dict[str, Any] | None = Field(default=None, description="A journey; default: the draft")
    customers: int = Field(default=1, ge=1, le=200, strict=True, description="Above 1 they are invented")
    customer: CaseCustomer | None = Field(
        default=None, description="One customer of your own: attributes and `consent`"
    )
    events: Annotated[list[CaseEvent], Field(max_length=200)] = Field(
        default_factory=list, description="What that customer does, so long after the beginning"
    )
    at: AwareDatetime | None = Field(default=None, description="When it begins; default: now")
    days: int = Field(default=90, ge=1, le=400, strict=True)
    seed: int = Field(default=1, ge=0, le=2**31, strict=True, description="Other customers, by another number")
