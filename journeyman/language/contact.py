"""What protects customers from messages at the wrong time and from too many: quiet hours, caps, holdouts (Q1-Q9, O7).

A journey has rules of its own, a step may answer in its own way, and the workspace has a contact policy for all
journeys. Where several of them say something, the strictest counts (Q9).
"""

from collections.abc import Mapping
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from journeyman.language.channels import Channel
from journeyman.language.document import KEY, OnTimeout, Part, Topic
from journeyman.language.durations import CalendarDays, Duration, Span
from journeyman.language.kinds import tag
from journeyman.language.times import LocalTime, Weekday

MOST_CAPS: Final = 20
LONGEST_WINDOW: Final = 366
"""Days that a cap may look back."""
EXPECTED: Final = 50
"""The priority of a journey that names none."""

PiledUp = Literal["all", "latest", "first", "one per journey"]
"""Which messages go that were held to the same instant for one customer, on one channel about one topic (Q4)."""


class QuietHours(Part):
    """The hours of the customer's local time in which nothing is sent to her (Q1-Q4).

    The wall clock decides: an hour that comes twice is quiet twice, one that the clocks skip is not there.
    """

    from_: Annotated[LocalTime, Field(alias="from")]
    until: Annotated[
        str,
        Field(
            pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$",
            description="Local time of day, HH:MM; before `from` it is the next day's, 24:00 is the end of the day",
            examples=["08:00"],
        ),
    ]
    then: Annotated[
        OnTimeout,
        Field(description="`hold` to the end of the window, 7 days at most; `skip` the message; or go to a step (Q1)"),
    ] = "hold"
    days: Annotated[
        tuple[Weekday, ...], Field(max_length=7, description="The days on which the window begins; default: every day")
    ] = ()
    piled_up: Annotated[
        PiledUp, Field(description="What of one channel and topic goes of the messages held to one instant (Q4)")
    ] = "latest"
    spread: Annotated[
        Duration | None, Field(description="Customers are released evenly over this long (W8); default: 30m")
    ] = None

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if self.from_ == self.until or (
            (self.from_, self.until) == ("00:00", "24:00") and len(set(self.days)) in {0, 7}
        ):
            message = "these quiet hours never end; write an `until` after which messages may go"
            raise PydanticCustomError("quiet_always", message, {"at": "until"})
        return self


def _no_step(word: str) -> str:
    if word not in {"hold", "skip"}:
        raise PydanticCustomError("no_step", "all journeys together have no step to go to; write `hold` or `skip`")
    return word


class WorkspaceQuietHours(QuietHours):
    """Quiet hours of all journeys: there is no step to go to."""

    then: Annotated[
        OnTimeout,
        AfterValidator(_no_step),
        Field(
            description="`hold` to the end of the window, or `skip` the message (Q1)",
            json_schema_extra={"enum": ["hold", "skip"]},
        ),
    ] = "hold"


def _bounded(span: Duration | CalendarDays) -> Duration | CalendarDays:
    days = span.days if isinstance(span, CalendarDays) else span.timedelta.days
    if days > LONGEST_WINDOW:
        raise PydanticCustomError("cap_window", "a cap looks back a year at most; write a shorter `per`")
    return span


class Cap(Part):
    """At most so many messages in a window, counted when they are handed over (Q5-Q7).

    `7d` is a window that rolls: the 7 times 24 hours before. `1 calendar day` begins at the customer's midnight. With
    `points` messages weigh differently, so that a cap over all channels is a budget of pressure.
    """

    max: Annotated[int, Field(ge=1, le=1000, strict=True, description="Messages, or points, in the window")]
    per: Annotated[Span, AfterValidator(_bounded)]
    channel: Annotated[Channel | None, Field(description="Messages on this channel alone")] = None
    topic: Annotated[Topic | None, Field(description="Messages about this topic alone")] = None
    points: Annotated[
        Mapping[Channel, Annotated[int, Field(ge=0, le=10_000, strict=True)]],
        Field(description="What a message of a channel counts; default: 1"),
    ] = {}


class JourneyCap(Cap):
    """A cap of a journey."""

    of: Annotated[
        Literal["journey", "any journey"], Field(description="Whose messages count: this journey's, or everybody's")
    ] = "journey"


class Holdout(Part):
    """A share of customers who walk the whole way and are sent nothing, so that it is seen what sending brings (O7)."""

    share: Annotated[float, Field(gt=0, lt=100, strict=True, description="Per cent of the customers")]
    salt: Annotated[
        str | None, Field(min_length=1, max_length=64, description="Another salt holds out other customers")
    ] = None


class Delay(Part):
    """Wait for a place under the cap."""

    delay: Annotated[Duration, Field(description="How long at most; after it the message is `capped`")]


CapAnswer = Annotated[
    Annotated[Delay, Tag(tag("delay"))] | Annotated[str, Field(pattern=KEY), Tag(tag("word"))],
    Discriminator(lambda value: tag("delay" if isinstance(value, dict | Delay) else "word")),
]
"""What follows when there is no place under a cap: `skip`, `{delay: 2d}` or a step (Q5)."""


class ContactPolicy(Part):
    """What holds of all journeys of the workspace."""

    quiet_hours: WorkspaceQuietHours | None = None
    national_hours: Annotated[
        bool,
        Field(
            strict=True,
            description="Text messages heed the hours of the country of the customer's number besides; `false` where "
            "the workspace has rules of its own",
        ),
    ] = True
    caps: Annotated[tuple[Cap, ...], Field(max_length=MOST_CAPS)] = ()
    holdout: Annotated[Holdout | None, Field(description="Customers to whom no journey sends marketing (O7)")] = None
    click_worth: Annotated[
        float | None,
        Field(
            gt=0, description="What a click on a message is worth, so that `best_channel` reckons with what it costs"
        ),
    ] = None
    channel_costs: Annotated[
        Mapping[Channel, Annotated[float, Field(ge=0)]],
        Field(description="What a message of a channel costs, in the currency of `click_worth`; default: nothing"),
    ] = {}

    @model_validator(mode="after")
    def _costs_of_something(self) -> Self:
        if self.channel_costs and self.click_worth is None:
            message = "costs can only be weighed against what a click is worth; add `click_worth`"
            raise PydanticCustomError("costs_alone", message, {"at": "channel_costs"})
        return self
