"""What may happen to a customer, as starters, exits and goals name it: one model for each, shared by all of them."""

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, model_validator
from pydantic_core import PydanticCustomError

from journeyman.language.changes import AnyChange, changes_in_words
from journeyman.language.channels import TITLES, receipt_name
from journeyman.language.conditions import Condition, EventCondition
from journeyman.language.document import KEY, EventName, Part
from journeyman.language.durations import Offset
from journeyman.language.kinds import tag
from journeyman.language.paths import Path
from journeyman.language.times import Instant, LocalTime
from journeyman.language.values import Name

SEGMENT_ENTERED: Final = "Segment Entered"
SEGMENT_LEFT: Final = "Segment Left"


class EventTrigger(Part):
    """A customer event, of those for which `where` holds."""

    event: EventName
    where: EventCondition | None = None

    @property
    def says(self) -> str:
        return f"**{self.event}**"


class AttributeTrigger(Part):
    """A real change of an attribute's value (E5), or of what the customer's events come to.

    Without `changes_to` and `changes_from` any change counts. Null stands for no value at all.
    """

    attribute: Annotated[Path | None, Field(description="Path into the customer's attributes")] = None
    computed: Annotated[Path | None, Field(description="Path into the computed attributes", examples=["orders"])] = None
    changes: AnyChange = None
    changes_to: Annotated[Any, Field(description="The value after the change")] = None
    changes_from: Annotated[Any, Field(description="The value before the change; null is none")] = None

    @model_validator(mode="after")
    def _one_attribute(self) -> Self:
        if (self.attribute is None) == (self.computed is None):
            message = "a change is one of `attribute` or `computed`; write one of them, such as `attribute: tier`"
            raise PydanticCustomError("one_source", message)
        if self.changes and self.model_fields_set & {"changes_to", "changes_from"}:
            message = "`changes: true` is any change; take it out, or take out `changes_to` and `changes_from`"
            raise PydanticCustomError("misplaced", message, {"at": "changes"})
        return self

    @property
    def path(self) -> str:
        return self.attribute or self.computed or ""

    @property
    def says(self) -> str:
        return f"a change of **{self.path}**{changes_in_words(self)}"


class SegmentTrigger(Part):
    """Coming into a segment, or leaving it: by an event, by time or by hand."""

    segment: Annotated[Name, Field(description="The key of a segment", examples=["vip"])]
    direction: Literal["enters", "leaves"] = "enters"

    @property
    def event(self) -> str:
        """The event by which the segment tells."""
        return SEGMENT_ENTERED if self.direction == "enters" else SEGMENT_LEFT

    @property
    def says(self) -> str:
        return f"{'entering' if self.direction == 'enters' else 'leaving'} the segment **{self.segment}**"


class MessageTrigger(Part):
    """What becomes of a message of this run."""

    message: Annotated[str, Field(pattern=KEY, description="The step that sent it, or `any`")]
    status: Literal["delivered", "opened", "clicked", "bounced", "complained", "unsubscribed"]

    @property
    def events(self) -> frozenset[str]:
        """The events that tell of it, one for each channel."""
        return frozenset(receipt_name(channel, self.status) for channel in TITLES)

    @property
    def says(self) -> str:
        return f"**{self.message}** {self.status}"


class ConditionTrigger(Part):
    """A condition on the customer that comes to hold: by an event, by a change, or by time alone."""

    when: Condition

    @property
    def says(self) -> str:
        return "a condition that came to hold"


class DateTrigger(Part):
    """An instant, or a date of the profile or of the entry with an offset; at a local time where `time` is given."""

    instant: Instant | None = None
    attribute: Annotated[Path | None, Field(description="Path of a date in the customer's attributes")] = None
    entry: Annotated[Path | None, Field(description="Path of a date in what started the run")] = None
    offset: Offset | None = None
    time: LocalTime | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        given = [name for name in ("instant", "attribute", "entry") if getattr(self, name) is not None]
        if len(given) != 1:
            message = "a date comes from one place; write one of `instant`, `attribute` or `entry`"
            raise PydanticCustomError("one_source", message)
        beside = next((name for name in ("offset", "time") if getattr(self, name) is not None), None)
        if given == ["instant"] and beside is not None:
            message = "`{at}` goes with a date of the profile or the entry; take it out"
            raise PydanticCustomError("misplaced", message, {"at": beside})
        return self

    @property
    def says(self) -> str:
        return "a date"


Trigger = EventTrigger | AttributeTrigger | SegmentTrigger | MessageTrigger | ConditionTrigger | DateTrigger


def on_one_of(kinds: Sequence[str]) -> tuple[Discriminator, BeforeValidator]:
    """Tells members of a union apart by their `on`, and refuses what is on none of `kinds`."""

    def kind(value: object) -> str | None:
        on = value.get("on") if isinstance(value, dict) else getattr(value, "on", None)
        return tag(on) if isinstance(on, str) and on in kinds else None

    def check(value: object) -> object:
        if kind(value) is not None:
            return value
        known = ", ".join(kinds)
        if not isinstance(value, dict):
            message = "this does not say what happens; write {on: event, event: Order Completed}, for example"
            raise PydanticCustomError("trigger", message)
        if "on" not in value:
            message = "`on` is missing, which says what happens; write one of: {known}"
            raise PydanticCustomError("trigger", message, {"known": known, "at": "on"})
        on = value["on"]
        if not isinstance(on, str) or not on:
            message = "`on` is one word, which says what happens; write one of: {known}"
            raise PydanticCustomError("trigger", message, {"known": known, "at": "on"})
        message = "`on: {on}` cannot stand here; write one of: {known}"
        raise PydanticCustomError("trigger", message, {"on": on, "known": known, "at": "on"})

    return Discriminator(kind), BeforeValidator(check)
