"""Which arm somebody is given: by chance that is fixed by her id, by what she had before, or by a decision (O3-O5)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from journeyman.language.steps.split import Split

How = Literal["drawn", "kept", "winner"]


def experiment_id(journey: str, step: str, split: Split) -> str:
    """What an experiment is known by: its journey, step, arms and salt; not the version, weights or rules (O8)."""
    arms = ",".join(sorted(arm.key for arm in split.all_arms))
    text = f"{journey}/{step}/{split.salt or ''}/{arms}"
    return "exp_" + hashlib.sha256(text.encode()).hexdigest()[:32]


def workflow_id(journey: str, step: str) -> str:
    return f"experiment/{journey}/{step}"


@dataclass(frozen=True, slots=True)
class Experiment:
    """A row of `experiments`."""

    id: str
    journey_key: str
    step: str
    state: str
    split: Split
    phase: int
    began_at: datetime
    since: datetime
    ended_at: datetime | None = None
    winner: str | None = None
    shares: Mapping[str, float] | None = None
    judged: Mapping[str, Any] | None = None
    judged_at: datetime | None = None
    decisions: tuple[Mapping[str, Any], ...] = ()

    @property
    def salt(self) -> str:
        return self.split.salt or f"{self.journey_key}/{self.step}"

    @property
    def explore(self) -> float:
        """The share that is split on after a decision."""
        return self.split.winner.explore if self.split.winner is not None else 0.0

    @property
    def shares_now(self) -> dict[str, float]:
        """With which probability each arm is drawn; a bandit's candidates share what the holdouts leave."""
        weights = self.split.weights
        if self.shares is None:
            return weights
        held = sum(weights[arm.key] for arm in self.split.all_arms if arm.holdout)
        given = {arm.key: self.shares.get(arm.key, 0.0) * (1 - held) for arm in self.split.candidates}
        return {key: given.get(key, weight) for key, weight in weights.items()}


@dataclass(frozen=True, slots=True)
class Assigned:
    """An arm, how it was come by, and how probable it was for a customer who comes for the first time."""

    arm: str
    how: How
    propensity: float


def assign(experiment: Experiment, subject: str, kept: str | None) -> Assigned:
    """The arm of a subject, who had the arm `kept` before; the same subject always gets the same.

    Holdouts stay holdouts after a decision: what the journey brings is measured against them (O7).
    """
    shares = experiment.shares_now
    arm = kept or _pick(shares, uniform(experiment.salt, "arm", subject))
    how: How = "kept" if kept else "drawn"
    decided = experiment.winner is not None and not experiment.split.arm(arm).holdout
    if decided and experiment.winner and uniform(experiment.salt, "explore", subject) >= experiment.explore:
        arm, how = experiment.winner, "winner"
    return Assigned(arm, how, _propensity(experiment, shares, arm))


def _propensity(experiment: Experiment, shares: Mapping[str, float], arm: str) -> float:
    if experiment.winner is None or experiment.split.arm(arm).holdout:
        return shares[arm]
    candidates = sum(shares[one.key] for one in experiment.split.candidates)
    settled = candidates if arm == experiment.winner else 0.0
    return experiment.explore * shares[arm] + (1 - experiment.explore) * settled


def uniform(salt: str, purpose: str, subject: str) -> float:
    """A number from 0 up to 1 that is fixed by these three, and as good as independent of all others."""
    digest = hashlib.sha256(f"{salt}\x00{purpose}\x00{subject}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def _pick(shares: Mapping[str, float], place: float) -> str:
    """The arm on whose stretch of the line from 0 to 1 the place lies, arms in the author's order."""
    reached = 0.0
    for arm, share in shares.items():
        reached += share
        if place < reached:
            return arm
    return max(shares, key=lambda arm: shares[arm])
