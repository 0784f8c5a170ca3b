"""Whether the team hears what it wants to hear."""

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.insight.health.findings import Finding, warn
from journeyman.journeys.notices import repository


async def look_at_notices(connection: AsyncConnection) -> list[Finding]:
    """A finding for each target that is not reached."""
    troubled = await repository.troubled(connection)
    mend = "Check its URLs in the providers' file, and the service behind them"
    return [warn("notices", f"{target}: {failure}", mend) for target, failure in sorted(troubled.items())]
