"""Runs that begin and end move segments that speak of their journeys; who moves runs outside of intake tells here."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers import repository as customers
from journeyman.journeys.runs import Run
from journeyman.journeys.segmentation.shelf import SegmentShelf


async def note_runs(connection: AsyncConnection, shelf: SegmentShelf, runs: Iterable[Run], at: datetime) -> None:
    """Have the customers judged anew whose runs have begun or ended, before these are saved.

    Costs nothing where none has, and one look at the segments' keys where no segment names the journey.
    """
    moved = [run for run in runs if run.has_moved]
    named = (await shelf.live(connection)).needs.journeys if moved else frozenset()
    concerned = {run.customer_id for run in moved if run.journey_key in named}
    if concerned:
        await customers.recheck(connection, concerned, at)
