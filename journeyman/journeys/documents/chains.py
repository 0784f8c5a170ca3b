"""A journey that starts on another one: that one has to be there, and none may lead back to itself."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.journeys import repository
from journeyman.journeys.documents import repository as documents
from journeyman.kit.errors import Fault, InvalidError
from journeyman.language.definition import Definition
from journeyman.language.starters.journey import JourneyEntry
from journeyman.language.validation import parse


async def refuse_broken_chain(connection: AsyncConnection, definition: Definition) -> None:
    """Raises `InvalidError` where a journey starts on one that is not there, on a step it lacks, or in a circle."""
    entry = definition.entry
    if not isinstance(entry, JourneyEntry):
        return
    other = await documents.journey(connection, entry.journey)
    if other is None:
        fault = Fault("/entry/journey", f"there is no journey `{entry.journey}`", "save it first, or name another")
        raise InvalidError("the journey starts on one that is not there", [fault])
    if entry.step is not None and not parse(other["draft"]).has_step(entry.step):
        detail = f"the journey `{entry.journey}` has no step `{entry.step}`"
        raise InvalidError("the journey starts on a step that is not there", [Fault("/entry/step", detail, "name one")])
    circle = _circle(definition.journey, entry.journey, await _starts_on(connection))
    if circle:
        detail = f"{' starts '.join(f'`{key}`' for key in circle)}: they would start one another for ever"
        fault = Fault("/entry/journey", detail, "let one of them start on something else")
        raise InvalidError("journeys start one another in a circle", [fault])


async def _starts_on(connection: AsyncConnection) -> dict[str, str]:
    """The journey on which each live one starts that starts on a journey."""
    live = await repository.live_journeys(connection)
    bodies = await repository.definitions(connection, {one.hash for one in live})
    entries = {one.key: parse(bodies[one.hash]).entry for one in live}
    return {key: entry.journey for key, entry in entries.items() if isinstance(entry, JourneyEntry)}


def _circle(key: str, other: str, starts_on: Mapping[str, str]) -> list[str]:
    """The journeys of the circle in the order in which they start one another; none where there is no circle."""
    found = [key, other]
    while (before := starts_on.get(found[-1])) is not None and len(found) <= len(starts_on) + 1:
        found.append(before)
        if before == key:
            return list(reversed(found))
    return []
