"""Every query of dates that come due."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.journeys.dates.reckoning import Due
from journeyman.journeys.dates.tables import DateBuild, DueDate
from journeyman.journeys.tables import Definition, Journey, JourneyVersion
from journeyman.kit.bulk import delete_many, insert_many
from journeyman.kit.lists import is_among

_NAMES = {"journey": "journey_key", "at": "due_at"}
_COLUMNS = tuple(_NAMES.get(name, name) for name in Due._fields)
_DUES = select(*(getattr(DueDate, name) for name in _COLUMNS))
_OF = _DUES.where(is_among(DueDate.customer_id, "customer_ids"))
_LOCKED = _OF.order_by(DueDate.journey_key, DueDate.customer_id, DueDate.occasion).with_for_update()


async def of_customers(connection: AsyncConnection, customer_ids: Collection[str]) -> list[Due]:
    """The dates of these customers that are still to come, locked; the customers have to be."""
    return [_due(row) for row in await connection.execute(_LOCKED, {"customer_ids": list(customer_ids)})]


async def save(connection: AsyncConnection, gone: Sequence[Due], new: Sequence[Due]) -> None:
    """Take away dates, and write others in their place."""
    await delete_many(connection, DueDate, [_key(one) for one in gone])
    await insert_many(connection, DueDate, [_row(one) for one in new])


async def lock_due(connection: AsyncConnection, rules: Mapping[str, str], now: datetime, limit: int) -> list[Due]:
    """The oldest dates that have come due by now, of journeys by the digests of their rules, locked.

    Those that somebody else has in hand are left out.
    """
    mine = or_(*(and_(DueDate.journey_key == key, DueDate.rule == digest) for key, digest in rules.items()))
    query = _DUES.where(mine, DueDate.due_at <= now).order_by(DueDate.due_at).limit(limit)
    return [_due(row) for row in await connection.execute(query.with_for_update(skip_locked=True))]


async def any_due(connection: AsyncConnection, rules: Mapping[str, str], now: datetime) -> bool:
    """Whether a date has come due."""
    mine = or_(*(and_(DueDate.journey_key == key, DueDate.rule == digest) for key, digest in rules.items()))
    query = select(DueDate.journey_key).where(mine, DueDate.due_at <= now).limit(1)
    return (await connection.execute(query)).first() is not None


def _due(row: Any) -> Due:  # noqa: ANN401 - a row of as many columns as a date has
    return Due._make(row)


def _key(one: Due) -> dict[str, object]:
    return {"journey_key": one.journey, "customer_id": one.customer_id, "occasion": one.occasion}


def _row(one: Due) -> dict[str, object]:
    return {**dict(zip(_COLUMNS, one, strict=True)), "entry": dict(one.entry)}


# Customers of whom everything has to be reckoned anew -----------------------------------------------------------------

ALL = ""
"""The journey of a row that stands for all of them."""


async def ask_anew(connection: AsyncConnection, customer_ids: Collection[str], now: datetime) -> None:
    """Have all dates of these customers reckoned anew: what they are reckoned from has changed hands."""
    nothing = Due(ALL, "", "", "", "", "", now, "", "", {})
    rows = [_row(nothing._replace(customer_id=customer_id)) for customer_id in customer_ids]
    await insert_many(connection, DueDate, rows, ignore_conflicts=True)


async def asked_anew(connection: AsyncConnection, limit: int) -> list[str]:
    """Some of those customers."""
    query = select(DueDate.customer_id).where(DueDate.journey_key == ALL).order_by(DueDate.due_at).limit(limit)
    return list((await connection.execute(query)).scalars())


async def done_anew(connection: AsyncConnection, customer_ids: Collection[str]) -> None:
    """It has been done for these."""
    rows = [{"journey_key": ALL, "customer_id": customer_id, "occasion": ""} for customer_id in customer_ids]
    await delete_many(connection, DueDate, rows)


# How far the dates of each journey are reckoned ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Dated:
    """A journey whose newest version starts on a date."""

    key: str
    state: str
    version: int
    hash: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Build:
    """A row of `date_builds`."""

    key: str
    rule: str
    since: datetime
    after: str | None


async def dated(connection: AsyncConnection) -> list[Dated]:
    """The journeys whose newest version starts on a date, live or not."""
    newest = and_(JourneyVersion.journey_key == Journey.key, JourneyVersion.version == Journey.version)
    columns = (Journey.key, Journey.state, JourneyVersion.version, JourneyVersion.hash, JourneyVersion.published_at)
    query = select(*columns).join(JourneyVersion, newest).join(Definition, Definition.hash == JourneyVersion.hash)
    query = query.where(Definition.body["entry"]["on"].as_string() == "date").order_by(Journey.key)
    return [Dated(*row) for row in await connection.execute(query)]


async def builds(connection: AsyncConnection, key: str | None = None) -> list[Build]:
    """How far each journey is; only that of `key`, locked, where it is given."""
    query = select(DateBuild.journey_key, DateBuild.rule, DateBuild.since, DateBuild.building_after)
    if key is not None:
        query = query.where(DateBuild.journey_key == key).with_for_update()
    return [Build(*row) for row in await connection.execute(query.order_by(DateBuild.journey_key))]


async def begin(connection: AsyncConnection, build: Build) -> None:
    """Have a journey's dates reckoned anew from the first customer; with an empty rule, taken away."""
    insert = insert_sqlite if connection.dialect.name == "sqlite" else insert_postgresql
    values = {"rule": build.rule, "since": build.since, "building_after": build.after}
    statement = insert(DateBuild).values(journey_key=build.key, **values)
    await connection.execute(statement.on_conflict_do_update(index_elements=["journey_key"], set_=values))


async def note_built(connection: AsyncConnection, key: str, after: str | None) -> None:
    """The journey is reckoned up to a customer, or to the end."""
    await connection.execute(update(DateBuild).where(DateBuild.journey_key == key).values(building_after=after))


async def take_away(connection: AsyncConnection, key: str, limit: int) -> int:
    """Delete some of a journey's dates; returns how many."""
    some = select(DueDate.customer_id, DueDate.occasion).where(DueDate.journey_key == key).limit(limit)
    rows = (await connection.execute(some)).all()
    gone = [{"journey_key": key, "customer_id": customer_id, "occasion": occasion} for customer_id, occasion in rows]
    await delete_many(connection, DueDate, gone)
    return len(gone)
