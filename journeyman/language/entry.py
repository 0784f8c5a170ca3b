"""Who enters a journey, how often, and what takes them out again (E1-E5, W9, C1-C3)."""

from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from journeyman.language.conditions import Condition, EventCondition
from journeyman.language.document import KEY, EventName, Part
from journeyman.language.durations import Duration

STARTERS = ("event", "api")
STARTERS_NOT_YET = (
    "attribute_change",
    "date",
    "segment",
    "schedule",
    "price_drop",
    "back_in_stock",
    "low_stock",
    "journey",
)

Path = Annotated[str, Field(min_length=1, max_length=200, description="A dotted path, such as `cart_id`")]


class ReentryAfter(Part):
    """Again after a while (E3)."""

    after: Duration
    since: Literal["entry", "exit"] = "exit"


class ReentryMax(Part):
    """Again until `max` entries within `per` (E3)."""

    max: Annotated[int, Field(ge=1, le=1000)]
    per: Duration


def _kind_of_reentry(value: object) -> str:
    if isinstance(value, str):
        return "word"
    fields = value.keys() if isinstance(value, dict) else type(value).model_fields if isinstance(value, Part) else ()
    return "max" if "max" in fields else "after"


Reentry = Annotated[
    Annotated[Literal["never", "always"], Tag("word")]
    | Annotated[ReentryAfter, Tag("after")]
    | Annotated[ReentryMax, Tag("max")],
    Discriminator(_kind_of_reentry),
]


class EntryRules(Part):
    """What both starters share."""

    correlate: Annotated[Path | None, Field(description="What tells parallel runs of one customer apart (E1)")] = None
    audience: Annotated[Condition | None, Field(description="Who may enter, judged with the event in view (E2)")] = None
    reentry: Reentry = "always"
    while_live: Annotated[
        Literal["ignore", "restart", "parallel"],
        Field(description="A trigger while the run of the same key is live (E4)"),
    ] = "ignore"

    @model_validator(mode="after")
    def _parallel_needs_a_key(self) -> Self:
        if self.while_live == "parallel" and self.correlate is None:
            raise PydanticCustomError(
                "needs_correlate", "`while_live: parallel` needs `correlate`, which tells the runs apart"
            )
        return self


class EventEntry(EntryRules):
    """A customer event starts a run."""

    on: Literal["event"]
    event: EventName
    where: EventCondition | None = None

    @classmethod
    def not_yet(cls) -> frozenset[str]:
        return frozenset({"count", "within"})


class ApiEntry(EntryRules):
    """A call of `POST /v1/journeys/{key}/enter` starts a run; its context is the entry."""

    on: Literal["api"]


Entry = Annotated[EventEntry | ApiEntry, Field(discriminator="on")]


class ExitRule(Part):
    """An event that takes the customer out at once, whatever the step (W9)."""

    on: Literal["event"]
    event: EventName
    where: EventCondition | None = None
    outcome: Annotated[str, Field(min_length=1, max_length=64)] = "exited"


class Goal(Part):
    """What the journey is for: an event within a window after the anchor (C2), with a value if it has one."""

    key: Annotated[str, Field(pattern=KEY)]
    on: Literal["event"]
    event: EventName
    where: EventCondition | None = None
    value: "GoalValue | float | None" = None
    within: Duration
    anchor: Literal["entry", "send", "open", "click"] = "entry"


class GoalValue(Part):
    """The goal's value is a number among the event's properties."""

    property: Path
