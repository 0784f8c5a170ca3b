"""What became of a journey that was made elsewhere: a draft of ours, and a line for every node of theirs."""

from dataclasses import dataclass, field
from typing import Any, Literal

Outcome = Literal["kept", "changed", "fill in", "left out"]
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One node, by its name or id there and by its kind, and what became of it."""

    node: str
    kind: str
    outcome: Outcome
    detail: str


@dataclass(slots=True)
class Translation:
    """A journey's document, the segments that it names as far as they came along, and the report."""

    journey: Json
    segments: dict[str, Json] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)

    def tell(self, node: str, kind: str, outcome: Outcome, detail: str) -> None:
        self.lines.append(Line(node, kind, outcome, detail))
