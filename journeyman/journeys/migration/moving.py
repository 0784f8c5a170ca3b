"""Going through the live runs of a journey, page by page: each page one transaction, under the locks of all others.

A page locks customers, then runs, as whatever moves a run does. What it has come to stands in the migration's row, so
that whoever goes on after a crash goes on there; a run that was taken already is not taken again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels.ledger import repository as ledger
from journeyman.customers import repository as customers
from journeyman.customers.identity import Person
from journeyman.customers.inbox.repository import append_in
from journeyman.journeys import facts
from journeyman.journeys import repository as runs
from journeyman.journeys.announcing import moves
from journeyman.journeys.migration import repository
from journeyman.journeys.migration.changes import CHANGES, Case
from journeyman.journeys.migration.repository import Former, Migration
from journeyman.journeys.migration.telling import telling
from journeyman.journeys.migration.transfer import Target
from journeyman.journeys.published import Shelf, is_in_share
from journeyman.journeys.runs import Run, Scene
from journeyman.journeys.segmentation.runs import note_runs
from journeyman.journeys.segmentation.shelf import SegmentShelf
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.language.definition import Definition
from journeyman.language.needs import Needs
from journeyman.language.references import burst_needs, reaction_needs
from journeyman.language.steps.send import SendStep

PAGE = 200
"""Runs that are taken in one transaction: their customers wait for one another's for a good second at most."""


@dataclass(slots=True)
class Page:
    """Runs under their locks, with all that is known of their customers."""

    connection: AsyncConnection
    migration: Migration
    target: Target
    runs: list[Run]
    definitions: dict[str, Definition]
    people: dict[str, Person]
    known: dict[str, facts.Known] = field(default_factory=dict)
    sent: dict[str, set[str]] = field(default_factory=dict)
    formers: dict[str, Former] = field(default_factory=dict)


