"""`send`: one message on one channel."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from journeyman.language.document import KEY, Lead, OnTimeout, Part, StepPart, Target, Topic

Outcome = Literal["sent", "held_out", "no_consent", "unreachable", "suppressed", "audience", "failed", "rejected"]
"""What may become of a message (M1); a refused message never ends a journey by itself."""

CHANNELS_NOT_YET: Final = frozenset({"sms", "push", "web_push", "whatsapp", "in_app", "webhook"})


class Send(Part):
    """What is sent, and where each outcome leads."""

    channel: Annotated[str, Field(min_length=1)]
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
    def not_yet(cls) -> Mapping[str, str]:
        return {
            "best_channel": "write `channel: email`",
            "coupon": "take it out, and write the code into the template",
            "at": "take it out, and put a `wait` with `until` before this step",
            "fallback": "take it out, and let `on` lead to another step",
        }

    @field_validator("channel")
    @classmethod
    def _channel_is_there(cls, channel: str) -> str:
        if channel in CHANNELS_NOT_YET:
            message = "channel `{channel}` is not available yet; write `email`"
            raise PydanticCustomError("not_yet", message, {"channel": channel})
        if channel != "email":
            raise PydanticCustomError("channel", "there is no channel `{channel}`; write `email`", {"channel": channel})
        return channel


class SendStep(StepPart):
    """Sends, whatever comes of it goes on."""

    kind: ClassVar[str] = "send"
    send: Send

    @property
    def outside(self) -> str | None:
        return self.send.channel

    @property
    def leads(self) -> tuple[Lead, ...]:
        outcomes = tuple(Lead(("send", "on", outcome), target) for outcome, target in self.send.on.items())
        return (*super().leads, *outcomes, Lead(("send", "on_error"), self.send.on_error))
