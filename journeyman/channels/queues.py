"""How fast a channel may go: the pace that a provider, a contract or a sender's good name allows."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class ChannelQueue(BaseModel):
    """A channel's task queue: how many messages it takes a second over all workers, and at once in each."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    per_second: Annotated[
        float | None, Field(gt=0, le=100_000, description="Messages a second over all workers; default: no limit")
    ] = None
    at_once: Annotated[int, Field(ge=1, le=10_000, description="Messages that one worker has under way at once")] = 100


UNLIMITED = ChannelQueue()