class Moving:
    """Takes migrations further."""

    def __init__(self, database: Database, clock: Clock, workspace_zone: str, size: int = PAGE) -> None:
        self.database = database
        self.clock = clock
        self.workspace_zone = workspace_zone
        self.size = size
        self.shelf = Shelf()
        self.segments = SegmentShelf()

    async def page(self, migration_id: str) -> Migration:
        """Take the next runs; the migration as it stands afterwards. Raises `LookupError` for one that is not there."""
        await self._until_published(migration_id)
        async with self.database.transaction() as connection:
            migration = await repository.find(connection, migration_id, lock=True)
            if migration is None:
                raise LookupError(f"there is no migration {migration_id}")
            if migration.state == "under_way":
                await self._take(connection, migration)
                await repository.save(connection, migration)
        return migration

    async def cancel(self, migration_id: str) -> None:
        """Take nobody else."""
        async with self.database.transaction() as connection:
            migration = await repository.find(connection, migration_id, lock=True)
            if migration is not None and migration.state == "under_way":
                migration.state, migration.ended_at = "cancelled", self.clock.now()
                await repository.save(connection, migration)

    async def _until_published(self, migration_id: str) -> None:
        """Before the first page: whoever entered by the version before has entered, and will be found."""
        async with self.database.transaction() as connection:
            migration = await repository.find(connection, migration_id)
            if migration is not None and migration.after is None:
                await runs.lock_partitions(connection)

    async def _take(self, connection: AsyncConnection, migration: Migration) -> None:
        found, after = await self._next(connection, migration)
        if after is None:
            _end_round(migration, self.clock.now())
            return
        migration.after = after
        if found:
            page = await self._open(connection, migration, found)
            await self._change(page)

    async def _next(
        self, connection: AsyncConnection, migration: Migration
    ) -> tuple[list[tuple[str, str]], list[str] | None]:
        """The next runs, as (customer, id), and the place behind them; None where nobody is left in this round."""
        if migration.inside == "back":
            after = (migration.after or [""])[0]
            rows = await repository.moved_page(connection, migration.of or "", after, self.size)
            return rows, [rows[-1][1]] if rows else None
        place = (migration.after[0], migration.after[1]) if migration.after else None
        live = await repository.live_page(connection, migration.journey_key, place, self.size)
        meant = (row for row in live if _is_meant(migration, row[0], row[3]))
        wanted = [(customer, run_id) for customer, _, run_id, _, _ in meant]
        return wanted, [live[-1][0], live[-1][1]] if live else None

    async def _open(self, connection: AsyncConnection, migration: Migration, found: Sequence[tuple[str, str]]) -> Page:
        people = await customers.lock_profiles(connection, {customer for customer, _ in found})
        locked = await runs.lock_runs(connection, [run_id for _, run_id in found])
        done = await repository.formers(connection, migration.id, [run.id for run in locked])
        there = [run for run in locked if run.is_live and run.step is not None and run.id not in done]
        formers = await repository.formers(connection, migration.of or "", [run.id for run in there])
        hashes = {migration.hash, *(run.definition_hash for run in there), *(one.hash for one in formers.values())}
        definitions = await self.shelf.definitions(connection, hashes)
        target = Target(migration.version, migration.hash, definitions[migration.hash])
        survivors = {one.id: one.survivor for one in people}
        page = Page(connection, migration, target, there, definitions, survivors, formers=formers)
        await self._look(page)
        return page

    async def _look(self, page: Page) -> None:
        """Bring what any of these runs may need to go on, in a handful of statements."""
        wanted, connection, ways = Needs(), page.connection, page.migration.map
        stood = {run.step or "" for run in page.runs} | {former.step for former in page.formers.values()}
        starts = stood | {one for way in ways.items() if stood.intersection(way) for one in way}
        for definition in page.definitions.values():
            wanted |= burst_needs(definition, starts) | reaction_needs(definition, None)
        page.known = await facts.load(connection, {run.customer_id for run in page.runs}, wanted, self.clock.now())
        page.sent = await ledger.sent_steps(connection, [run.id for run in page.runs])

    async def _change(self, page: Page) -> None:
        now, migration = self.clock.now(), page.migration
        stood = {run.id: (run.look_at or run.until, run.visit) for run in page.runs}
        cases = [self._case(page, run, now) for run in page.runs]
        made: dict[str, Former] = {}
        for case in cases:
            run = case.run
            former = Former("stayed", run.version, run.definition_hash, run.step or "", run.visit, run.arrived_at)
            outcome = CHANGES[migration.inside](case)
            made[run.id] = replace(former, outcome=outcome)
            migration.counts[outcome] = migration.counts.get(outcome, 0) + 1
        migration.has_moved = migration.has_moved or bool(cases)
        await self._save(page, made, [case.run for case in cases if case.run.is_changed], now)
        commands = [one for case in cases for one in telling(case, made[case.run.id].outcome, *stood[case.run.id])]
        await runs.tell(page.connection, commands, now)

    def _case(self, page: Page, run: Run, now: datetime) -> Case:
        person = page.people[run.customer_id]
        seen = page.known[run.customer_id].facts(
            person.attributes, now, computed=person.computed, segments=person.segments
        )
        before = Scene(page.definitions[run.definition_hash], seen, now, self.workspace_zone)
        after = Scene(page.target.definition, seen, now, self.workspace_zone)
        sent = page.sent.get(run.id, set())
        return Case(run, page.migration, page.target, before, after, sent, page.formers.get(run.id), page.definitions)

    async def _save(self, page: Page, made: dict[str, Former], changed: list[Run], now: datetime) -> None:
        connection = page.connection
        starters = await self.shelf.lately(connection, now)
        await append_in(connection, moves(changed, starters.followed), now)
        await note_runs(connection, self.segments, changed, now)
        for run in changed:
            stood = page.definitions[made[run.id].hash].step(made[run.id].step)
            if isinstance(stood, SendStep) and (not run.is_live or run.visit != made[run.id].visit):
                await ledger.abandon(connection, run.id)
        await runs.save_runs(connection, changed)
        await repository.note_all(connection, page.migration.id, made)


def _is_meant(migration: Migration, customer: str, version: int) -> bool:
    """Whether the migration is about a run of this customer on this version."""
    if migration.kind in {"resume", "stop"}:
        return True
    return version != migration.version and is_in_share(
        migration.journey_key, migration.version, migration.share, customer
    )


def _end_round(migration: Migration, now: datetime) -> None:
    """A round that took somebody is followed by another: profiles may have merged past the place where it was."""
    if migration.has_moved and migration.inside != "back":
        migration.after, migration.has_moved = None, False
        return
    migration.state, migration.ended_at = "done", now
