"""Simulating a journey of the workspace: its draft, with the templates, topics and segments that are kept."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from graphlib import TopologicalSorter
from threading import Lock
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels import templates
from journeyman.customers.consents import repository as consents
from journeyman.customers.segments import repository as segments
from journeyman.customers.segments.definition import segments_named
from journeyman.journeys.contact.policies import Policies
from journeyman.journeys.drafts import Drafts, checked
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.errors import NotFoundError
from journeyman.language.conditions import CONDITION
from journeyman.language.definition import Definition
from journeyman.language.references import placed_conditions, templates_of
from journeyman.simulation.backtest import Backtest, backtest
from journeyman.simulation.cases import Open
from journeyman.simulation.crowd import Invented, invent, typical
from journeyman.simulation.picture import picture
from journeyman.simulation.runs import Simulated, simulate
from journeyman.simulation.stock import Stock

_ONE_AT_A_TIME: Final = Lock()
"""A simulation is a computation: two at once would only slow each other down, and whoever serves requests beside."""


class Simulations:
    """Simulates journeys as the workspace has them."""

    def __init__(self, database: Database, clock: Clock, open_: Open) -> None:
        self.database = database
        self.clock = clock
        self.open = open_

    async def run(
        self,
        key: str,
        document: object | None = None,
        *,
        customers: int = 1,
        given: Invented | None = None,
        at: datetime | None = None,
        lasts: timedelta = timedelta(days=90),
        seed: int = 1,
    ) -> Simulated:
        """Simulate a document, else the journey's draft, for one given customer, else for invented ones.

        Runs beside the caller, in a thread. Raises `NotFoundError`, and `InvalidError` for what cannot be published.
        """
        definition = await self._definition(key, document)
        stock = await stock_of(self.database, self.clock, definition)
        begins = at or self.clock.now().replace(microsecond=0)
        if given is not None:
            people: Sequence[Invented] = [given]
        else:
            people = (
                [typical(definition, begins)] if customers == 1 else invent(definition, customers, begins, lasts, seed)
            )

        def work() -> Simulated:
            with _ONE_AT_A_TIME:
                return asyncio.run(simulate(self.open, definition, stock, people, begins, lasts))

        return await asyncio.to_thread(work)

    async def picture(self, key: str, document: object | None, simulated: Simulated) -> str:
        """A simulation of the document, else of the draft, as SVG."""
        return picture(simulated, await self._definition(key, document))

    async def _definition(self, key: str, document: object | None) -> Definition:
        return checked(document if document is not None else (await Drafts(self.database, self.clock).read(key)).draft)

    async def backtest(self, key: str, document: object | None = None, *, days: int, limit: int) -> Backtest:
        """Play the last days again for up to `limit` customers of the workspace, with a document, else the draft.

        Raises `NotFoundError`, and `InvalidError` for what cannot be published.
        """
        wanted = document if document is not None else (await Drafts(self.database, self.clock).read(key)).draft
        stock, now = await stock_of(self.database, self.clock, checked(wanted)), self.clock.now()

        async def work() -> Backtest:
            # The store is read from another thread, with connections of its own.
            database = Database(self.database.url)
            try:
                return await backtest(database, self.open, wanted, stock, now, days=days, limit=limit)
            finally:
                await database.close()

        def run() -> Backtest:
            with _ONE_AT_A_TIME:
                return asyncio.run(work())

        return await asyncio.to_thread(run)


async def stock_of(database: Database, clock: Clock, definition: Definition) -> Stock:
    """What the workspace keeps of all that a journey names."""
    found = {}
    for key in sorted({key for _, _, key in templates_of(definition)}):
        try:
            found[key] = (await templates.get_whole(database, key)).content.document()
        except NotFoundError:
            continue  # A stand-in is sent for it.
    async with database.reading() as connection:
        topics = await consents.topics(connection)
        named = {key for _, condition in placed_conditions(definition) for key in segments_named(condition)}
        kept = await _segments(connection, named)
    settings = {one.key: {name: value for name, value in asdict(one).items() if name in _TOPIC} for one in topics}
    return Stock(found, settings, kept, (await Policies(database, clock).read()).document)


_TOPIC: Final = {"name", "description", "channels", "marketing", "basis", "double_opt_in"}


async def _segments(connection: AsyncConnection, keys: Collection[str]) -> list[tuple[str, dict[str, Any]]]:
    """These segments and those that they speak of, each behind those."""
    found: dict[str, dict[str, Any]] = {}
    needs: dict[str, set[str]] = {}
    wanted = set(keys)
    while wanted:
        for one in await segments.find(connection, wanted):
            condition = CONDITION.validate_python(one.condition) if one.condition is not None else None
            needs[one.key] = segments_named(condition)
            found[one.key] = {"name": one.name} | ({"when": one.condition} if one.condition is not None else {})
        wanted = {key for named in needs.values() for key in named} - found.keys() - (wanted - found.keys())
    ordered = TopologicalSorter(needs).static_order()
    return [(key, found[key]) for key in ordered if key in found]
