"""Having segments judged again for everybody, where what they measure by has changed for everybody at once."""

from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers.segments import repository
from journeyman.language.conditions import CONDITION
from journeyman.language.needs import Needs, needs


async def judge_again(connection: AsyncConnection, concerns: Callable[[Needs], bool]) -> list[str]:
    """Go through all customers anew for the segments whose needs are concerned; returns their keys.

    It is done in the background, as a segment is built; until then members are those of before.
    """
    named = [
        one.key
        for one in await repository.listed(connection)
        if one.condition is not None and concerns(needs(CONDITION.validate_python(one.condition)))
    ]
    if named:
        await repository.change(connection, named, {"building_after": ""})
    return named
