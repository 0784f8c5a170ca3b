"""Runs as people look at them: which there are, and everything that one of them did and waits for."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels.ledger import repository as ledger
from journeyman.channels.ledger.messages import Message
from journeyman.customers.zones import place_of
from journeyman.insight import repository, sentences
from journeyman.insight.lookup import definitions_of, must_know
from journeyman.insight.repository import Filters, JournalSeen, Reached
from journeyman.insight.words import Reader, Version
from journeyman.journeys.documents import repository as documents
from journeyman.journeys.positions import Position, position_of
from journeyman.journeys.published import Shelf
from journeyman.journeys.runs import Run
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.errors import NotFoundError
from journeyman.kit.pagination import Page, page_of, read_cursor
from journeyman.language.definition import Definition
from journeyman.settings import Settings

LEAVING = {"left", "message", "updated", "ended"}
"""The kinds of journal lines that say what became of a visit."""


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One customer in one journey version, and where she stands."""

    id: str
    journey: str
    version: int
    customer: str
    correlation: str
    state: str
    outcome: str | None
    entered_at: datetime
    ended_at: datetime | None
    step: str | None
    waits_until: datetime | None
    waits_for: str
    temporal_url: str


@dataclass(frozen=True, slots=True)
class StepWalked:
    """One visit of one step: when, and why it was left. `gates` are those of a message, with what they read."""

    step: str
    visit: int
    arrived_at: datetime
    left_at: datetime | None
    why: str | None
    text: str
    gates: list[dict[str, Any]]
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class RunDetail:
    """All of a run."""

    run: RunSummary
    answer: str
    entry: dict[str, Any]
    context: dict[str, Any]
    workflow_id: str
    steps: list[StepWalked]
    messages: list[Message]
    conversions: list[Reached]


class Runs:
    """Reads runs."""

    def __init__(self, database: Database, clock: Clock, shelf: Shelf, settings: Settings) -> None:
        self.database = database
        self.clock = clock
        self.shelf = shelf
        self.settings = settings

    async def of_journey(self, journey: str, filters: Filters, cursor: str | None, limit: int) -> Page[RunSummary]:
        """The runs of a journey, the newest first. Raises `NotFoundError`."""
        async with self.database.reading() as connection:
            if await documents.journey(connection, journey) is None:
                raise NotFoundError(f"there is no journey `{journey}`")
            customer = await must_know(connection, filters.customer) if filters.customer else None
            wanted = Filters(journey, customer, filters.state, filters.step)
            return await self._page(connection, wanted, cursor, limit)

    async def of_customer(self, customer: str, filters: Filters, cursor: str | None, limit: int) -> Page[RunSummary]:
        """The runs of a customer, the newest first. Raises `NotFoundError`."""
        async with self.database.reading() as connection:
            customer_id = await must_know(connection, customer)
            wanted = Filters(filters.journey, customer_id, filters.state, filters.step)
            return await self._page(connection, wanted, cursor, limit)

    async def _page(
        self, connection: AsyncConnection, filters: Filters, cursor: str | None, limit: int
    ) -> Page[RunSummary]:
        after: Any = read_cursor(cursor, datetime, str)
        found = await repository.runs(connection, filters, after, limit + 1)
        page = page_of(found, limit, lambda run: (run.entered_at, run.id))
        return Page(await self.summaries(connection, page.items), page.next)

    async def summaries(self, connection: AsyncConnection, runs: Sequence[Run]) -> list[RunSummary]:
        definitions = await self.shelf.definitions(connection, {run.definition_hash for run in runs})
        return [self._summary(run, definitions[run.definition_hash]) for run in runs]

    def _summary(self, run: Run, definition: Definition) -> RunSummary:
        position = position_of(run, definition)
        return RunSummary(
            id=run.id,
            journey=run.journey_key,
            version=run.version,
            customer=run.customer_id,
            correlation=run.correlation,
            state=run.state,
            outcome=run.outcome,
            entered_at=run.entered_at,
            ended_at=run.ended_at,
            step=run.step,
            waits_until=position.until,
            waits_for=position.waits_for,
            temporal_url=self.temporal_url(run),
        )

    def temporal_url(self, run: Run) -> str:
        """Where the Temporal UI shows the run's workflow."""
        address = self.settings.temporal_ui_url.rstrip("/")
        namespace = quote(self.settings.temporal_namespace, safe="")
        return f"{address}/namespaces/{namespace}/workflows/{quote(run.workflow_id, safe='')}"

    async def detail(self, run_id: str) -> RunDetail:
        """All of a run. Raises `NotFoundError`."""
        async with self.database.reading() as connection:
            run = await repository.run(connection, run_id)
            if run is None:
                raise NotFoundError(f"there is no run `{run_id}`")
            definition = await self.shelf.definition(connection, run.definition_hash)
            reader = await self.reader(connection, run.customer_id, {(run.journey_key, run.version)})
            lines = await repository.journal_of_run(connection, run_id)
            return RunDetail(
                run=self._summary(run, definition),
                answer=stands(run, position_of(run, definition), reader),
                entry=run.entry,
                context=run.context,
                workflow_id=run.workflow_id,
                steps=walked(run, lines, reader),
                messages=await ledger.of_run(connection, run_id),
                conversions=await repository.conversions(connection, run_id),
            )

    async def reader(self, connection: AsyncConnection, customer_id: str, versions: Collection[Version]) -> Reader:
        """Who reads about a customer in these journeys."""
        profile = await repository.profile(connection, customer_id)
        place = place_of(profile.attributes, None, self.settings.time_zone)
        return Reader(await definitions_of(connection, self.shelf, versions), place.zone, self.clock.now())


