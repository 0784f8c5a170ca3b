"""`send`: one message on one channel."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from journeyman.language.contact import CapAnswer, Delay, Holdout, QuietHours
from journeyman.language.document import KEY, Lead, OnTimeout, Part, StepPart, Target, Topic

Outcome = Literal[
    "sent",
    "held_out",
    "no_consent",
    "unreachable",
    "suppressed",
    "audience",
    "out_of_stock",
    "capped",
    "superseded",
    "quiet_hours",
    "failed",
    "rejected",
]
"""What may become of a message (M1); a refused message never ends a journey by itself."""

ANSWERS: Final = frozenset({"hold", "skip"})
"""Words that stand where a step's id may stand, and mean no step."""

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
    quiet_hours: Annotated[QuietHours | None, Field(description="In place of the journey's")] = None
    cap: Annotated[
        CapAnswer, Field(description="Without a place under a cap: `skip`, `{delay: 2d}` for one, or go to a step (Q5)")
    ] = "skip"
    holdout: Annotated[Holdout | None, Field(description="Customers to whom this step sends nothing (O7)")] = None
    guarded: Annotated[
        bool, Field(strict=True, description="A transactional message heeds caps and quiet hours, and counts (Q8)")
    ] = False

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
        return (*super().leads, *outcomes, Lead(("send", "on_error"), self.send.on_error), *self._answers)

    @property
    def _answers(self) -> tuple[Lead, ...]:
        """The steps to which quiet hours and a full cap lead."""
        hours, cap = self.send.quiet_hours, self.send.cap
        words: list[tuple[tuple[str, ...], str]] = []
        words += [] if hours is None else [(("send", "quiet_hours", "then"), hours.then)]
        words += [] if isinstance(cap, Delay) else [(("send", "cap"), cap)]
        return tuple(Lead(place, word) for place, word in words if word not in ANSWERS)
