"""`send`: one message on one channel."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from journeyman.language.channels import AT_MOST_ONCE, NO_SENDING, SENDING
from journeyman.language.contact import CapAnswer, Delay, Holdout, QuietHours
from journeyman.language.document import KEY, Lead, OnTimeout, Part, StepPart, Target, Topic
from journeyman.language.needs import Needs
from journeyman.language.steps.wait import BestTime

Outcome = Literal[
    "sent",
    "held_out",
    "no_consent",
    "unreachable",
    "suppressed",
    "audience",
    "out_of_stock",
    "no_coupon",
    "no_lookup",
    "capped",
    "superseded",
    "quiet_hours",
    "failed",
    "rejected",
]
"""What may become of a message (M1); a refused message never ends a journey by itself."""

ANSWERS: Final = frozenset({"hold", "skip"})
"""Words that stand where a step's id may stand, and mean no step."""


class Send(Part):
    """What is sent, and where each outcome leads."""

    channel: Annotated[str, Field(min_length=1, description=f"One of {', '.join(SENDING)}")]
    template: Annotated[str, Field(pattern=KEY)]
    topic: Annotated[Topic | None, Field(description="Default: the journey's topic")] = None
    coupon: Annotated[
        str | None,
        Field(pattern=KEY, description="The pool of which the message brings a code (M6)", examples=["ten-off"]),
    ] = None
    delivery: Annotated[
        Literal["at_least_once", "at_most_once"] | None,
        Field(
            description="What a hand-over without an answer means: sent again, or not (M4); "
            f"default: `at_most_once` on {', '.join(sorted(AT_MOST_ONCE & {*SENDING}))}, else `at_least_once`"
        ),
    ] = None
    on: Mapping[Outcome, Target] = Field(default_factory=dict, description="Where an outcome leads; default: on")
    on_error: Annotated[
        OnTimeout, Field(description="After the last attempt on a failing provider: `continue`, `exit` or a step (M5)")
    ] = "continue"
    quiet_hours: Annotated[QuietHours | None, Field(description="In place of the journey's")] = None
    cap: Annotated[
        CapAnswer, Field(description="Without a place under a cap: `skip`, `{delay: 2d}` for one, or go to a step (Q5)")
    ] = "skip"
    holdout: Annotated[Holdout | None, Field(description="Customers to whom this step sends nothing (O7)")] = None
    at: Annotated[
        BestTime | None,
        Field(
            description="Wait for the best time within a while (O1): `best_time`, which is `{within: 1d}`, or its parts"
        ),
    ] = None
    guarded: Annotated[
        bool, Field(strict=True, description="A transactional message heeds caps and quiet hours, and counts (Q8)")
    ] = False

    @classmethod
    def not_yet(cls) -> Mapping[str, str]:
        return {
            "best_channel": "write one `channel`",
            "fallback": "take it out, and let `on` lead to another step",
        }

    @field_validator("at", mode="before")
    @classmethod
    def _short_at(cls, at: object) -> object:
        """`best_time` is the best time within a day."""
        return {"within": "1d"} if at == "best_time" else at

    @field_validator("channel")
    @classmethod
    def _channel_is_there(cls, channel: str) -> str:
        known = {"channel": channel, "channels": ", ".join(SENDING)}
        if channel in NO_SENDING:
            message = "channel `{channel}` {reason}; messages go out on: {channels}"
            raise PydanticCustomError("not_yet", message, {**known, "reason": NO_SENDING[channel]})
        if channel not in SENDING:
            raise PydanticCustomError("channel", "there is no channel `{channel}`; write one of: {channels}", known)
        return channel

    @property
    def is_once_at_most(self) -> bool:
        """Whether a hand-over without an answer is not made again."""
        return self.delivery == "at_most_once" or (self.delivery is None and self.channel in AT_MOST_ONCE)


class SendStep(StepPart):
    """Sends, whatever comes of it goes on."""

    kind: ClassVar[str] = "send"
    send: Send

    @property
    def needs(self) -> Needs:
        return Needs(timing=self.send.at is not None)

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
