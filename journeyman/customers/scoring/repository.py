"""Every query of scores and of the cut points of RFM."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, bindparam, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers.scoring.definition import ScoreModel
from journeyman.customers.scoring.ranking import Rank, ranks_of
from journeyman.customers.scoring.rfm import Cuts, Measures, Rfm, measures_of
from journeyman.customers.scoring.scores import Held, State, add_all, tell
from journeyman.customers.scoring.tables import RfmCuts, ScoreModelRow, ScoreRank
from journeyman.customers.scoring.tally import Change, soonest
from journeyman.customers.segments.tables import Membership, Segment
from journeyman.customers.tables import Customer, Event
from journeyman.kit.bulk import Row, insert_many, update_many
from journeyman.kit.lists import is_among
from journeyman.language.evaluation import FOREVER
from journeyman.language.facts import EventFact

# Definitions ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A definition's row. `rebuilt_to` is the customer up to whom states are made anew, None where all are."""

    key: str
    document: dict[str, Any]
    basis: str
    rebuilt_to: str | None
    updated_at: datetime


_MODEL = select(
    ScoreModelRow.key,
    ScoreModelRow.document,
    ScoreModelRow.basis,
    ScoreModelRow.rebuilt_to,
    ScoreModelRow.updated_at,
)


async def models(connection: AsyncConnection) -> list[StoredModel]:
    """Every definition, by key."""
    rows = await connection.execute(_MODEL.order_by(ScoreModelRow.key))
    return [StoredModel(*row) for row in rows]


async def model(connection: AsyncConnection, key: str, *, lock: bool = False) -> StoredModel | None:
    """One definition; locked, it stays as it is until the transaction is over."""
    query = _MODEL.where(ScoreModelRow.key == key)
    row = (await connection.execute(query.with_for_update() if lock else query)).one_or_none()
    return StoredModel(*row) if row is not None else None


async def save_model(connection: AsyncConnection, given: ScoreModel, rebuilt_to: str | None, now: datetime) -> None:
    """Keep a definition from now on, under its key."""
    await connection.execute(delete(ScoreModelRow).where(ScoreModelRow.key == given.key))
    row: Row = {
        "key": given.key,
        "document": given.document(),
        "basis": given.basis,
        "rebuilt_to": rebuilt_to,
        "updated_at": now,
    }
    await insert_many(connection, ScoreModelRow, [row])


async def drop_model(connection: AsyncConnection, key: str) -> bool:
    """Forget a definition and its order; whether it was there. What profiles keep for it means nothing any more."""
    gone = await connection.execute(delete(ScoreModelRow).where(ScoreModelRow.key == key))
    await connection.execute(delete(ScoreRank).where(ScoreRank.model == key))
    return gone.rowcount > 0


async def note_rebuilt(connection: AsyncConnection, key: str, rebuilt_to: str | None) -> None:
    """Up to which customer a score is made anew; None where all are."""
    await connection.execute(update(ScoreModelRow).where(ScoreModelRow.key == key).values(rebuilt_to=rebuilt_to))


# What is kept of customers --------------------------------------------------------------------------------------------

_SCORES = select(Customer.id, Customer.scores).where(is_among(Customer.id, "customer_ids"))
_DROP_RANKS = delete(ScoreRank).where(
    ScoreRank.model == bindparam("model", type_=Text), is_among(ScoreRank.customer_id, "customer_ids")
)


