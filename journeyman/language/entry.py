"""Who enters a journey, how often, and what takes them out again (E1-E5, W9, C1-C3)."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from journeyman.language.conditions import Condition, EventCondition
from journeyman.language.document import KEY, EventName, Part
from journeyman.language.durations import Duration
from journeyman.language.kinds import tag
from journeyman.language.paths import Path

STARTERS = ("event", "api")
STARTERS_NOT_YET: Final = frozenset(
    {"attribute_change", "date", "segment", "schedule", "price_drop", "back_in_stock", "low_stock", "journey"}
)
RULES_NOT_YET: Final = frozenset({"attribute_change", "segment", "message", "date"})
"""What an exit or a goal may be on in the language, and not in this release."""


def _fields_of(value: object) -> frozenset[str]:
    if isinstance(value, Part):
        return frozenset(type(value).model_fields)
    return frozenset(value) if isinstance(value, dict) else frozenset()


class ReentryAfter(Part):
    """Again after a while (E3)."""

    after: Duration
    since: Literal["entry", "exit"] = "exit"


class ReentryMax(Part):
    """Again until `max` entries within `per` (E3)."""

    max: Annotated[int, Field(ge=1, le=1000, strict=True)]
    per: Duration


def _kind_of_reentry(value: object) -> str:
    if isinstance(value, str):
        return tag("word")
    return tag("max" if _fields_of(value) & {"max", "per"} else "after")


def _check_reentry(value: object) -> object:
    if isinstance(value, str) or _fields_of(value):
        return value
    message = "this does not say how often; write never, always, {after: 7d} or {max: 3, per: 30d}"
    raise PydanticCustomError("reentry", message)


Reentry = Annotated[
    Annotated[Literal["never", "always"], Tag(tag("word"))]
    | Annotated[ReentryAfter, Tag(tag("after"))]
    | Annotated[ReentryMax, Tag(tag("max"))],
    Discriminator(_kind_of_reentry),
    BeforeValidator(_check_reentry),
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
            message = "`while_live: parallel` needs `correlate`, which tells the runs apart; add `correlate: cart_id`"
            raise PydanticCustomError("needs_correlate", message, {"at": "while_live"})
        return self


class EventEntry(EntryRules):
    """A customer event starts a run."""

    on: Literal["event"]
    event: EventName
    where: EventCondition | None = None

    @classmethod
    def not_yet(cls) -> Mapping[str, str]:
        return dict.fromkeys(("count", "within"), "take it out, and count with an `event` condition in `audience`")


class ApiEntry(EntryRules):
    """A call of `POST /v1/journeys/{key}/enter` starts a run; its context is the entry."""

    on: Literal["api"]


def _kind_of_entry(value: object) -> str | None:
    on = value.get("on") if isinstance(value, dict) else getattr(value, "on", None)
    return tag(on) if isinstance(on, str) and on in STARTERS else None


def _check_starter(value: object) -> object:
    """Says in one sentence that an entry is on nothing, on nothing known or on what is still to come."""
    if _kind_of_entry(value) is not None:
        return value
    if not isinstance(value, dict):
        message = "this does not say what starts the journey; write {on: event, event: Order Completed}"
        raise PydanticCustomError("starter", message)
    there = " or ".join(f"`on: {starter}`" for starter in STARTERS)
    if "on" not in value:
        message = "`on` is missing, which says what starts the journey; add {there}"
        raise PydanticCustomError("starter", message, {"there": there, "at": "on"})
    on = value["on"]
    if not isinstance(on, str) or not on:
        message = "`on` is one word, which says what starts the journey; write {there}"
        raise PydanticCustomError("starter", message, {"there": there, "at": "on"})
    message = "`{on}` starts no journey; write {there}"
    if on in STARTERS_NOT_YET:
        message = "starter `{on}` is not available yet; write {there}"
    raise PydanticCustomError("starter", message, {"on": on, "there": there, "at": "on"})


Entry = Annotated[
    Annotated[EventEntry, Tag(tag("event"))] | Annotated[ApiEntry, Tag(tag("api"))],
    Discriminator(_kind_of_entry),
    BeforeValidator(_check_starter),
]


def _check_rule(on: object) -> object:
    if isinstance(on, str) and on in RULES_NOT_YET:
        raise PydanticCustomError("not_yet", "`on: {on}` is not available here yet; write `on: event`", {"on": on})
    return on


OnEvent = Annotated[Literal["event"], BeforeValidator(_check_rule)]


class ExitRule(Part):
    """An event that takes the customer out at once, whatever the step (W9)."""

    on: OnEvent
    event: EventName
    where: EventCondition | None = None
    outcome: Annotated[str, Field(min_length=1, max_length=64)] = "exited"


class GoalValue(Part):
    """The goal's value is a number among the event's properties."""

    property: Path


Worth = Annotated[
    Annotated[GoalValue, Tag(tag("property"))] | Annotated[float, Field(strict=True), Tag(tag("number"))],
    Discriminator(lambda value: tag("property" if isinstance(value, dict | GoalValue) else "number")),
]


class Goal(Part):
    """What the journey is for: an event within a window after the anchor (C2), with a value if it has one."""

    key: Annotated[str, Field(pattern=KEY)]
    on: OnEvent
    event: EventName
    where: EventCondition | None = None
    value: Worth | None = None
    within: Duration
    anchor: Literal["entry", "send", "open", "click"] = "entry"
