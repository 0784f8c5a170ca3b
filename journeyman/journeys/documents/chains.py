"""Journeys that start on one another or send into one another: that one has to be there, and none starts itself."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.journeys import repository
from journeyman.journeys.documents import repository as documents
from journeyman.kit.errors import Fault, InvalidError
from journeyman.language.definition import Definition
from journeyman.language.starters.api import ApiEntry
from journeyman.language.starters.journey import JourneyEntry
from journeyman.language.steps.enter import EnterStep
from journeyman.language.validation import parse


async def refuse_broken_chain(connection: AsyncConnection, definition: Definition) -> None:
    """Raises `InvalidError` where a journey starts on one that is not there, on a step it lacks, or in a circle.

    And where a step sends into a journey that is not there, or that nobody can be sent into.
    """
    await _refuse_closed_doors(connection, definition)
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


async def _refuse_closed_doors(connection: AsyncConnection, definition: Definition) -> None:
    faults = []
    for place, step in enumerate(definition.steps):
        if not isinstance(step, EnterStep) or step.enter.journey == definition.journey:
            continue
        pointer, key = f"/steps/{place}/enter/journey", step.enter.journey
        other = await documents.journey(connection, key)
        if other is None:
            faults.append(Fault(pointer, f"there is no journey `{key}`", "save it first, or name another"))
        elif not isinstance(parse(other["draft"]).entry, ApiEntry):
            faults.append(Fault(pointer, f"nobody can be sent into `{key}`", "let it start `on: api`"))
    if faults:
        raise InvalidError("a journey that a step sends into is not there, or has no door for it", faults)


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