def walked(run: Run, lines: Sequence[JournalSeen], reader: Reader) -> list[StepWalked]:
    """The visits that the journal tells of, and the one at which the run stands without a line so far."""
    visits: dict[int, list[JournalSeen]] = {}
    for line in lines:
        if line.visit and line.step and line.kind != "converted":
            visits.setdefault(line.visit, []).append(line)
    found = [_visit(of_visit, reader) for _, of_visit in sorted(visits.items())]
    if run.is_live and run.step is not None and run.visit not in visits:
        at = f"Is at {reader.step(run.journey_key, run.version, run.step)}"
        found.append(StepWalked(run.step, run.visit, run.arrived_at, None, None, at, [], {}))
    return found


def _visit(lines: list[JournalSeen], reader: Reader) -> StepWalked:
    leaving = [line for line in lines if line.kind in LEAVING]
    last = leaving[-1] if leaving else lines[-1]
    judged = (line for line in reversed(lines) if line.kind in {"message", "held"})
    gates: list[dict[str, Any]] = next((line.data["gates"] for line in judged), [])
    return StepWalked(
        step=lines[0].step or "",
        visit=lines[0].visit or 0,
        arrived_at=lines[0].at,
        left_at=last.at if leaving else None,
        why=(last.code or last.kind) if leaving else None,
        text="; ".join(sentences.of_journal(line, reader) for line in lines),
        gates=gates,
        data={key: value for line in lines for key, value in line.data.items() if key != "gates"},
    )


def stands(run: Run, position: Position, reader: Reader) -> str:
    """Where a run stands, in words."""
    journey = reader.journey(run.journey_key, run.version)
    if position.outcome is not None:
        return f"The customer was in {journey}, which ended on {reader.instant(run.ended_at)}: {position.outcome}"
    step = reader.step(run.journey_key, run.version, run.step)
    if position.until is None:
        return f"The customer is in {journey}, at {step}"
    what = f" for {position.waits_for}" if position.waits_for else ""
    return f"The customer is in {journey} and waits at {step}{what} until {reader.instant(position.until)}"
