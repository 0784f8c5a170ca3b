"""Every query of journeys, versions, runs, journal and outbox."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, delete, false, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.engine import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from journeyman.customers.inbox.events import slot_of
from journeyman.journeys.awaiting import Waiter, waiters_of_ended, waiters_of_refused
from journeyman.journeys.ports import EngineCommand
from journeyman.journeys.reactions import Converted
from journeyman.journeys.runs import Run
from journeyman.journeys.tables import (
    Conversion,
    Definition,
    JournalEntry,
    Journey,
    JourneyVersion,
    OutboxCommand,
    Partition,
)
from journeyman.journeys.tables import Run as RunRow
from journeyman.journeys.throttling import repository as throttling
from journeyman.kit.bulk import Row, insert_many, update_many
from journeyman.kit.lists import is_among

PASSING = frozenset({"journal", "trail", "ended_now", "is_paused", "bound", "is_new", "is_changed"})
"""What a run carries while it is worked on, and no row holds."""
RUN_COLUMNS = tuple(field.name for field in fields(Run) if field.name not in PASSING)
MOVING_COLUMNS = (
    *("customer_id", "state", "outcome", "ended_at", "context"),
    *("step", "visit", "arrived_at", "until", "released", "goal_until", "look_at", "kept"),
    *("version", "definition_hash"),
)
RUN = RunRow.__table__
THROTTLE = "throttle"
"""Under this a run remembers its place in a throttle."""
OTHER_OVER = "Journey Ended"
"""What the workflow of a run is told that waited for another."""


# Made once: making a statement costs as much as running it.
_ONE = RUN.c.id == bindparam("run_id")
_CUSTOMER = select(RUN.c.customer_id).where(_ONE)
_LOCKED = select(*(RUN.c[name] for name in RUN_COLUMNS)).with_for_update()
_IS_PAUSED = select(Journey.state == "paused").where(Journey.key == RUN.c.journey_key).scalar_subquery()
_HELD = _LOCKED.add_columns(func.coalesce(_IS_PAUSED, false()).label("is_paused"))
_RUN = _HELD.where(_ONE)
_NOT_PAUSED = func.coalesce(_IS_PAUSED, false()).is_(False)
_THESE = _HELD.where(is_among(RUN.c.id, "run_ids")).order_by(RUN.c.id)
_INSIDE = select(RUN.c.definition_hash).where(RUN.c.customer_id == bindparam("customer_id"), RUN.c.state == "live")
_CONCERNED = or_(
    RUN.c.state == "live",
    RUN.c.goal_until >= bindparam("goals_since"),
    is_among(RUN.c.journey_key, "with_past_of"),
)
_RUNS_OF = _LOCKED.where(is_among(RUN.c.customer_id, "customer_ids"), _CONCERNED).order_by(RUN.c.id)
_REACHED = select(Conversion.run_id, Conversion.goal).where(is_among(Conversion.run_id, "run_ids"))
_FORGET = delete(OutboxCommand).where(is_among(OutboxCommand.seq, "seqs"))


@dataclass(frozen=True, slots=True)
class Live:
    """A journey that customers may enter now, or could if it were not paused; and what a share of them tries."""

    key: str
    version: int
    hash: str
    is_paused: bool = False
    trial_version: int | None = None
    trial_share: int | None = None
    trial_hash: str | None = None

    @property
    def hashes(self) -> tuple[str, ...]:
        """What newcomers may take."""
        return (self.hash,) if self.trial_hash is None else (self.hash, self.trial_hash)


_TRIAL = aliased(JourneyVersion)
_LIVE = (
    select(
        *(Journey.key, JourneyVersion.version, JourneyVersion.hash, Journey.state == "paused"),
        *(Journey.trial_version, Journey.trial_share, _TRIAL.hash),
    )
    .join(JourneyVersion, and_(JourneyVersion.journey_key == Journey.key, JourneyVersion.version == Journey.version))
    .outerjoin(_TRIAL, and_(_TRIAL.journey_key == Journey.key, _TRIAL.version == Journey.trial_version))
    .where(Journey.state.in_(("live", "paused")))
)


async def live_journeys(connection: AsyncConnection) -> list[Live]:
    """The journeys that are live, the paused among them."""
    return [Live(*row) for row in (await connection.execute(_LIVE))]


async def definitions(connection: AsyncConnection, hashes: Collection[str]) -> dict[str, dict[str, Any]]:
    query = select(Definition.hash, Definition.body).where(Definition.hash.in_(hashes))
    return dict((await connection.execute(query)).all())


async def claim_partition(connection: AsyncConnection, partition: int, owner: str, at: datetime) -> int:
    """Become the owner of a partition; whoever was it can commit no more. Returns the new epoch."""
    insert = insert_sqlite if connection.dialect.name == "sqlite" else insert_postgresql
    statement = insert(Partition).values(id=partition, epoch=1, owner=owner, seen_at=at)
    changed = {"epoch": Partition.epoch + 1, "owner": owner, "seen_at": at}
    returning = statement.on_conflict_do_update(index_elements=["id"], set_=changed).returning(Partition.epoch)
    return (await connection.execute(returning)).scalar_one()


async def lock_partitions(connection: AsyncConnection) -> None:
    """Wait until every transaction of intake that is under way has ended."""
    await connection.execute(select(Partition.id).order_by(Partition.id).with_for_update())


async def hold_partition(connection: AsyncConnection, partition: int, epoch: int, at: datetime) -> bool:
    """Lock the partition for this transaction; whether `epoch` still owns it."""
    mine = and_(Partition.id == partition, Partition.epoch == epoch)
    return (await connection.execute(update(Partition).where(mine).values(seen_at=at))).rowcount == 1


async def partitions(connection: AsyncConnection) -> list[tuple[int, str, datetime]]:
    rows = await connection.execute(select(Partition.id, Partition.owner, Partition.seen_at).order_by(Partition.id))
    return list(rows.all())


async def live_among(connection: AsyncConnection, run_ids: Collection[str]) -> set[str]:
    """Those of these runs that are live."""
    query = select(RUN.c.id).where(is_among(RUN.c.id, "run_ids"), RUN.c.state == "live")
    return {run_id for (run_id,) in await connection.execute(query, {"run_ids": run_ids})}


def _run(row: RowMapping) -> Run:
    return Run(**row)


async def runs_of(
    connection: AsyncConnection,
    customer_ids: Collection[str],
    goals_since: datetime,
    with_past_of: Collection[str],
) -> list[Run]:
    """The runs of some customers that an event may concern, locked in the order of their ids.

    Those that are live, those whose goals may still be reached by an event after `goals_since`, and all of the
    journeys in `with_past_of`, whose re-entry rules need to know the past.
    """
    given = {"customer_ids": customer_ids, "goals_since": goals_since, "with_past_of": with_past_of}
    return [_run(row) for row in (await connection.execute(_RUNS_OF, given)).mappings()]


async def definitions_inside(connection: AsyncConnection, customer_id: str) -> set[str]:
    """The hashes of the definitions in which a customer is."""
    return set((await connection.execute(_INSIDE, {"customer_id": customer_id})).scalars())


async def hashes_inside(connection: AsyncConnection) -> set[str]:
    """The hashes of the definitions in which somebody is."""
    query = select(RUN.c.definition_hash).where(RUN.c.state == "live").distinct()
    return set((await connection.execute(query)).scalars())


async def customer_of_run(connection: AsyncConnection, run_id: str) -> str | None:
    return (await connection.execute(_CUSTOMER, {"run_id": run_id})).scalar_one_or_none()


async def lock_runs(connection: AsyncConnection, run_ids: Collection[str]) -> list[Run]:
    """These runs, locked in the order of their ids; their customers are locked before them."""
    rows = (await connection.execute(_THESE, {"run_ids": run_ids})).mappings()
    return [Run(**{**row, "is_paused": bool(row["is_paused"])}) for row in rows]


async def lock_run(connection: AsyncConnection, run_id: str) -> Run | None:
    row = (await connection.execute(_RUN, {"run_id": run_id})).mappings().one_or_none()
    return _run(row) if row is not None else None


async def save_runs(connection: AsyncConnection, runs: Iterable[Run]) -> None:
    """Write new and changed runs and the journal that they carry."""
    runs = list(runs)
    changed = [run for run in runs if run.is_changed and not run.is_new]
    # Ended runs first: a run that takes the place of another needs it to be free (E1).
    for is_live in (False, True):
        await update_many(connection, RunRow, "id", [_moving(run) for run in changed if run.is_live is is_live])
    await insert_many(connection, RunRow, [_row(run) for run in runs if run.is_new])
    await save_journal(connection, runs)
    await _let_go(connection, [run for run in runs if run.kept and run.ended_at is not None])
    for run in runs:
        run.is_new = run.is_changed = run.ended_now = False
        run.journal.clear()
        run.trail.clear()


async def _let_go(connection: AsyncConnection, ended: Sequence[Run]) -> None:
    """What runs that are over still held: a place in a throttle, and the wait of the run that had asked for them."""
    for run in ended:
        if THROTTLE in (run.kept or {}) and run.ended_at is not None:
            await throttling.give_back(connection, [run.id], int(run.ended_at.timestamp()))
    for waiter, at in waiters_of_ended(ended):
        await _release(connection, waiter, at)


async def _release(connection: AsyncConnection, waiter: Waiter, at: datetime) -> None:
    """Take a run out of its wait for another, where it still waits for that."""
    waits = (RunRow.id == waiter.run_id, RunRow.visit == waiter.visit, RunRow.state == "live")
    still = (RunRow.until.is_not(None), RunRow.released.is_(None))
    told = update(RunRow).where(*waits, *still).values(released=waiter.told).returning(RunRow.workflow_id)
    workflow_id = (await connection.execute(told)).scalar_one_or_none()
    if workflow_id is not None:
        about = {"run_id": waiter.run_id, "visit": waiter.visit, "event": OTHER_OVER, "at": at.isoformat()}
        await tell(connection, [EngineCommand("signal", waiter.run_id, workflow_id, {**about, "outcome": None})], at)


def _row(run: Run) -> Row:
    return {name: getattr(run, name) for name in RUN_COLUMNS}


def _moving(run: Run) -> Row:
    """What may change once a run has begun, by its id."""
    return {name: getattr(run, name) for name in ("id", *MOVING_COLUMNS)}


async def save_journal(connection: AsyncConnection, runs: Iterable[Run]) -> None:
    rows = [
        {
            "at": entry.at,
            "journey_key": run.journey_key,
            "version": run.version,
            "run_id": run.id,
            "customer_id": run.customer_id,
            "kind": entry.kind,
            "step": entry.step,
            "visit": entry.visit,
            "code": entry.code,
            "data": entry.data,
        }
        for run in runs
        for entry in run.journal
    ]
    await insert_many(connection, JournalEntry, rows)


async def save_refusals(connection: AsyncConnection, rows: Sequence[Row]) -> None:
    """Write journal rows of entries that were refused and so have no run (E8)."""
    await insert_many(connection, JournalEntry, rows)
    for waiter, at in waiters_of_refused(rows):
        await _release(connection, waiter, at)


async def reached_goals(connection: AsyncConnection, run_ids: Collection[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for run_id, goal in await connection.execute(_REACHED, {"run_ids": run_ids}):
        found.setdefault(run_id, set()).add(goal)
    return found


async def save_conversions(connection: AsyncConnection, found: Sequence[Converted]) -> None:
    rows = [
        {
            "run_id": one.run.id,
            "goal": one.goal,
            "journey_key": one.run.journey_key,
            "version": one.run.version,
            "customer_id": one.run.customer_id,
            "message_id": one.message_id,
            "at": one.at,
            "value": one.value,
            "credited": one.credited,
        }
        for one in found
    ]
    await insert_many(connection, Conversion, rows, ignore_conflicts=True)


async def follow_merge(connection: AsyncConnection, loser: str, survivor: str) -> None:
    """Runs, journal and conversions of one customer become another's. Live runs must not clash by then (E1)."""
    for table in (RunRow, JournalEntry, Conversion):
        await connection.execute(update(table).where(table.customer_id == loser).values(customer_id=survivor))


