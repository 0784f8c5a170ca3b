"""Which variants of a template are for a customer, judged at the instant of sending, as gates are."""

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels.content.blocks import ChannelContent
from journeyman.channels.content.variants import needs_of, picked
from journeyman.customers import repository as customers
from journeyman.journeys import facts as known_facts
from journeyman.language.evaluation import holds
from journeyman.language.facts import Facts


async def variants_for(
    connection: AsyncConnection, content: ChannelContent, facts: Facts, customer_id: str | None = None
) -> dict[str, str]:
    """The keys of the variants, as `picked` has them.

    A template may ask for what the journey does not, so that the customer's facts are brought anew; `entry` and
    `context` are those of the run. Without a customer `facts` are all there is.
    """
    seen = facts
    if customer_id is not None:
        (profile,) = await customers.read_profiles(connection, [customer_id])
        person = profile.survivor
        known = await known_facts.load(connection, [customer_id], needs_of(content), facts.now)
        seen = known[customer_id].facts(
            person.attributes, facts.now, computed=person.computed, segments=person.segments
        )
        seen = replace(seen, run_id=facts.run_id, entry=facts.entry, context=facts.context)
    return picked(content, lambda condition: holds(condition, seen))
