"""From accepted to decided: one transaction takes a batch out of the inbox and writes all that follows from it.

The events, the profiles, the runs and their journal, and the outbox that tells the engine are committed together
or not at all; nothing is told to anybody before that.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError, InterfaceError, InternalError, OperationalError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.catalog.interests import repository as interests
from journeyman.catalog.interests.interests import Interest, interests_of
from journeyman.channels.ledger import repository as ledger
from journeyman.customers import repository as customers
from journeyman.customers.erasure.erased import ErasedNames
from journeyman.customers.identities import repository as identities
from journeyman.customers.identity import Identifier, People, Rules
from journeyman.customers.inbox.events import SLOTS
from journeyman.customers.inbox.repository import append_in
from journeyman.customers.profile.schema import Observer
from journeyman.customers.repository import Waiting
from journeyman.customers.scoring.shelf import ScoreShelf
from journeyman.customers.scoring.standing import Yardsticks
from journeyman.customers.scoring.tally import Tally
from journeyman.customers.segments import repository as segments_repository
from journeyman.journeys import facts, repository
from journeyman.journeys.announcing import moves
from journeyman.journeys.campaigns import repository as campaigns
from journeyman.journeys.contact.policies import policy
from journeyman.journeys.intake import beside, scores
from journeyman.journeys.intake.batch import Batch, Decided
from journeyman.journeys.intake.circles import segment_needs
from journeyman.journeys.intake.erased import without_erased
from journeyman.journeys.intake.incoming import Incoming, changeable_by, read
from journeyman.journeys.intake.memory import Memory, Recall
from journeyman.journeys.intake.openings import lag
from journeyman.journeys.published import Published, Shelf, Starters
from journeyman.journeys.reach import repository as reach
from journeyman.journeys.reach.addresses import spots_in
from journeyman.journeys.reach.keeping import suppressed_among
from journeyman.journeys.records.loading import shelves_of
from journeyman.journeys.runs import Run
from journeyman.journeys.segmentation.shelf import SegmentShelf
from journeyman.journeys.segmentation.telling import tell
from journeyman.journeys.segmentation.writing import catch_up, untallied
from journeyman.kit.bulk import Row
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.language.channels import ADDRESSES
from journeyman.language.definition import Definition
from journeyman.language.needs import Needs
from journeyman.language.references import reaction_needs
from journeyman.language.starters.date import DateEntry

log = logging.getLogger(__name__)


class FencedError(Exception):
    """Another owner has taken the partition; this one must stop."""


NOT_THE_EVENTS_FAULT = (FencedError, OperationalError, InterfaceError, InternalError, ProgrammingError)
"""The partition is another's, or the database is gone, locked or not what it should be: events stay in the inbox."""


@dataclass(frozen=True, slots=True)
class Ownership:
    """A partition of so many, and the epoch in which it was claimed."""

    partition: int
    partitions: int
    epoch: int

    @property
    def slots(self) -> tuple[int, ...] | None:
        """The slots of the partition; None is all of them."""
        return None if self.partitions == 1 else tuple(range(self.partition, SLOTS, self.partitions))


