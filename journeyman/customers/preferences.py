"""Recording consent."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers import repository
from journeyman.customers.consent import ConsentUpdate


async def record(
    connection: AsyncConnection, customer_id: str, updates: list[ConsentUpdate], at: datetime
) -> list[ConsentUpdate]:
    """Write consent and its proof (L1); returns what really changed."""
    known = (await repository.consents(connection, [customer_id])).get(customer_id, {})
    changed = [update for update in updates if known.get(update.subject) != update.status]
    if changed:
        await repository.save_consents(connection, customer_id, changed, at)
    return changed
