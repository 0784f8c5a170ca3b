"""What takes a customer out of a journey at once, whatever the step (W9)."""

from typing import Annotated, Final, Literal

from pydantic import Field, Tag

from journeyman.language.document import Part
from journeyman.language.kinds import tag
from journeyman.language.triggers import (
    AttributeTrigger,
    ConditionTrigger,
    DateTrigger,
    EventTrigger,
    MessageTrigger,
    SegmentTrigger,
    on_one_of,
)

EXITS: Final = ("event", "attribute_change", "segment", "message", "date", "condition")


class Exit(Part):
    """What all exits share."""

    outcome: Annotated[str, Field(min_length=1, max_length=64, description="How the run ended")] = "exited"


class ExitOnEvent(EventTrigger, Exit):
    """A customer event takes the customer out."""

    on: Literal["event"]


class ExitOnAttribute(AttributeTrigger, Exit):
    """A real change of the profile takes the customer out (E5)."""

    on: Literal["attribute_change"]


class ExitOnSegment(SegmentTrigger, Exit):
    """Coming into a segment, or leaving it, takes the customer out."""

    on: Literal["segment"]


class ExitOnMessage(MessageTrigger, Exit):
    """What becomes of a message of the run takes the customer out."""

    on: Literal["message"]


class ExitOnDate(DateTrigger, Exit):
    """The customer is out as soon as it is that time; a date gone by lets nobody in, no date at all does nothing."""

    on: Literal["date"]


class ExitOnCondition(ConditionTrigger, Exit):
    """The customer is out as soon as the condition holds, and nobody is in for whom it does."""

    on: Literal["condition"]


_KIND, _CHECK = on_one_of(EXITS)

ExitRule = Annotated[
    Annotated[ExitOnEvent, Tag(tag("event"))]
    | Annotated[ExitOnAttribute, Tag(tag("attribute_change"))]
    | Annotated[ExitOnSegment, Tag(tag("segment"))]
    | Annotated[ExitOnMessage, Tag(tag("message"))]
    | Annotated[ExitOnDate, Tag(tag("date"))]
    | Annotated[ExitOnCondition, Tag(tag("condition"))],
    _KIND,
    _CHECK,
]
