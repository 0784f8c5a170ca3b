"""What learns from the store every night: one learner for each model."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from journeyman.intelligence.registry.repository import Model


@dataclass(frozen=True, slots=True)
class Trained:
    """A training: what was learnt, and the same measures of it and of its baseline, on cases it had not seen.

    `better` says whether it is to be used: a model is never replaced by one that is worse on the same newest cases.
    """

    artefact: Mapping[str, Any]
    quality: Mapping[str, float]
    baseline: Mapping[str, float]
    better: bool = True


@dataclass(frozen=True, slots=True)
class Learnt:
    """What a night came to, in words, from `n` cases.

    Without `enough` data the model in use is retired, and the words name the minimum and what there is. `trained` is
    None where the model in use was good for another night.
    """

    words: str
    n: int
    enough: bool = True
    trained: Trained | None = None


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What a model is, for those who decide by it."""

    name: str
    what: str
    data: str
    minimum: str
    baseline: str
    wrong: str
    """When it is wrong."""


class Learner(Protocol):
    """Learns one model, and writes what it says of customers where readers look for it."""

    key: str
    card: ModelCard

    async def learn(self, now: datetime, current: Model | None) -> Learnt:
        """A night's work; `current` is the version in use. What fails is tried again the night after."""
        ...
