"""Who enters a journey, how often, and what takes them out again (E1-E5, W9, C1-C3)."""

from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag
from pydantic_core import PydanticCustomError

from journeyman.language.conditions import EventCondition
from journeyman.language.document import KEY, EventName, Part
from journeyman.language.durations import Duration
from journeyman.language.kinds import tag
from journeyman.language.paths import Path
from journeyman.language.starters.api import ApiEntry
from journeyman.language.starters.event import EventEntry

STARTERS = ("event", "api")
STARTERS_NOT_YET: Final = frozenset(
    {"attribute_change", "date", "segment", "schedule", "price_drop", "back_in_stock", "low_stock", "journey"}
)
RULES_NOT_YET: Final = frozenset({"attribute_change", "segment", "message", "date"})
"""What an exit or a goal may be on in the language, and not in this release."""


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
