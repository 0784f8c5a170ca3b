"""Every query of warm-up ramps. A row of `warm_up_days` is changed by one statement, which never passes the bound."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels.warming.tables import WarmUpDay, WarmUpPlace
from journeyman.kit.database import Base

REMEMBERED: Final = timedelta(days=30)
Column = Literal["taken", "kept"]


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a message: with whom, on which day, of which parts, and whether the day is still to come."""

    message_id: str
    provider: str
    day: date
    parts: tuple[str, ...]
    kept: bool


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted for a provider and a part on a day."""

    provider: str
    part: str
    taken: int
    kept: int


async def count(
    connection: AsyncConnection, provider: str, day: date, part: str, most: int, column: Column = "taken"
) -> bool:
    """Count one more message, unless as many as may go have a place by now."""
    new = {"provider": provider, "day": day, "part": part, "taken": 0, "kept": 0}
    made = await connection.execute(_insert(connection, WarmUpDay).values(**new).on_conflict_do_nothing())
    if made.rowcount > 0:
        await _forget(connection, provider, day)
    room = WarmUpDay.taken + WarmUpDay.kept < most
    return await _add(connection, (provider, day, part), {column: 1}, room) > 0


async def uncount(connection: AsyncConnection, place: Place) -> None:
    """Let others have a place."""
    for part in place.parts:
        await _add(connection, (place.provider, place.day, part), {"kept" if place.kept else "taken": -1})


async def use_kept(connection: AsyncConnection, place: Place) -> None:
    """A message that waited for its day has it."""
    for part in place.parts:
        await _add(connection, (place.provider, place.day, part), {"kept": -1, "taken": 1})


async def place_of(connection: AsyncConnection, message_id: str) -> Place | None:
    row = (await connection.execute(select(WarmUpPlace).where(WarmUpPlace.message_id == message_id))).one_or_none()
    return Place(row.message_id, row.provider, row.day, tuple(row.parts.split()), row.kept) if row is not None else None


async def save_place(connection: AsyncConnection, place: Place) -> None:
    row = {"provider": place.provider, "day": place.day, "parts": " ".join(place.parts), "kept": place.kept}
    statement = _insert(connection, WarmUpPlace).values(message_id=place.message_id, **row)
    await connection.execute(statement.on_conflict_do_update(index_elements=["message_id"], set_=row))


async def drop_place(connection: AsyncConnection, message_id: str) -> None:
    await connection.execute(delete(WarmUpPlace).where(WarmUpPlace.message_id == message_id))


async def counted(connection: AsyncConnection, day: date) -> list[Counted]:
    """What was counted on a day."""
    query = select(WarmUpDay.provider, WarmUpDay.part, WarmUpDay.taken, WarmUpDay.kept).where(WarmUpDay.day == day)
    return [Counted(*row) for row in await connection.execute(query.order_by(WarmUpDay.provider, WarmUpDay.part))]


async def _add(
    connection: AsyncConnection, key: tuple[str, date, str], steps: dict[str, int], *where: ColumnElement[bool]
) -> int:
    provider, day, part = key
    mine = (WarmUpDay.provider == provider, WarmUpDay.day == day, WarmUpDay.part == part, *where)
    values = {name: getattr(WarmUpDay, name) + step for name, step in steps.items()}
    return (await connection.execute(update(WarmUpDay).where(*mine).values(values))).rowcount


async def _forget(connection: AsyncConnection, provider: str, day: date) -> None:
    """What nobody asks for any more."""
    old = (WarmUpDay.provider == provider, WarmUpDay.day < day - REMEMBERED)
    await connection.execute(delete(WarmUpDay).where(*old))
    await connection.execute(delete(WarmUpPlace).where(WarmUpPlace.day < day - REMEMBERED))


def _insert(connection: AsyncConnection, entity: type[Base]) -> Any:  # noqa: ANN401 - either dialect's
    return (insert_sqlite if connection.dialect.name == "sqlite" else insert_postgresql)(entity)
