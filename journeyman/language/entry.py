"""What starts a journey: one file a starter, and here what tells them apart (E1-E6)."""

from typing import Annotated

from pydantic import BeforeValidator, Discriminator, Tag
from pydantic_core import PydanticCustomError

from journeyman.language.kinds import tag
from journeyman.language.starters.api import ApiEntry
from journeyman.language.starters.attribute_change import AttributeEntry
from journeyman.language.starters.date import DateEntry
from journeyman.language.starters.event import EventEntry
from journeyman.language.starters.journey import JourneyEntry
from journeyman.language.starters.products import BackInStockEntry, LowStockEntry, PriceDropEntry
from journeyman.language.starters.schedule import ScheduleEntry
from journeyman.language.starters.segment import SegmentEntry

STARTERS = (
    *("event", "attribute_change", "date", "segment", "schedule", "price_drop", "back_in_stock", "low_stock"),
    *("journey", "api"),
)


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
    raise PydanticCustomError("starter", message, {"on": on, "there": there, "at": "on"})


Entry = Annotated[
    Annotated[EventEntry, Tag(tag("event"))]
    | Annotated[AttributeEntry, Tag(tag("attribute_change"))]
    | Annotated[DateEntry, Tag(tag("date"))]
    | Annotated[SegmentEntry, Tag(tag("segment"))]
    | Annotated[ScheduleEntry, Tag(tag("schedule"))]
    | Annotated[PriceDropEntry, Tag(tag("price_drop"))]
    | Annotated[BackInStockEntry, Tag(tag("back_in_stock"))]
    | Annotated[LowStockEntry, Tag(tag("low_stock"))]
    | Annotated[JourneyEntry, Tag(tag("journey"))]
    | Annotated[ApiEntry, Tag(tag("api"))],
    Discriminator(_kind_of_entry),
    BeforeValidator(_check_starter),
]