async def tell(connection: AsyncConnection, commands: Iterable[EngineCommand], at: datetime) -> None:
    """Write commands into the outbox; all of one workflow are told by one partition, in order."""
    rows = [
        {
            "slot": slot_of(command.workflow_id),
            "run_id": command.run_id,
            "workflow_id": command.workflow_id,
            "kind": command.kind,
            "payload": command.payload,
            "created_at": at,
            "attempts": 0,
        }
        for command in commands
    ]
    await insert_many(connection, OutboxCommand, rows)


async def untold(
    connection: AsyncConnection, slots: Collection[int] | None, limit: int
) -> list[tuple[int, EngineCommand]]:
    """The oldest commands of the outbox as (sequence, command)."""
    columns = (
        OutboxCommand.seq,
        OutboxCommand.kind,
        OutboxCommand.run_id,
        OutboxCommand.workflow_id,
        OutboxCommand.payload,
    )
    query = select(*columns).order_by(OutboxCommand.seq).limit(limit)
    if slots is not None:
        query = query.where(OutboxCommand.slot.in_(slots))
    rows = await connection.execute(query)
    return [
        (seq, EngineCommand(kind, run_id, workflow_id, payload)) for seq, kind, run_id, workflow_id, payload in rows
    ]


async def forget_told(connection: AsyncConnection, seqs: Sequence[int]) -> None:
    if seqs:
        await connection.execute(_FORGET, {"seqs": seqs})


