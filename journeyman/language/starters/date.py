"""`on: date`: a date of the customer's comes due, or something that she buys again and again runs out (E6, P6)."""

from datetime import datetime, time
from functools import cached_property
from typing import Annotated, Any, Final, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from journeyman.language import dates
from journeyman.language.anniversaries import day_of
from journeyman.language.conditions import EventCondition
from journeyman.language.dates import Distance, LeapDay, Occurrence
from journeyman.language.document import EventName, Part
from journeyman.language.durations import Age, DateOffset, Duration
from journeyman.language.needs import Needs, needs
from journeyman.language.paths import Path, keys_of
from journeyman.language.starters.rules import EntryRules
from journeyman.language.times import LocalTime

ORDERED: Final = "Order Completed"
TAKEN_BACK: Final = ("Order Refunded", "Order Cancelled")
SOURCES: Final = ("attribute", "computed", "event", "replenishment")
_OF_A_DATE: Final = ("offset", "repeat", "leap_day", "correlate")


class Replenishment(Part):
    """What a customer bought before is about to run out: one product, those of a category, or any (P6)."""

    product: Annotated[str | None, Field(min_length=1, max_length=256, description="The id of a product")] = None
    category: Annotated[
        str | None, Field(min_length=1, max_length=500, description="A category's path, with all that is below it")
    ] = None
    lead: Annotated[Age | None, Field(description="How long before it runs out")] = None

    @model_validator(mode="after")
    def _product_or_category(self) -> Self:
        if self.product is not None and self.category is not None:
            message = "`product` and `category` choose two things; take one of them out"
            raise PydanticCustomError("misplaced", message, {"at": "category"})
        return self


class DateEntry(EntryRules):
    """A date of the profile or of an event comes due, once or every year, in the customer's own time zone."""

    on: Literal["date"]
    attribute: Annotated[Path | None, Field(description="Path of a date in the customer's attributes")] = None
    computed: Annotated[
        Path | None, Field(description="Path of a computed attribute that is an instant", examples=["first_order_at"])
    ] = None
    event: Annotated[EventName | None, Field(description="The event of which a property is the date")] = None
    where: EventCondition | None = None
    property_: Annotated[
        Path | None, Field(alias="property", description="Path of a date among the event's properties")
    ] = None
    replenishment: Annotated[Replenishment | None, Field(description="Something bought before runs out (P6)")] = None
    offset: Annotated[DateOffset | None, Field(description="How long before the date or after it")] = None
    time: Annotated[LocalTime | None, Field(description="Local time on that day")] = None
    repeat: Annotated[Literal["once", "yearly"], Field(description="`yearly` ignores the year of the date")] = "once"
    leap_day: Annotated[LeapDay, Field(description="Which day stands for 29 February in common years")] = "28 february"
    spread: Annotated[
        Duration | None, Field(description="Customers enter evenly over this long; by default within the minute (W8)")
    ] = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        given = [name for name in SOURCES if getattr(self, name) is not None]
        if len(given) != 1:
            message = (
                "a date comes from one place; write one of `attribute: birthday`, `computed: first_order_at`, "
                "`event` with `property`, or `replenishment`"
            )
            raise PydanticCustomError("one_source", message)
        if self.event is not None and self.property_ is None:
            message = "`property` is missing, the path of the event's date; add it, such as `property: departs_at`"
            raise PydanticCustomError("one_source", message)
        beside = "where" if self.where is not None else "property" if self.property_ is not None else None
        if beside is not None and self.event is None:
            message = "`{at}` goes with `event`; add the event, or take it out"
            raise PydanticCustomError("misplaced", message, {"at": beside})
        return self

    @model_validator(mode="after")
    def _fields_go_together(self) -> Self:
        given = self.model_fields_set
        beside = next((name for name in _OF_A_DATE if name in given), None)
        if self.replenishment is not None and beside is not None:
            message = "`{at}` does not go with `replenishment`, which has its `lead`; take it out"
            raise PydanticCustomError("misplaced", message, {"at": beside})
        if self.correlate is not None and self.event is None:
            message = "`correlate` goes with `event`: a date of the profile tells no runs apart; take it out"
            raise PydanticCustomError("misplaced", message, {"at": "correlate"})
        if "leap_day" in given and self.repeat != "yearly":
            message = "`leap_day` goes with `repeat: yearly`; add it, or take `leap_day` out"
            raise PydanticCustomError("misplaced", message, {"at": "leap_day"})
        if self.time is not None and self.distance.days is None:
            message = "this offset moves the time of day, and so does `time`; write whole days, such as -3d"
            raise PydanticCustomError("misplaced", message, {"at": "offset"})
        return self

    @cached_property
    def distance(self) -> Distance:
        """How far from the date, and at which local time."""
        return Distance(self.offset, time.fromisoformat(self.time) if self.time is not None else None)

    @property
    def says(self) -> str:
        if self.replenishment is not None:
            return f"**{self.replenishment.product or self.replenishment.category or 'what was bought'}** running out"
        if self.event is not None:
            return f"the date **{self.property_}** of **{self.event}**"
        return f"the date **{self.attribute or self.computed}**"

    @property
    def correlation(self) -> str | None:
        """What runs out is known by its product (P6)."""
        return "product_id" if self.replenishment is not None else self.correlate

    @property
    def sources(self) -> tuple[str, ...]:
        """The names of the events that bring dates."""
        if self.replenishment is not None:
            return (ORDERED, *TAKEN_BACK)
        return (self.event,) if self.event is not None else ()

    @property
    def needs(self) -> Needs:
        """Dates of events are read once more when they have come due: they may have moved meanwhile."""
        read = Needs(windows=dict.fromkeys(self.sources))
        return read | needs(self.where) if self.where is not None else read

    @property
    def root(self) -> str | None:
        """The first key of the path into the profile."""
        path = self.attribute or self.computed
        return keys_of(path)[0] if path is not None else None

    def next(self, value: Any, zone: ZoneInfo, after: datetime) -> Occurrence | None:  # noqa: ANN401 - any JSON value
        """When the date comes due first after an instant, if it does."""
        if self.repeat == "yearly":
            return dates.yearly(self._as_day(value, zone), self.distance, zone, self.leap_day, after)
        found = dates.once(value, self.distance, zone)
        return found if found is not None and found.at > after else None

    def again(self, key: str, value: Any, zone: ZoneInfo) -> Occurrence | None:  # noqa: ANN401 - any JSON value
        """The same occurrence of the same date, in another zone perhaps."""
        if self.repeat != "yearly":
            return dates.once(value, self.distance, zone)
        day = day_of(self._as_day(value, zone))
        return dates.in_year(day, int(key), self.distance, zone, self.leap_day) if day is not None else None

    def _as_day(self, value: Any, zone: ZoneInfo) -> Any:  # noqa: ANN401 - any JSON value
        """What events came to is an instant, of which the customer's own day counts; a profile's date as written."""
        if self.computed is None:
            return value
        found = dates.read_date(value, zone)
        try:
            return found.astimezone(zone).date().isoformat() if isinstance(found, datetime) else value
        except OverflowError:
            return None
