"""`send`: one message, on one channel or on the best of several."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import Discriminator, Field, Tag, field_validator, model_validator
from pydantic_core import PydanticCustomError

from journeyman.language.channels import AT_MOST_ONCE, NO_SENDING, SENDING
from journeyman.language.contact import CapAnswer, Delay, Holdout, QuietHours
from journeyman.language.document import KEY, Lead, OnTimeout, Part, StepPart, Target, Topic
from journeyman.language.kinds import tag
from journeyman.language.needs import Needs, reach_needs
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

    channel: Annotated[str | None, Field(min_length=1, description=f"One of {', '.join(SENDING)}")] = None
    best_channel: Annotated[
        tuple[str, ...],
        Field(
            max_length=len(SENDING),
            description="In place of `channel`: the one of these on which the customer answers best (O2); where too "
            "little is known of that, the first that can be used",
            examples=[["push", "whatsapp", "sms"]],
        ),
    ] = ()
    fallback: Annotated[
        tuple[str, ...],
        Field(
            max_length=len(SENDING),
            description="The channels that are tried in turn when the message cannot go on `channel`",
            examples=[["sms"]],
        ),
    ] = ()
    template: Annotated[
        Annotated[str, Field(pattern=KEY), Tag(tag("key"))]
        | Annotated[Mapping[str, Annotated[str, Field(pattern=KEY)]], Tag(tag("mapping"))],
        Discriminator(lambda value: tag("key" if isinstance(value, str) else "mapping")),
        Field(
            description="The template's key. With several channels one for each: `{sms: call, push: ring}`, or a key "
            "to which the channel is added, so that `offer` stands for `offer-sms` and `offer-web-push`"
        ),
    ]
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

    @field_validator("at", mode="before")
    @classmethod
    def _short_at(cls, at: object) -> object:
        """`best_time` is the best time within a day."""
        return {"within": "1d"} if at == "best_time" else at

    @field_validator("channel", "best_channel", "fallback")
    @classmethod
    def _channels_are_there(cls, given: str | tuple[str, ...] | None) -> str | tuple[str, ...] | None:
        named = (given,) if isinstance(given, str) else given or ()
        for channel in named:
            known = {"channel": channel, "channels": ", ".join(SENDING)}
            if channel in NO_SENDING:
                message = "channel `{channel}` {reason}; messages go out on: {channels}"
                raise PydanticCustomError("not_yet", message, {**known, "reason": NO_SENDING[channel]})
            if channel not in SENDING:
                raise PydanticCustomError("channel", "there is no channel `{channel}`; write one of: {channels}", known)
        if len(set(named)) < len(named):
            raise PydanticCustomError("channel_twice", "a channel stands here twice; take one out")
        return given

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.channel is None and not self.best_channel:
            message = "`channel` is missing; add `channel`, such as `channel: email`, or `best_channel: [push, sms]`"
            raise PydanticCustomError("channel_missing", message, {"at": "channel"})
        if self.channel is not None and self.best_channel:
            message = "a message goes on one `channel`, or on the `best_channel` of several; take one of them out"
            raise PydanticCustomError("one_channel", message, {"at": "best_channel"})
        if self.best_channel and self.fallback:
            message = "the others of `best_channel` are tried anyway; take `fallback` out"
            raise PydanticCustomError("fallback", message, {"at": "fallback"})
        if len(self.best_channel) == 1:
            message = "one channel is the best of nothing; write `channel`"
            raise PydanticCustomError("best_of_one", message, {"at": "best_channel"})
        if self.channel in self.fallback:
            message = "`{channel}` is the channel that is tried first; take it out"
            raise PydanticCustomError("fallback", message, {"at": "fallback", "channel": self.channel})
        lacking = [] if isinstance(self.template, str) else [one for one in self.channels if one not in self.template]
        if lacking:
            message = "there is no template for `{channel}`; add it, such as `{channel}: offer-{channel}`"
            raise PydanticCustomError("template_lacks", message, {"at": "template", "channel": lacking[0]})
        return self

    @property
    def channels(self) -> tuple[str, ...]:
        """Every channel on which the message may go, in the author's order."""
        return self.best_channel or tuple(one for one in (self.channel, *self.fallback) if one is not None)

    def template_for(self, channel: str) -> str:
        """The key of the template for a channel."""
        if not isinstance(self.template, str):
            return self.template[channel]
        return self.template if len(self.channels) == 1 else f"{self.template}-{channel.replace('_', '-')}"

    def on_channel(self, channel: str) -> Self:
        """The same message on this channel alone."""
        only = {"channel": channel, "template": self.template_for(channel), "best_channel": (), "fallback": ()}
        return self.model_copy(update=only)

    @property
    def is_once_at_most(self) -> bool:
        """Whether a hand-over without an answer is not made again."""
        return self.delivery == "at_most_once" or (self.delivery is None and self.channels[0] in AT_MOST_ONCE)


class SendStep(StepPart):
    """Sends, whatever comes of it goes on."""

    kind: ClassVar[str] = "send"
    send: Send

    def on_channel(self, channel: str) -> Self:
        """The same step with its message on this channel alone."""
        return self.model_copy(update={"send": self.send.on_channel(channel)})

    @property
    def needs(self) -> Needs:
        several = reach_needs(self.send.channels) if len(self.send.channels) > 1 else Needs()
        return several | Needs(timing=self.send.at is not None)

    @property
    def outside(self) -> str | None:
        return self.send.channels[0]

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
