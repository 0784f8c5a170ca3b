"""What is made of events, made anew where events have changed hands."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.catalog.interests import repository as interests
from journeyman.catalog.interests.interests import interests_of
from journeyman.customers.groups import repository as groups
from journeyman.customers.identities.splitting import repository as splitting
from journeyman.customers.scoring import repository as scores
from journeyman.customers.scoring.definition import read_model
from journeyman.journeys.dates import repository as dates
from journeyman.journeys.scoring import rescore


async def after_split(connection: AsyncConnection, customer_ids: Sequence[str], now: datetime) -> None:
    """Make interests, scores and groups of these locked customers anew from their events.

    What their events come to and the segments they are in follow by themselves: an empty document of figures is
    reckoned anew, and `recheck_at` has them judged for every segment.
    """
    await interests.clear_interests(connection, customer_ids)
    happened = await splitting.happened(connection, customer_ids)
    await interests.add_interests(
        connection,
        [
            (customer_id, one)
            for customer_id, name, at, properties, seq in happened
            for one in interests_of(name, at, properties, seq)
        ],
    )
    await groups.rebuild(connection, customer_ids)
    await dates.ask_anew(connection, customer_ids, now)
    for stored in await scores.models(connection):
        await rescore(connection, read_model(stored.document), customer_ids, now)
