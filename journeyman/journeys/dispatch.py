"""Telling the engine what intake has decided: after the commit, at least once, in order for each workflow."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from journeyman.journeys import repository
from journeyman.journeys.ports import EngineCommand, JourneyRunner, WorkflowClosingError
from journeyman.kit.database import Database

log = logging.getLogger(__name__)

AT_ONCE = 64
"""Commands that are on their way to the engine at the same time."""


@dataclass(frozen=True, slots=True)
class Told:
    """How many commands were carried out, and how many have to be told again."""

    done: int
    left: int


class Dispatch:
    """Empties the outbox."""

    def __init__(self, database: Database, runner: JourneyRunner) -> None:
        self.database = database
        self.runner = runner
        self._places = asyncio.Semaphore(AT_ONCE)

    async def tell(self, slots: Collection[int] | None, limit: int = 1000) -> Told:
        """Tell the oldest commands; what the engine does not take stays for the next call."""
        async with self.database.reading() as connection:
            waiting = await repository.untold(connection, slots, limit)
        if not waiting:
            return Told(0, 0)
        queues: dict[str, list[tuple[int, EngineCommand]]] = defaultdict(list)
        for seq, command in waiting:
            queues[command.workflow_id].append((seq, command))
        results = await asyncio.gather(*(self._tell_in_order(queue) for queue in queues.values()))
        done = [seq for told, _ in results for seq in told]
        failed = {seq: error for _, errors in results for seq, error in errors.items()}
        async with self.database.transaction() as connection:
            await repository.forget_told(connection, done)
            await repository.note_failures(connection, failed)
        return Told(len(done), len(waiting) - len(done))

    async def _tell_in_order(self, queue: list[tuple[int, EngineCommand]]) -> tuple[list[int], dict[int, str]]:
        """The commands of one workflow, one after the other up to the first that fails."""
        done: list[int] = []
        async with self._places:
            for seq, command in queue:
                try:
                    await self.runner.tell(command)
                except WorkflowClosingError:
                    return done, {}
                except Exception as error:  # noqa: BLE001 - an unreachable engine has many faces
                    log.warning("%s of run %s was not told: %s", command.kind, command.run_id, error)
                    return done, {seq: f"{type(error).__name__}: {error}"}
                done.append(seq)
        return done, {}
