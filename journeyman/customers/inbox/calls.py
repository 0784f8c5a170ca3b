"""The six calls of the Segment spec (segment.com/docs/connections/spec), as clients send them.

Fields that the product does not read (`integrations`, `channel`, `_metadata`, ...) are passed over; null is absent.
"""

from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

Document = dict[str, Any]


def _instant(value: object) -> object:
    if value is None:
        return None
    try:
        read = datetime.fromisoformat(value.upper() if isinstance(value, str) else "")
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        raise PydanticCustomError("instant", "is not an ISO 8601 date and time") from None


Identifier = Annotated[str, Field(max_length=512)]
OptionalId = Annotated[Identifier | None, Field(examples=["user-1"])]
Instant = Annotated[
    datetime | None,
    BeforeValidator(_instant),
    WithJsonSchema({"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]}),
]


class Call(BaseModel):
    """What every call may carry. A time without zone is UTC; ids may be numbers and are kept as text."""

    model_config = ConfigDict(alias_generator=to_camel, coerce_numbers_to_str=True)

    kind: ClassVar[str]
    event_name: ClassVar[str]

    message_id: OptionalId = None
    user_id: OptionalId = None
    anonymous_id: OptionalId = None
    timestamp: Instant = None
    original_timestamp: Instant = None
    sent_at: Instant = None
    context: Document | None = None

    def name(self) -> str:
        return self.event_name

    def names_somebody(self) -> bool:
        return bool(self.user_id or self.anonymous_id)

    def details(self) -> Document:
        """What this kind of call adds to the stored form, under the stored form's keys."""
        return {}


class Track(Call):
    """A customer did something."""

    kind: ClassVar = "track"

    event: Annotated[str, Field(min_length=1, max_length=200, examples=["Order Completed"])]
    properties: Document | None = None

    def name(self) -> str:
        return self.event

    def details(self) -> Document:
        return {"properties": self.properties}


class Identify(Call):
    """Who a customer is. RudderStack's clients put the traits into `context.traits`."""

    kind: ClassVar = "identify"
    event_name: ClassVar = "Identified"

    traits: Document | None = None

    def details(self) -> Document:
        elsewhere = (self.context or {}).get("traits")
        if isinstance(elsewhere, dict):
            return {"traits": elsewhere | (self.traits or {})}
        return {"traits": self.traits}


class _Seen(Call):
    page_name: Annotated[str | None, Field(alias="name", max_length=2000)] = None
    category: Annotated[str | None, Field(max_length=2000)] = None
    properties: Document | None = None

    def details(self) -> Document:
        named = {"name": self.page_name, "category": self.category}
        return {"properties": (self.properties or {}) | {key: value for key, value in named.items() if value}}


class Page(_Seen):
    """A customer saw a page."""

    kind: ClassVar = "page"
    event_name: ClassVar = "Page Viewed"


class Screen(_Seen):
    """A customer saw a screen of an app."""

    kind: ClassVar = "screen"
    event_name: ClassVar = "Screen Viewed"


class Group(Call):
    """A customer belongs to a company, team or household."""

    kind: ClassVar = "group"
    event_name: ClassVar = "Grouped"

    group_id: Annotated[Identifier, Field(min_length=1)]
    traits: Document | None = None

    def details(self) -> Document:
        return {"groupId": self.group_id, "traits": self.traits}


class Alias(Call):
    """Two ids are one customer: what was known as `previousId` is now `userId`."""

    model_config = ConfigDict(json_schema_extra={"required": ["previousId", "userId"]})

    kind: ClassVar = "alias"
    event_name: ClassVar = "Aliased"

    previous_id: Annotated[Identifier, Field(min_length=1)]

    def names_somebody(self) -> bool:
        return bool(self.user_id)

    def details(self) -> Document:
        return {"previousId": self.previous_id}


CALLS: dict[str, type[Call]] = {call.kind: call for call in (Track, Identify, Page, Screen, Group, Alias)}


class Envelope(BaseModel):
    """What a batch is sent in. No more events than the shortest ones that fit into the size of a request."""

    model_config = ConfigDict(alias_generator=to_camel)

    batch: Annotated[list[Any], Field(max_length=12_500)]
    sent_at: Instant = None
