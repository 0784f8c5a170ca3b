"""What was learnt of when a customer answers, as those ask for it who look for the best time (O1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Hours:
    """A score for each of the 168 hours of the local week, from Monday midnight; `rung` is whose they are."""

    scores: Sequence[float]
    rung: str


class Timing(Protocol):
    """What was learnt of when a customer answers."""

    def own_hours(self, zone: str) -> Hours | None:
        """Her own; None where nothing is known of her, or there is no model."""
        ...

    def shared_hours(self, zone: str) -> Hours | None:
        """Those of all customers of her time zone, or of the workspace; None where there is no model."""
        ...
