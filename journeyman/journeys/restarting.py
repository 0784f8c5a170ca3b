"""Runs whose workflow the engine has lost, started again where they stand."""

from collections.abc import Sequence

from journeyman.journeys import repository
from journeyman.journeys.ports import EngineCommand
from journeyman.journeys.positions import first_position
from journeyman.journeys.published import Shelf
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database


async def start_again(database: Database, clock: Clock, run_ids: Sequence[str]) -> int:
    """Have the engine told to start the workflows of these runs; returns how many are still live.

    The run's row says where it stands, so that nothing is done twice: a workflow begins there, and what was due
    meanwhile is done at once.
    """
    shelf = Shelf()
    told = 0
    for run_id in run_ids:
        async with database.transaction() as connection:
            run = await repository.lock_run(connection, run_id)
            if run is None or not run.is_live:
                continue
            definition = await shelf.definition(connection, run.definition_hash)
            command = EngineCommand("start", run.id, run.workflow_id, first_position(run, definition))
            await repository.tell(connection, [command], clock.now())
            told += 1
    return told