class Intake:
    """Works the inbox of one partition at a time."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        workspace_zone: str,
        rules: Rules | None = None,
        digest_key: bytes = b"",
    ) -> None:
        self.rules = rules or Rules()
        self.database = database
        self.clock = clock
        self.workspace_zone = workspace_zone
        self.digest_key = digest_key
        self.erased = ErasedNames(digest_key)
        self.shelf = Shelf()
        self.segments = SegmentShelf()
        self.scores = ScoreShelf()
        self.attributes = Observer()
        self.memory = Memory()

    async def claim(self, partition: int, partitions: int, owner: str) -> Ownership:
        """Become the owner of a partition."""
        async with self.database.transaction() as connection:
            epoch = await repository.claim_partition(connection, partition, owner, self.clock.now())
        return Ownership(partition, partitions, epoch)

    async def take(self, ownership: Ownership, limit: int) -> int:
        """Decide the oldest accepted events, `limit` at most; returns how many were taken out of the inbox.

        Raises `FencedError` where another owner has taken over. An event that cannot be worked is put into
        quarantine, alone: it holds up nobody else's.
        """
        try:
            return await self._take(ownership, limit)
        except NOT_THE_EVENTS_FAULT:
            raise
        except IntegrityError:
            # Another partition named the same person for the first time; what it wrote is read now.
            log.info("a batch clashed with another partition's and is decided again")
        except Exception:
            log.exception("a batch could not be decided; its events are taken one by one")
        return await self._take_one_by_one(ownership, limit)

    async def _take_one_by_one(self, ownership: Ownership, limit: int) -> int:
        taken = 0
        for _ in range(limit):
            one = await self._take_or_quarantine(ownership)
            if not one:
                break
            taken += one
        return taken

    async def _take_or_quarantine(self, ownership: Ownership) -> int:
        for attempt in (1, 2, 3):
            try:
                return await self._take(ownership, 1)
            except NOT_THE_EVENTS_FAULT:
                raise
            except Exception as error:  # noqa: BLE001 - whatever is wrong with the event, the others go on
                if attempt == 3 or not isinstance(error, IntegrityError):  # noqa: PLR2004 - the last attempt
                    return await self._quarantine(ownership, f"{type(error).__name__}: {error}")
        raise AssertionError("the last attempt returns or raises")

    async def _quarantine(self, ownership: Ownership, reason: str) -> int:
        async with self.database.transaction() as connection:
            await self._hold(connection, ownership)
            rows = await customers.take_inbox(connection, ownership.slots, 1)
            for row in rows:
                log.error("event %s went to quarantine: %s", row.message_id, reason)
                await customers.quarantine(connection, row, reason[:2000], self.clock.now())
            await customers.drop_inbox(connection, [row.seq for row in rows])
        return len(rows)

    async def _hold(self, connection: AsyncConnection, ownership: Ownership) -> None:
        if not await repository.hold_partition(connection, ownership.partition, ownership.epoch, self.clock.now()):
            raise FencedError(f"partition {ownership.partition} has a newer owner than epoch {ownership.epoch}")

    async def _take(self, ownership: Ownership, limit: int) -> int:
        async with self.database.transaction() as connection:
            await self._hold(connection, ownership)
            rows = await customers.take_inbox(connection, ownership.slots, limit)
            recall, batch = await self._decide(connection, rows, self.clock.now()) if rows else (None, None)
        if recall is not None and batch is not None:
            recall.keep(batch.known)
        return len(rows)

    async def _decide(
        self, connection: AsyncConnection, rows: Sequence[Waiting], now: datetime
    ) -> tuple[Recall, Batch]:
        known = await customers.known_messages(connection, [row.message_id for row in rows])
        events = [read(row) for row in rows if row.message_id not in known]
        events.sort(key=lambda event: (event.at, event.seq))
        people = await self._people(connection, events)
        # Asked once the profiles are locked, so that an erasure that came first is seen (L3).
        allowed = await without_erased(connection, self.erased, events, now)
        recall = self.memory.open(people.all())
        batch = await self._gather(connection, allowed, people, now, recall)
        for event in allowed:
            batch.take(event)
        decided = batch.finish()
        await _write(connection, batch, decided, now)
        await reach.keep(connection, _reaching(batch, decided), self.digest_key)
        await customers.drop_inbox(connection, [row.seq for row in rows])
        seen = [(change.attribute, change.new) for _, change, _ in batch.decided.changes]
        await self.attributes.observe(connection, seen, now)
        return recall, batch

    async def _people(self, connection: AsyncConnection, events: Sequence[Incoming]) -> People:
        """Everybody whom these events may be about, locked."""
        identifiers: set[Identifier] = {name for event in events for name in event.names.identifiers()}
        ids = {one for event in events for one in event.names.customer_ids()}
        return People(*await identities.people(connection, identifiers, ids), self.rules)

    async def _gather(
        self, connection: AsyncConnection, events: Sequence[Incoming], people: People, now: datetime, recall: Recall
    ) -> Batch:
        """Read everything that deciding these events may ask for."""
        starters = await self.shelf.starters(connection)
        segments = await self.segments.live(connection)
        kept = await self.scores.kept(connection)
        persons = people.all()
        customer_ids = [person.id for person in persons]
        await catch_up(connection, persons)
        earliest = min((event.at for event in events), default=now)
        runs = await repository.runs_of(connection, customer_ids, earliest, _remembering(starters, events))
        definitions = await self.shelf.definitions(connection, {run.definition_hash for run in runs})
        tally = Tally(kept, {person.id: person.scores for person in persons if person.scores}, now)
        wanted = _needs(events, starters, runs, definitions, now) | tally.needs
        measured = wanted.rfm or segments.needs.rfm
        groups = [(ids, (wanted | needs).unmeasured) for ids, needs in segment_needs(people, events, segments)]
        batch = Batch(
            people=people,
            runs=runs,
            known=await facts.load_each(connection, groups, now, untallied(persons), recall),
            definitions=definitions,
            starters=starters,
            segments=segments,
            tally=tally,
            yardsticks=Yardsticks(tally.by_key, await facts.cut_points(connection) if measured else None),
            reached=await repository.reached_goals(connection, [run.id for run in runs]) if runs else {},
            now=now,
            workspace_zone=self.workspace_zone,
        )
        if _startable(starters, events):
            batch.contact = await policy(connection)
        wares = wanted.interests | segments.needs.interests
        batch.shelves = await shelves_of(connection, wares, _products(events)) if wares else {}
        if wanted.channels or segments.needs.channels:
            spots = spots_in(event.traits for event in events if event.traits)
            batch.suppressed = await suppressed_among(connection, spots, self.digest_key)
        return batch


def _reaching(batch: Batch, decided: Decided) -> dict[str, Mapping[str, Any]]:
    """The attributes of those whose addresses may be others now; none of who was merged into somebody."""
    changed = {person.id for person, change, _ in decided.changes if change.attribute in ADDRESSES}
    changed.update(one for merge in decided.merges for one in merge)
    people = (person for person in batch.people.all() if person.id in changed) if changed else ()
    return {person.id: {} if person.merged_into else person.attributes for person in people}


def _products(events: Sequence[Incoming]) -> set[str]:
    """The products of which events speak."""
    return {one.product_id for event in events for one in interests_of(event.name, event.at, event.properties)}


def _remembering(starters: Starters, events: Sequence[Incoming]) -> set[str]:
    """The journeys that these events may start and whose re-entry rule asks for the past."""
    return {one.key for one in _startable(starters, events) if _asks(one.definition)}


def _startable(starters: Starters, events: Sequence[Incoming]) -> list[Published]:
    """The journeys that these events may start, as far as can be told before they are decided, each once."""
    found = [one for name in {event.name for event in events} for one in starters.on_event(name)]
    if starters.has_changes:
        found += starters.on_changes({name for event in events for name in changeable_by(event)}, starters.figures)
    called = (starters.on_call(event.journey) for event in events if event.journey)
    return list({one.key: one for one in (*found, *called) if one is not None}.values())


def _asks(definition: Definition) -> bool:
    entry = definition.entry
    return entry.reentry != "always" or (isinstance(entry, DateEntry) and entry.repeat == "yearly")


def _needs(
    events: Sequence[Incoming],
    starters: Starters,
    runs: Sequence[Run],
    definitions: dict[str, Definition],
    now: datetime,
) -> Needs:
    """The facts that any condition of these entries and runs may read."""
    found = Needs()
    behind = now - min((event.at for event in events), default=now)
    for one in _startable(starters, events):
        found |= one.entry_needs | Needs(windows=lag(one.definition, behind))
    for key in {(run.definition_hash, run.step if run.is_live else None) for run in runs}:
        definition = definitions[key[0]]
        found |= reaction_needs(definition, definition.step(key[1]) if key[1] else None)
    return found


async def _write(connection: AsyncConnection, batch: Batch, decided: Decided, now: datetime) -> None:
    await identities.follow_merges(connection, batch.people.merges)
    await segments_repository.follow_merges(connection, decided.merges)
    for loser, survivor in decided.merges:
        await ledger.follow_merge(connection, loser, survivor)
        await interests.follow_merge(connection, loser, survivor)
        await beside.follow_merge(connection, loser, survivor)
    persons = batch.people.all()
    crossed = scores.count(batch, now)
    await customers.save_people(connection, persons, now)
    await identities.save(connection, batch.people, now)
    await customers.save_events(connection, decided.events)
    await interests.add_interests(connection, _interests(decided.events))
    changes = [(person.survivor.id, change, source) for person, change, source in decided.changes]
    await customers.save_changes(connection, changes)
    runs = [run for runs in batch.runs.values() for run in runs]
    await append_in(connection, moves(runs, batch.starters.followed), now)
    await repository.save_runs(connection, runs)
    for loser, survivor in decided.merges:
        await repository.follow_merge(connection, loser, survivor)
    await repository.save_refusals(connection, decided.refusals)
    await repository.save_conversions(connection, decided.conversions)
    for message_id, moment, at in decided.receipts:
        await ledger.mark(connection, message_id, moment, at)
    await segments_repository.save_moves(connection, [move.on_record for move in decided.moves])
    await tell(connection, decided.told, now)
    await scores.save(connection, batch, crossed, now)
    await decided.beside.save(connection, now)
    await campaigns.count(connection, decided.campaigns)
    await batch.moved.save(connection, persons, decided.merges, now)
    await repository.tell(connection, decided.commands, now)


def _interests(events: Sequence[Row]) -> list[tuple[str, Interest]]:
    """What the events say of customers' interest in products."""
    return [
        (event["customer_id"], one)
        for event in events
        for one in interests_of(event["name"], event["event_time"], event["properties"], event["seq"])
    ]
