"""Ann walks through a journey of some steps."""

from typing import Any

from journeyman.journeys.journal import Entry
from tests.builders import incoming, journey
from tests.world import World

END: dict[str, Any] = {"id": "over", "end": "over"}
PAUSE: dict[str, Any] = {"id": "pause", "wait": {"for": "1h"}}


async def enter(here: World, *steps: dict[str, Any], user: str | None = "ann", **properties: Any) -> Any:
    """Publish a journey of these steps, and let her in; her run."""
    parts = properties.pop("parts", {})
    await here.shop.publish(journey(steps=list(steps), **parts))
    return await come(here, user, **properties)


async def come(here: World, user: str | None = "ann", **properties: Any) -> Any:
    await here.shop.accept(incoming("Product Added", user, at=here.clock.at, **properties))
    await settle(here)
    return (await here.shop.runs())[-1]


async def settle(here: World) -> None:
    """Let what runs tell be decided as well, and what that leads to, until nothing follows any more."""
    await here.settle()
    while await here.shop.decide():
        await here.settle()


async def lines(here: World, step: str) -> list[Entry]:
    """What the journal tells of a step."""
    return [entry for entry in await here.shop.journal() if entry.step == step]


async def codes(here: World, step: str) -> list[str | None]:
    return [entry.code for entry in await lines(here, step)]
