"""What judging segments needs of the stores beside the facts themselves."""

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers import repository as customers
from journeyman.customers.identity import Person
from journeyman.customers.profile.computed import rebuild


def untallied(persons: Iterable[Person]) -> list[str]:
    """Those whose document cannot answer for every event; the events themselves have to be read."""
    return [person.id for person in persons if "_" not in person.computed or "e" in person.computed["_"]["x"]]


async def catch_up(connection: AsyncConnection, persons: Iterable[Person]) -> None:
    """Reckon what the events come to of those who were here before anybody counted."""
    behind = [person for person in persons if not person.computed and person.merged_into is None]
    if not behind:
        return
    events = await customers.all_events_of(connection, [person.id for person in behind])
    for person in behind:
        person.computed = rebuild(events.get(person.id, ()))
        person.is_changed = True
