"""What the journeys ask of the engine that keeps their time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class EngineCommand:
    """One thing the engine has to be told of a run. `kind` is `start`, `restart` or `signal`; `payload` is JSON."""

    kind: str
    run_id: str
    workflow_id: str
    payload: dict[str, Any]


class WorkflowClosingError(Exception):
    """The workflow id still belongs to an earlier run that is closing; the same command will work in a moment."""


@dataclass(frozen=True, slots=True)
class EngineHealth:
    """What `doctor` and `/readyz` want to know of the engine."""

    reachable: bool
    detail: str
    pollers: int = 0


class JourneyRunner(Protocol):
    """Starts and wakes the durable workflow of a run. Every command may be given twice and takes effect once."""

    async def tell(self, command: EngineCommand) -> None:
        """Carry out a command. Raises `WorkflowClosingError`; any other error means that it is to be told again."""
        ...

    async def health(self) -> EngineHealth: ...

    async def standing(self, workflow_id: str) -> tuple[str, datetime | None] | None:
        """The engine's word on a workflow: its status and when it closed; None where there is none."""
        ...
