"""What the journeys ask of the engine that keeps their time."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class EngineCommand:
    """One thing the engine has to be told; `payload` is JSON.

    `kind` is `start`, `restart` or `signal` of a run, `confirm` for the mail of a double opt-in, `erase`, which begins
    an erasure, or `push`, which pushes a segment. The id of these three stands as `run_id`. `experiment` has the
    experiment of the step that stands as `run_id` judged. `campaign` begins a campaign or wakes it, `schedule` gives
    the engine the next times of a journey's schedule, and `migration` begins what is done to all runs of a journey.
    `learning` has the model learn now that stands as `run_id`.
    """

    kind: str
    run_id: str
    workflow_id: str
    payload: dict[str, Any]


class WorkflowClosingError(Exception):
    """The workflow id still belongs to an earlier run that is closing; the same command will work in a moment."""


@dataclass(frozen=True, slots=True)
class EngineHealth:
    """What `doctor` and `/readyz` want to know of the engine.

    `pollers` counts the workers' pollers by queue, a queue without any included; `lacks` names what has to be set up
    in the engine and is not there.
    """

    reachable: bool
    detail: str
    pollers: Mapping[str, int] = field(default_factory=dict)
    lacks: Sequence[str] = ()


class JourneyRunner(Protocol):
    """Starts and wakes the durable workflow of a run. Every command may be given twice and takes effect once."""

    async def tell(self, command: EngineCommand) -> None:
        """Carry out a command. Raises `WorkflowClosingError`; any other error means that it is to be told again."""
        ...

    async def health(self) -> EngineHealth: ...

    async def running(self, limit: int) -> list[str]:
        """The workflow ids of journey workflows that are running, `limit` at most, as the engine last listed them."""
        ...

    async def forget(self, customer_ids: Collection[str], workflow_ids: Collection[str]) -> set[str]:
        """Delete the histories of a customer's workflows, those that are over and those that are not.

        Returns which it found, by the engine's own ids. The engine may take a moment: call again until none is found.
        """
        ...

    async def standing(self, workflow_id: str) -> tuple[str, datetime | None] | None:
        """The engine's word on a workflow or a schedule: its status and when it closed; None where there is none."""
        ...
