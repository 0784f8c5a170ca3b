"""A figure: what the product does beside what its floor does in the same run."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. `ratio` is ours over the floor's; it is to be at `target` or on its better side."""

    name: str
    unit: str
    ours: float
    floor: float | None = None
    ratio: float | None = None
    target: float | None = None
    higher_is_better: bool = True
    note: str = ""

    @property
    def judged(self) -> float | None:
        """What is held against the target: the ratio, or where there is no floor the figure itself."""
        return self.ours if self.ratio is None else self.ratio

    @property
    def is_met(self) -> bool | None:
        if self.target is None or self.judged is None:
            return None
        return self.judged >= self.target if self.higher_is_better else self.judged <= self.target

    @property
    def wish(self) -> str:
        if self.target is None:
            return ""
        sign = "≥" if self.higher_is_better else "≤"
        what = "ratio " if self.ratio is not None else ""
        return f"{what}{sign} {number(self.target)}"


def paired(ours: Sequence[float], floor: Sequence[float]) -> tuple[float, float, float]:
    """Medians of ours, of the floor, and of the ratios of the rounds, which ran side by side."""
    ratios = [one / other for one, other in zip(ours, floor, strict=True)]
    return statistics.median(ours), statistics.median(floor), statistics.median(ratios)


def percentile(values: Sequence[float], hundredth: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[hundredth - 1]


def number(value: float | None) -> str:
    """Three digits that count."""
    if value is None:
        return ""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:,.1f}" if abs(value) >= 10 else f"{value:,.2f}"