async def note_failures(connection: AsyncConnection, failed: Mapping[int, str]) -> None:
    for seq, error in failed.items():
        again = {"attempts": OutboxCommand.attempts + 1, "error": error[:500]}
        await connection.execute(update(OutboxCommand).where(OutboxCommand.seq == seq).values(again))


async def outbox_depth(connection: AsyncConnection) -> tuple[int, datetime | None, str | None]:
    """How many commands wait, since when the oldest does, and the newest error."""
    query = select(func.count(), func.min(OutboxCommand.created_at), func.max(OutboxCommand.error))
    row = (await connection.execute(query)).one()
    return row[0], row[1], row[2]


async def overdue(connection: AsyncConnection, before: datetime, limit: int = 100) -> list[Run]:
    """Live runs whose timer should have fired before an instant, and which still stand there for no pause."""
    late = and_(RUN.c.state == "live", RUN.c.until.is_not(None), RUN.c.until < before, _NOT_PAUSED)
    query = select(*(RUN.c[name] for name in RUN_COLUMNS)).where(late).order_by(RUN.c.until).limit(limit)
    return [_run(row) for row in (await connection.execute(query)).mappings()]


async def live_runs(connection: AsyncConnection, after: str, limit: int) -> list[tuple[str, str, datetime]]:
    """(run id, workflow id, entered at) of live runs, by id after `after`."""
    query = select(RUN.c.id, RUN.c.workflow_id, RUN.c.entered_at).where(RUN.c.state == "live", RUN.c.id > after)
    return list((await connection.execute(query.order_by(RUN.c.id).limit(limit))).all())
