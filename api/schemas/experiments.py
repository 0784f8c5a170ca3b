"""Experiments in figures and words."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from journeyman.journeys.experiments.judging import Shown


class DecisionWanted(BaseModel):
    """The arm that everybody goes to from now on."""

    model_config = ConfigDict(extra="forbid")

    arm: str = Field(max_length=64, description="The key of an arm that is no holdout", examples=["mail"])


class LiftFull(BaseModel):
    """By how much an arm is above those who were held out."""

    model_config = ConfigDict(from_attributes=True)

    difference: float
    low: float = Field(description="The lower bound of the 95 % confidence interval")
    high: float = Field(description="The upper bound")


class ArmFull(BaseModel):
    """One arm. Only customers whose time is over are matured, and only they are compared."""

    model_config = ConfigDict(from_attributes=True)

    arm: str
    holdout: bool
    weight: float = Field(description="Its share by the document, of 1")
    customers: int = Field(description="Customers who drew it first, since the evidence counts")
    matured: int
    converted: int = Field(description="Matured customers whom the metric counts, each once")
    rate: float | None
    revenue: float | None = Field(description="Mean revenue of a matured customer, the largest amounts capped")
    best: float | None = Field(description="The probability to be the best arm; null for holdouts")
    loss: float | None = Field(description="What choosing it costs on average, as a share of its own figure")
    lift: LiftFull | None = Field(description="Against the holdout, in the metric's own unit")


class DecisionFull(BaseModel):
    """A decision that was taken, with everything that was read for it."""

    at: datetime
    arm: str | None = Field(description="Null: on as before")
    by: str = Field(description="`won`, `deadline`, or who decided")
    read: dict[str, Any]


class ExperimentFull(BaseModel):
    """One experiment. A best guess is no significant result: it is what to choose if one has to."""

    id: str
    step: str
    state: Literal["running", "decided", "ended"]
    kind: Literal["winner", "bandit", "split"]
    metric: str
    phase: int = Field(description="1, and one more each time that weights were changed")
    began_at: datetime
    since: datetime = Field(description="From when on customers count")
    winner: str | None
    shares: dict[str, float] = Field(description="With which probability newcomers draw each arm; of 1")
    arms: list[ArmFull]
    assigned: dict[str, int] = Field(description="Runs that were given each arm, over all the time")
    best_guess: str | None = Field(description="The arm with the least expected loss; null while too few have matured")
    significant: str | None = Field(description="The arm that is certain to be better than all others, at any look")
    doubt: float | None = Field(description="The always-valid p-value of the leading arm")
    sample_ratio: float | None = Field(description="How probable the arms' sizes are; null for a bandit")
    warning: str | None = Field(description="Why nothing can be told, in words")
    reason: str = Field(
        description="`not_enough`, `first_week`, `sample_ratio`, `undecided`, `won`, `deadline`; `shown` without rule"
    )
    decisions: list[DecisionFull]

    @classmethod
    def of(cls, shown: Shown) -> "ExperimentFull":
        one, verdict = shown.experiment, shown.verdict
        same = {name: getattr(one, name) for name in ("id", "step", "state", "phase", "began_at", "since", "winner")}
        told = ("metric", "best_guess", "significant", "doubt", "sample_ratio", "reason")
        return cls(
            **same,
            **{name: getattr(verdict, name) for name in told},
            kind="winner" if one.split.winner else "bandit" if one.split.bandit else "split",
            shares=one.shares_now,
            assigned=shown.assigned,
            arms=[ArmFull.model_validate(arm) for arm in verdict.arms],
            warning=warning(verdict.reason),
            decisions=[DecisionFull.model_validate(decision) for decision in one.decisions],
        )


def warning(reason: str) -> str | None:
    """Why nothing can be told, in words."""
    if reason != "sample_ratio":
        return None
    return (
        "The arms have sizes that are no accident (p < 0.001). Something puts customers into arms otherwise than by "
        "weight, so that no figure can be trusted and nothing is decided."
    )