async def scores(connection: AsyncConnection, customer_ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """What these customers' profiles keep for scores: documents of states by score."""
    rows = await connection.execute(_SCORES, {"customer_ids": list(customer_ids)})
    return {customer_id: document for customer_id, document in rows}  # noqa: C416 - rows are no pairs to a type checker


async def save_ranks(connection: AsyncConnection, changes: Iterable[Change]) -> None:
    """Write where customers stand in the order of scores; those without a state stand nowhere."""
    by_model: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        by_model[change.model.key].append(change)
    rows: list[Row] = []
    for key, several in by_model.items():
        given = {"model": key, "customer_ids": [change.customer_id for change in several]}
        await connection.execute(_DROP_RANKS, given)
        rows += [row for change in several if change.state is not None for row in _rank_rows(change, change.state)]
    await insert_many(connection, ScoreRank, rows)


def _rank_rows(change: Change, state: State) -> list[Row]:
    row: Row = {"model": change.model.key, "customer_id": change.customer_id}
    return [
        {
            **row,
            "category": category,
            "held": rank.held,
            "rank": rank.rank,
            "next_at": None if category else change.next_at,
        }
        for category, rank in ranks_of(state, change.model).items()
    ]


async def save_scores(connection: AsyncConnection, documents: Mapping[str, Mapping[str, Any]]) -> None:
    """Write what these customers' profiles keep for scores; who calls has locked them."""
    rows: list[Row] = [{"id": customer_id, "scores": document} for customer_id, document in documents.items()]
    await update_many(connection, Customer, "id", rows)


async def due(connection: AsyncConnection, now: datetime, limit: int) -> list[str]:
    """Customers of whose scores time alone may have changed one by now, those first who were due first."""
    query = select(ScoreRank.customer_id).where(ScoreRank.next_at <= now).order_by(ScoreRank.next_at).limit(limit)
    return list(dict.fromkeys((await connection.execute(query)).scalars()))


async def due_among(connection: AsyncConnection, key: str, customer_ids: Collection[str], now: datetime) -> set[str]:
    """Those of these customers of whom time alone may have changed this score by now."""
    query = select(ScoreRank.customer_id).where(
        ScoreRank.model == key, ScoreRank.next_at <= now, is_among(ScoreRank.customer_id, "customer_ids")
    )
    return set((await connection.execute(query, {"customer_ids": list(customer_ids)})).scalars())


async def forget(connection: AsyncConnection, customer_ids: Collection[str]) -> None:
    """Take these customers out of the order of every score; what their profiles keep goes with the profiles."""
    rows = await connection.execute(select(ScoreModelRow.key))
    for key in rows.scalars().all():
        await connection.execute(_DROP_RANKS, {"model": key, "customer_ids": list(customer_ids)})


# From the event log ---------------------------------------------------------------------------------------------------

_EVENTS = (
    select(Event.customer_id, Event.name, Event.event_time, Event.seq, Event.properties)
    .where(is_among(Event.customer_id, "customer_ids"), is_among(Event.name, "names"))
    .order_by(Event.event_time, Event.seq)
)


async def rebuilt(
    connection: AsyncConnection,
    given: ScoreModel,
    customer_ids: Collection[str],
    held: Mapping[str, Held],
    now: datetime,
) -> dict[str, State]:
    """What the event log makes of these customers; `held` has the rules that hold of each.

    What they have reached counts as told: nobody is told again of what is only counted anew.
    """
    past: dict[str, list[EventFact]] = {customer_id: [] for customer_id in customer_ids}
    names = list(given.rules_of_event)
    for row in await connection.execute(_EVENTS, {"customer_ids": list(customer_ids), "names": names}):
        past[row.customer_id].append(EventFact(row.name, row.event_time, row.seq, row.properties))
    found = {}
    for customer_id, events in past.items():
        state = State(given.basis, held=held.get(customer_id, Held()).places)
        state, _ = tell(add_all(state, events, given), given, now)
        found[customer_id] = state
    return found


async def rebuild(
    connection: AsyncConnection,
    given: ScoreModel,
    customer_ids: Collection[str],
    held: Mapping[str, Held],
    now: datetime,
) -> None:
    """Write what the event log makes of these customers in place of what is kept; who calls has locked them."""
    made = await rebuilt(connection, given, customer_ids, held, now)
    kept = await scores(connection, customer_ids)
    changes = [
        _made(customer_id, given, state, held.get(customer_id, Held()), now) for customer_id, state in made.items()
    ]
    documents = {}
    for change in changes:
        document = {key: one for key, one in kept[change.customer_id].items() if key != given.key}
        if change.state is not None:
            document[given.key] = change.state.document()
        documents[change.customer_id] = document
    await save_scores(connection, documents)
    await save_ranks(connection, changes)


def _made(customer_id: str, given: ScoreModel, state: State, held: Held, now: datetime) -> Change:
    """What becomes of a customer's score: nothing where nothing counts, nor will by time alone."""
    if not state.events and not state.held and held.until == FOREVER:
        return Change(customer_id, given, None)
    return Change(customer_id, given, state, soonest(state, given, held.until, now))


async def lock_next(connection: AsyncConnection, after: str, limit: int) -> list[str]:
    """The next customers by id, locked, those who were merged into others left out."""
    query = select(Customer.id).where(Customer.id > after, Customer.merged_into.is_(None))
    rows = await connection.execute(query.order_by(Customer.id).limit(limit).with_for_update())
    return [*rows.scalars()]


# The best -------------------------------------------------------------------------------------------------------------

Among = ColumnElement[bool]
"""A condition on `customer_column` that says who is asked for."""
customer_column = ScoreRank.customer_id


def in_segment(key: str) -> Among:
    """Those who are in a segment."""
    mine = select(Membership.customer_id).where(Membership.segment_key == key)
    return customer_column.in_(mine)


async def has_segment(connection: AsyncConnection, key: str) -> bool:
    return (await connection.execute(select(Segment.key).where(Segment.key == key))).first() is not None


def _of(key: str, category: str, among: Among | None) -> ColumnElement[bool]:
    chosen = and_(ScoreRank.model == key, ScoreRank.category == category)
    return chosen if among is None else and_(chosen, among)


async def heights(connection: AsyncConnection, key: str, category: str) -> list[float]:
    """Every `held` that occurs, descending; each is looked up in the index by itself."""
    found: list[float] = []
    query = select(func.max(ScoreRank.held)).where(_of(key, category, None))
    while (
        held := (await connection.execute(query.where(ScoreRank.held < found[-1]) if found else query)).scalar()
    ) is not None:
        found.append(held)
    return found


async def page_of_ranks(
    connection: AsyncConnection,
    key: str,
    category: str,
    held: float,
    after: tuple[float, str] | None,
    limit: int,
    among: Among | None = None,
) -> list[tuple[str, Rank]]:
    """Customers of one `held` in the order of their ranks, behind the rank and customer of `after`."""
    query = select(ScoreRank.customer_id, ScoreRank.rank).where(_of(key, category, among), ScoreRank.held == held)
    if after is not None:
        rank, customer_id = after
        further = or_(ScoreRank.rank > rank, and_(ScoreRank.rank == rank, ScoreRank.customer_id > customer_id))
        query = query.where(ScoreRank.rank >= rank, further)
    rows = await connection.execute(query.order_by(ScoreRank.rank, ScoreRank.customer_id).limit(limit))
    return [(customer_id, Rank(held, rank)) for customer_id, rank in rows]


async def count(connection: AsyncConnection, key: str, among: Among | None = None) -> int:
    """Of how many customers anything is kept for a score."""
    query = select(func.count()).select_from(ScoreRank).where(_of(key, "", among))
    return (await connection.execute(query)).scalar_one()


# RFM ------------------------------------------------------------------------------------------------------------------

WORKSPACE = "workspace"
PAGE = 20_000
"""Customers that are read in one statement."""
_COMPUTED = (
    select(
        Customer.id,
        Customer.computed["orders"].label("orders"),
        Customer.computed["revenue"].label("revenue"),
        Customer.computed["last_order_at"].label("last_order_at"),
    )
    .where(Customer.id > bindparam("after", type_=Text), Customer.merged_into.is_(None))
    .order_by(Customer.id)
    .limit(PAGE)
)


@dataclass(frozen=True, slots=True)
class StoredCuts:
    """The workspace's cut points: `own` ones, or quintiles; with how many customers had which scores then."""

    cuts: Cuts
    own: bool
    cells: dict[Rfm, int]
    computed_at: datetime


async def rfm_cuts(connection: AsyncConnection) -> StoredCuts | None:
    """The cut points in use, None where there are none yet."""
    query = select(
        RfmCuts.recency, RfmCuts.frequency, RfmCuts.monetary, RfmCuts.own, RfmCuts.cells, RfmCuts.computed_at
    )
    row = (await connection.execute(query.where(RfmCuts.id == WORKSPACE))).one_or_none()
    if row is None:
        return None
    cuts = Cuts(tuple(row.recency), tuple(row.frequency), tuple(row.monetary))
    cells = {Rfm(r, f, m): number for r, f, m, number in row.cells}
    return StoredCuts(cuts, row.own, cells, row.computed_at)


async def save_cuts(connection: AsyncConnection, given: StoredCuts) -> None:
    """Let these be the cut points from now on."""
    await connection.execute(delete(RfmCuts).where(RfmCuts.id == WORKSPACE))
    row: Row = {
        "id": WORKSPACE,
        "recency": list(given.cuts.recency),
        "frequency": list(given.cuts.frequency),
        "monetary": list(given.cuts.monetary),
        "own": given.own,
        "customers": sum(given.cells.values()),
        "cells": [[one.r, one.f, one.m, number] for one, number in sorted(given.cells.items())],
        "computed_at": given.computed_at,
    }
    await insert_many(connection, RfmCuts, [row])


async def buyers(connection: AsyncConnection) -> list[Measures]:
    """What every customer who has ordered bought."""
    found: list[Measures] = []
    after: str | None = ""
    while after is not None:
        rows = (await connection.execute(_COMPUTED, {"after": after})).all()
        for row in rows:
            measures = measures_of({"orders": row.orders, "revenue": row.revenue, "last_order_at": row.last_order_at})
            if measures is not None:
                found.append(measures)
        after = rows[-1].id if len(rows) == PAGE else None
    return found


async def computed(connection: AsyncConnection, customer_id: str) -> dict[str, Any]:
    """What one customer's events come to."""
    found: dict[str, Any] = (
        await connection.execute(select(Customer.computed).where(Customer.id == customer_id))
    ).scalar_one()
    return found
