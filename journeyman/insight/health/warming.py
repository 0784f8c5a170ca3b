"""How far providers are that are new."""

from collections.abc import Mapping

from journeyman.channels.routing import Route
from journeyman.channels.warming.figures import Figure, figures
from journeyman.insight.health.findings import Finding, ok, warn
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database


async def look_at_warm_up(database: Database, clock: Clock, routes: Mapping[str, Route]) -> list[Finding]:
    """What providers with a ramp may send today, and have sent; whose share is used up has messages wait."""
    providers = [one for route in routes.values() for one in route.providers.values()]
    ramps = {one.name: one.warm_up for one in providers if one.warm_up is not None}
    found = await figures(database, clock, ramps)
    return [_finding(name, [one for one in found if one.provider == name]) for name in ramps]


def _finding(name: str, its: list[Figure]) -> Finding:
    if not its:
        return ok("warm-up", f"`{name}` is warm: take `warm_up` out of the providers' file")
    shares = ", ".join(f"{one.part} {one.taken} of {one.most}" for one in its)
    if any(one.taken + one.kept >= one.most for one in its):
        mend = "Add a provider behind it in the route, or wait: its share grows every day"
        return warn("warm-up", f"`{name}` has used up a share of today, {shares}", mend)
    return ok("warm-up", f"`{name}` has sent today {shares}")
