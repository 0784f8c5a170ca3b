"""What a journey is for: what has to happen, within which window, and what it is worth (C1-C3)."""

from typing import Annotated, Any, Final, Literal

from pydantic import Discriminator, Field, Tag

from journeyman.language.document import KEY, Part
from journeyman.language.durations import Duration
from journeyman.language.kinds import tag
from journeyman.language.paths import Path
from journeyman.language.triggers import (
    AttributeTrigger,
    ConditionTrigger,
    EventTrigger,
    MessageTrigger,
    SegmentTrigger,
    on_one_of,
)

GOALS: Final = ("event", "attribute_change", "segment", "message", "condition")


class GoalValue(Part):
    """The goal's value is a number among the event's properties."""

    property: Path


def _kind_of_worth(value: Any) -> str:  # noqa: ANN401 - whatever a document holds
    return tag("property" if isinstance(value, dict | GoalValue) else "number")


Number = Annotated[float, Field(strict=True)]
Worth = Annotated[
    Annotated[GoalValue, Tag(tag("property"))] | Annotated[Number, Tag(tag("number"))],
    Discriminator(_kind_of_worth),
]


class GoalRules(Part):
    """What all goals share: a window after the anchor (C2), and a value if there is one."""

    key: Annotated[str, Field(pattern=KEY)]
    within: Duration
    anchor: Literal["entry", "send", "open", "click"] = "entry"


class PlainGoal(GoalRules):
    """What goals share that are on no event, and so on no property of one."""

    value: Number | None = None


class GoalOnEvent(EventTrigger, GoalRules):
    """A customer event reaches the goal; its value may be one of the event's properties."""

    on: Literal["event"]
    value: Worth | None = None


class GoalOnAttribute(AttributeTrigger, PlainGoal):
    """A real change of the profile reaches the goal (E5)."""

    on: Literal["attribute_change"]


class GoalOnSegment(SegmentTrigger, PlainGoal):
    """Coming into a segment, or leaving it, reaches the goal."""

    on: Literal["segment"]


class GoalOnMessage(MessageTrigger, PlainGoal):
    """What becomes of a message of the run reaches the goal."""

    on: Literal["message"]


class GoalOnCondition(ConditionTrigger, PlainGoal):
    """A condition that comes to hold reaches the goal."""

    on: Literal["condition"]


_KIND, _CHECK = on_one_of(GOALS)

Goal = Annotated[
    Annotated[GoalOnEvent, Tag(tag("event"))]
    | Annotated[GoalOnAttribute, Tag(tag("attribute_change"))]
    | Annotated[GoalOnSegment, Tag(tag("segment"))]
    | Annotated[GoalOnMessage, Tag(tag("message"))]
    | Annotated[GoalOnCondition, Tag(tag("condition"))],
    _KIND,
    _CHECK,
]
