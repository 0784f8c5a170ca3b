"""The engine of a simulation: what Temporal does for a run, with time that passes at a word.

A run's workflow decides nothing (decision 0002): it sleeps until its row says so or a signal wakes it, and then has the
run advanced. That is all that is done here, so that a simulation walks the same code to the same rows.
`tests/workflows/test_simulation.py` holds the two against one another.
"""

import heapq
from collections.abc import Collection
from datetime import datetime
from typing import Any

from journeyman.journeys.advance import Request
from journeyman.journeys.ports import EngineCommand, EngineHealth
from journeyman.journeys.positions import Position
from journeyman.kit.clock import Clock
from journeyman.simulation.answers import Answers
from journeyman.simulation.campaigns import SimulatedCampaigns


class SimulatedEngine:
    """Keeps where every run stands, and whose time has come."""

    def __init__(self, clock: Clock, answers: Answers) -> None:
        self.clock = clock
        self.answers = answers
        self.campaigns = SimulatedCampaigns(clock)
        self._standing: dict[str, Position] = {}
        self._due: list[tuple[datetime, int, str, int]] = []
        self._workflows: dict[str, str] = {}
        self._number = 0

    async def tell(self, command: EngineCommand) -> None:
        """Begin or wake a run or a campaign. What other workflows do (mails of a double opt-in) is not done here."""
        payload = command.payload
        if command.kind in {"start", "restart"}:
            if replaced := self._workflows.get(command.workflow_id):
                self._standing.pop(replaced, None)
            self._workflows[command.workflow_id] = payload["run_id"]
            self.stand(_position(payload))
        elif command.kind == "signal":
            self._wake(payload)
        elif command.kind == "schedule":
            self.campaigns.keep(payload)
        elif command.kind == "campaign":
            self.campaigns.ring(command.workflow_id, payload)

    def _wake(self, payload: dict[str, Any]) -> None:
        standing = self._standing.get(payload["run_id"])
        if standing is None:
            return
        if payload.get("outcome") is not None:
            del self._standing[standing.run_id]
        elif payload.get("visit") is not None and payload["visit"] >= standing.visit:
            self._push(self.clock.now(), standing)
        elif payload.get("until") is not None:
            self._push(datetime.fromisoformat(payload["until"]), standing)

    def stand(self, position: Position) -> None:
        """A run stands there now."""
        if position.outcome is not None:
            self._standing.pop(position.run_id, None)
            return
        self._standing[position.run_id] = position
        is_performed = position.activity is not None
        self._push(self.clock.now() if is_performed else position.timer or self.clock.now(), position)

    def again(self, request: Request, at: datetime) -> None:
        """The same is to be tried again at an instant, as Temporal retries an activity."""
        standing = self._standing.get(request.run_id)
        if standing is not None:
            self._push(at, standing)

    def _push(self, at: datetime, position: Position) -> None:
        self._number += 1
        heapq.heappush(self._due, (at, self._number, position.run_id, position.visit))

    def next_due(self) -> datetime | None:
        """When the next run's time comes."""
        while self._due and not self._is_current(self._due[0]):
            heapq.heappop(self._due)
        return self._due[0][0] if self._due else None

    def take_due(self) -> Request | None:
        """The next run whose time has come, as its workflow would ask for it; None where there is none."""
        at = self.next_due()
        if at is None or at > self.clock.now():
            return None
        standing = self._standing[heapq.heappop(self._due)[2]]
        step, answer = standing.step or "", None
        if standing.activity is not None:
            answer = self.answers.of_activity(step)
        return Request(standing.run_id, step, standing.visit, self.clock.now(), standing.channel, answer)

    def _is_current(self, due: tuple[datetime, int, str, int]) -> bool:
        standing = self._standing.get(due[2])
        return standing is not None and standing.visit == due[3]

    async def health(self) -> EngineHealth:
        return EngineHealth(reachable=True, detail="a simulation")

    async def running(self, limit: int) -> list[str]:
        return list(self._workflows)[:limit]

    async def forget(self, customer_ids: Collection[str], workflow_ids: Collection[str]) -> set[str]:
        """There is no history that could be forgotten."""
        del customer_ids, workflow_ids
        return set()

    async def standing(self, workflow_id: str) -> tuple[str, datetime | None] | None:
        run_id = self._workflows.get(workflow_id)
        return ("running", None) if run_id in self._standing else None


def _position(payload: dict[str, Any]) -> Position:
    until = payload.get("until")
    return Position(
        payload["run_id"],
        payload["step"],
        payload["visit"],
        until=datetime.fromisoformat(until) if until else None,
        channel=payload.get("channel"),
        waits_for=payload.get("waits_for", ""),
        outcome=payload.get("outcome"),
        activity=payload.get("activity"),
    )
