"""`send`: one message on one channel."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from journeyman.language.document import KEY, RESERVED, OnTimeout, Part, StepPart, Target, Topic

Outcome = Literal["sent", "no_consent", "unreachable", "suppressed", "audience", "failed", "rejected"]
"""What may become of a message (M1); a refused message never ends a journey by itself."""


class Send(Part):
    """What is sent, and where each outcome leads."""

    channel: str
    template: Annotated[str, Field(pattern=KEY)]
    topic: Annotated[Topic | None, Field(description="Default: the journey's topic")] = None
    delivery: Annotated[
        Literal["at_least_once", "at_most_once"],
        Field(description="What a crash between hand-over and answer means: sent again, or not (M4)"),
    ] = "at_least_once"
    on: Mapping[Outcome, Target] = Field(default_factory=dict, description="Where an outcome leads; default: on")
    on_error: Annotated[
        OnTimeout, Field(description="After the last attempt on a failing provider: `continue`, `exit` or a step (M5)")
    ] = "continue"

    @classmethod
    def not_yet(cls) -> frozenset[str]:
        return frozenset({"best_channel", "coupon", "at", "fallback"})

    @model_validator(mode="after")
    def _channel_is_there(self) -> Self:
        if self.channel != "email":
            raise PydanticCustomError(
                "not_yet", "channel `{channel}` is not available yet; use `email`", {"channel": self.channel}
            )
        return self


class SendStep(StepPart):
    """Sends, whatever comes of it goes on."""

    send: Send

    @property
    def targets(self) -> tuple[str, ...]:
        named = [*self.send.on.values(), self.send.on_error]
        return (*super().targets, *(target for target in named if target not in RESERVED))
