"""What a run did, as it is written down: the one source of timeline, explain and statistics.

Kinds: `entered`, `refused` (E8), `arrived` at a step where time passes, `left` a step, `message` (an outcome with
every gate and the values it read), `held` (a message that waits, with the gate that has it wait), `updated`,
`rescheduled` (E6), `converted` (C1), `migrated` to another version (V2), `ended`.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Kind = Literal[
    "entered",
    "refused",
    "arrived",
    "left",
    "message",
    "held",
    "updated",
    "rescheduled",
    "converted",
    "migrated",
    "ended",
]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal. `code` is the machine-readable why, `data` the values behind it."""

    kind: Kind
    at: datetime
    step: str | None = None
    visit: int | None = None
    code: str | None = None
    data: dict[str, Any] = field(default_factory=dict)
