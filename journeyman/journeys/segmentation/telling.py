"""Coming into a segment and leaving it, as customer events: in the transaction that moves, through the inbox.

Told of is only what happens to a customer, by an event of hers, by time or by hand, and only of segments that are set
to `events`. Building a segment, merging profiles, rebuilding and imported history are told to nobody.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers.inbox.repository import append_in
from journeyman.customers.segments import repository
from journeyman.customers.segments.definition import ENTERED, LEFT
from journeyman.journeys.direct import incoming
from journeyman.journeys.segmentation.live import Move
from journeyman.kit.ids import new_id


async def tell(connection: AsyncConnection, moves: Sequence[Move], now: datetime) -> None:
    """Put an event into the inbox for every move that is told of, in their order."""
    told = await repository.telling(connection, {move.segment for move in moves}) if moves else set()
    events = [
        incoming(
            move.person.survivor.id,
            new_id("segment"),
            "track",
            ENTERED if move.entered else LEFT,
            move.at,
            {"segment": move.segment},
        )
        for move in moves
        if move.segment in told
    ]
    await append_in(connection, events, now)
