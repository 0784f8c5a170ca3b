"""Whom a campaign is for, page by page in the order of customer ids, and how many they are."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers import repository as customers
from journeyman.customers.segments import repository as segments
from journeyman.journeys.campaigns import repository
from journeyman.journeys.populations import repository as populations
from journeyman.kit.errors import Fault, InvalidError
from journeyman.language.conditions import CONDITION
from journeyman.language.definition import Definition
from journeyman.language.starters.schedule import ScheduleEntry

AT_ONCE: Final = 5000


def about_of(definition: Definition, entry: ScheduleEntry) -> dict[str, Any]:
    """Whom a schedule is for: a segment, else those for whom its audience holds, else everybody."""
    if entry.segment is not None:
        return {"segment": entry.segment}
    if entry.audience is None:
        return {}
    written = definition.model_dump(mode="json", by_alias=True, exclude_unset=True, include={"entry"})
    return {"when": written["entry"]["audience"]}


async def some(
    connection: AsyncConnection, about: Mapping[str, Any], now: datetime, after: str, limit: int
) -> list[str]:
    """The next customers by id. The same question asked again goes on where it was, whoever came or went meanwhile."""
    if "segment" in about:
        return await repository.members_of(connection, about["segment"], after, limit)
    if "when" in about:
        condition = CONDITION.validate_python(about["when"])
        return await populations.members(connection, condition, now=now, limit=limit, after=after)
    return await customers.ids_after(connection, after, limit)


async def size(connection: AsyncConnection, about: Mapping[str, Any], now: datetime) -> int:
    """How many customers they are now."""
    if "segment" in about:
        return (await segments.counts(connection, [about["segment"]])).get(about["segment"], 0)
    if "when" in about:
        return await populations.count(connection, CONDITION.validate_python(about["when"]), now=now)
    return await customers.count(connection)


async def refuse_unknown(connection: AsyncConnection, about: Mapping[str, Any], now: datetime, pointer: str) -> None:
    """Raises `InvalidError` where there is no such segment, or the condition cannot be asked of many customers."""
    if "segment" in about:
        if not await segments.find(connection, [about["segment"]]):
            fault = Fault(f"{pointer}/segment", f"there is no segment `{about['segment']}`", "Save it first")
            raise InvalidError("the segment is not known", [fault])
    elif "when" in about:
        await populations.members(connection, CONDITION.validate_python(about["when"]), now=now, limit=1)
