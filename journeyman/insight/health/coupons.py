"""Whether there are codes in the coupon pools."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.catalog.coupons import repository
from journeyman.insight.health.findings import Finding, ok, warn
from journeyman.insight.words import count

AREA = "coupons"


async def look_at_coupons(connection: AsyncConnection, now: datetime) -> list[Finding]:
    """Pools that have expired or run low, tier by tier; nothing where nobody keeps any."""
    kept = await repository.pools(connection)
    counted = await repository.counts(connection) if kept else {}
    found = []
    for one in kept:
        if one.pool.has_expired(now):
            found.append(warn(AREA, f"the codes of `{one.key}` have expired", "Bring codes into a new pool"))
            continue
        for tier in one.pool.tier_keys:
            free = counted.get((one.key, tier), repository.nothing())["free"]
            if free < (one.pool.alert_below or 1):
                named = f"the tier `{tier}` of `{one.key}`" if tier else f"`{one.key}`"
                found.append(warn(AREA, f"{named} has {count(free, 'free code')}", "Bring more codes in"))
    return found or ([ok(AREA, f"{count(len(kept), 'pool')} with codes enough")] if kept else [])
