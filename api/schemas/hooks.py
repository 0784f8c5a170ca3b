"""Hooks, as they are shown and tried."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from journeyman.customers.hooks.document import HookSettings


class KeptHook(BaseModel):
    """A hook as it stands."""

    model_config = ConfigDict(from_attributes=True)

    key: str
    settings: HookSettings


class TriedHook(BaseModel):
    """What a webhook would become."""

    model_config = ConfigDict(from_attributes=True)

    calls: list[dict[str, Any]] = Field(description="Calls of the Segment spec; none for what is passed over")
    problem: str | None = Field(description="Why there are none, where that is no wish of the hook's")


class HookTaken(BaseModel):
    """What a webhook came to."""

    events: int = Field(description="How many new events; none for what was told before, or is passed over")
