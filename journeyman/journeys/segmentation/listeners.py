"""Which segments have to tell because a journey starts, ends or goes on by them, whoever set them to tell or not."""

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers.segments import repository as segments
from journeyman.journeys import repository
from journeyman.language.listening import segments_heard
from journeyman.language.validation import parse


async def listen(connection: AsyncConnection) -> None:
    """Have those segments tell of which a live journey, or a run of an older version, wants to hear, and no others.

    Asked in the transaction that publishes or stops a journey, once it is published or stopped.
    """
    live = {found for one in await repository.live_journeys(connection) for found in one.hashes}
    bodies = await repository.definitions(connection, live | await repository.hashes_inside(connection))
    keys = {key for body in bodies.values() for _, key in segments_heard(parse(body))}
    await segments.set_heard(connection, keys)
