"""The conditions of the language: one model for entry filters, branches, waits, exits, segments and content.

`Condition` is about a customer, `EventCondition` about one event that is in view. What they mean in memory stands in
`evaluation`, what they mean for a population in `journeyman.journeys.populations`; the two agree.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, TypeAdapter, model_validator
from pydantic_core import PydanticCustomError

from journeyman.language.comparisons import (
    AttributeCondition,
    ComputedCondition,
    ContextCondition,
    EntryCondition,
    PropertyCondition,
)
from journeyman.language.defined import Defined, DeviceCondition, LifecycleCondition, PlaceCondition
from journeyman.language.durations import Duration
from journeyman.language.kinds import kind_of, one_of, tag
from journeyman.language.nodes import Node
from journeyman.language.occurrences import Aggregate, Count, CountBounds
from journeyman.language.paths import Path, keys_of
from journeyman.language.records import InterestCondition, JourneyCondition, ReachableCondition
from journeyman.language.standing import PredictionCondition, RfmCondition, ScoreCondition
from journeyman.language.values import Name, check_some

DEEPEST: Final = 8
MOST: Final = 200
"""Bounds of one condition: how deep conditions stand in conditions, and how many there are in all."""

SOME: Final = BeforeValidator(check_some)

ConsentStatus = Literal["yes", "no", "unknown"]
MessageStatus = Literal[
    "sent",
    "delivered",
    "opened",
    "clicked",
    "bounced",
    "complained",
    "unsubscribed",
    "failed",
    "no_consent",
    "suppressed",
    "unreachable",
    "out_of_stock",
    "no_coupon",
    "no_lookup",
    "held_out",
    "capped",
    "superseded",
    "quiet_hours",
]
"""What became of a message: up to `unsubscribed` its own fate, from `failed` on why it was not sent (M1)."""


class Compound(Node):
    """A condition made of conditions."""

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.depth > DEEPEST:
            message = "conditions stand more than {limit} deep in one another; make it flatter"
            raise PydanticCustomError("condition_depth", message, {"limit": DEEPEST})
        if self.size > MOST:
            message = "these are more than {limit} conditions in one; use fewer, or `in` with a list"
            raise PydanticCustomError("condition_size", message, {"limit": MOST})
        return self


class AllOf(Compound):
    """Holds where every one of these does."""

    kind = "all"
    all: Annotated[
        tuple["Condition", ...], SOME, Field(json_schema_extra={"minItems": 1}, description="Every one of these holds")
    ]

    @property
    def parts(self) -> tuple[tuple[str, Node], ...]:
        return _numbered("all", self.all)


class AnyOf(Compound):
    """Holds where at least one of these does."""

    kind = "any"
    any: Annotated[
        tuple["Condition", ...],
        SOME,
        Field(json_schema_extra={"minItems": 1}, description="At least one of these holds"),
    ]

    @property
    def parts(self) -> tuple[tuple[str, Node], ...]:
        return _numbered("any", self.any)


class Not(Compound):
    """Holds where this does not."""

    kind = "not"
    not_: Annotated["Condition", Field(alias="not", description="This does not hold")]

    @property
    def parts(self) -> tuple[tuple[str, Node], ...]:
        return (("/not", self.not_),)


class EventAllOf(Compound):
    """Every one of these, about one event."""

    kind = "all"
    all: Annotated[
        tuple["EventCondition", ...],
        SOME,
        Field(json_schema_extra={"minItems": 1}, description="Every one of these holds"),
    ]

    @property
    def parts(self) -> tuple[tuple[str, Node], ...]:
        return _numbered("all", self.all)


class EventAnyOf(Compound):
    """At least one of these, about one event."""

    kind = "any"
    any: Annotated[
        tuple["EventCondition", ...],
        SOME,
        Field(json_schema_extra={"minItems": 1}, description="At least one of these holds"),
    ]

    @property
    def parts(self) -> tuple[tuple[str, Node], ...]:
        return _numbered("any", self.any)


class EventNot(Compound):
    """Not this, about one event."""

    kind = "not"
    not_: Annotated["EventCondition", Field(alias="not", description="This does not hold")]

    @property
    def parts(self) -> tuple[tuple[str, Node], ...]:
        return (("/not", self.not_),)


class EventSome(Compound):
    """One and the same member of a list of the event satisfies `where`, whose paths go into the member.

    False where there is no such list, or it has no such member; what is no object has nothing at any path.
    """

    kind = "some"
    some: Annotated[Path, Field(description="Path of a list in the event's properties", examples=["products"])]
    where: Annotated["EventCondition", Field(description="What holds for one of its members")]

    @property
    def parts(self) -> tuple[tuple[str, Node], ...]:
        return (("/where", self.where),)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        return keys_of(self.some)


class OccurrenceCondition(Compound):
    """How often the customer did something, and what it came to.

    Judged over the events of that name up to now, within the window and for which `where` holds. Without `count`, at
    least one is asked for. `sum` and `average` are rounded to six decimal places; `sum` over nothing is 0, the
    others over nothing make the condition false; a property that is no number is passed over.
    """

    kind = "event"
    event: Annotated[Name, Field(examples=["Order Completed"])]
    count: Annotated[Count | None, Field(description="How many; a number alone means exactly so many, 0 never")] = None
    within: Annotated[Duration | None, Field(description="Only events of the last so long")] = None
    where: Annotated["EventCondition | None", Field(description="Only events for which this holds")] = None
    sum: Aggregate | None = None
    average: Aggregate | None = None
    max: Aggregate | None = None
    min: Aggregate | None = None

    @property
    def parts(self) -> tuple[tuple[str, Node], ...]:
        return (("/where", self.where),) if self.where is not None else ()

    @cached_property
    def bounds(self) -> tuple[tuple[str, float], ...]:
        """What the count has to satisfy, as (operator, number)."""
        if self.count is None:
            return (("gte", 1),)
        return self.count.bounds if isinstance(self.count, CountBounds) else (("equals", self.count),)

    @cached_property
    def only_asks_for_one(self) -> bool:
        """Whether the first event found decides."""
        return self.bounds in {(("gte", 1),), (("gt", 0),)} and not self.aggregates

    @cached_property
    def asks_for_none(self) -> bool:
        """Whether the first event found refutes it."""
        return self.bounds in {(("equals", 0),), (("lte", 0),), (("lt", 1),)} and not self.aggregates

    @cached_property
    def is_tallied(self) -> bool:
        """Whether the number of events and the instant of the last are enough to tell."""
        once = self.within is None or self.only_asks_for_one or self.asks_for_none
        return once and self.where is None and not self.aggregates

    @cached_property
    def aggregates(self) -> tuple[tuple[str, Aggregate], ...]:
        found = {"sum": self.sum, "average": self.average, "max": self.max, "min": self.min}
        return tuple((name, aggregate) for name, aggregate in found.items() if aggregate is not None)


class ConsentCondition(Node):
    """What the customer last said of a channel or topic; `unknown` where nothing (L1)."""

    kind = "consent"
    consent: Annotated[Name, Field(description="A channel or topic", examples=["email"])]
    # YAML 1.1 reads yes and no as booleans.
    is_: Annotated[
        ConsentStatus,
        BeforeValidator(lambda value: {True: "yes", False: "no"}[value] if isinstance(value, bool) else value),
        Field(alias="is"),
    ] = "yes"


class SegmentCondition(Node):
    """Whether the customer is in a segment."""

    kind = "segment"
    segment: Annotated[Name, Field(description="The key of a segment", examples=["vip"])]


class MessageCondition(Node):
    """What became of a message to the customer, of this run or of any journey."""

    kind = "message"
    message: Annotated[Name, Field(description="The step that sent it, or `any`")]
    status: MessageStatus
    channel: Annotated[Name | None, Field(examples=["email"])] = None
    within: Annotated[Duration | None, Field(description="Only if it became so in the last so long")] = None
    of: Annotated[Literal["run", "any journey"], Field(description="Whose message")] = "run"


_EVENT_KINDS: Final = ("property", "some", "all", "any", "not")
_KINDS: Final = (
    *("attribute", "computed", "event", "segment", "consent", "message", "score", "rfm", "entry", "context"),
    *("device", "place", "lifecycle", "journey", "interest", "reachable", "prediction"),
    *("all", "any", "not"),
)

EventCondition = Annotated[
    Annotated[PropertyCondition, Tag(tag("property"))]
    | Annotated[EventSome, Tag(tag("some"))]
    | Annotated[EventAllOf, Tag(tag("all"))]
    | Annotated[EventAnyOf, Tag(tag("any"))]
    | Annotated[EventNot, Tag(tag("not"))],
    Discriminator(kind_of(_EVENT_KINDS)),
    one_of(_EVENT_KINDS, "{property: cart_id, equals: c1}"),
]

Condition = Annotated[
    Annotated[AttributeCondition, Tag(tag("attribute"))]
    | Annotated[ComputedCondition, Tag(tag("computed"))]
    | Annotated[OccurrenceCondition, Tag(tag("event"))]
    | Annotated[SegmentCondition, Tag(tag("segment"))]
    | Annotated[ConsentCondition, Tag(tag("consent"))]
    | Annotated[MessageCondition, Tag(tag("message"))]
    | Annotated[ScoreCondition, Tag(tag("score"))]
    | Annotated[RfmCondition, Tag(tag("rfm"))]
    | Annotated[EntryCondition, Tag(tag("entry"))]
    | Annotated[ContextCondition, Tag(tag("context"))]
    | Annotated[DeviceCondition, Tag(tag("device"))]
    | Annotated[PlaceCondition, Tag(tag("place"))]
    | Annotated[LifecycleCondition, Tag(tag("lifecycle"))]
    | Annotated[JourneyCondition, Tag(tag("journey"))]
    | Annotated[InterestCondition, Tag(tag("interest"))]
    | Annotated[ReachableCondition, Tag(tag("reachable"))]
    | Annotated[PredictionCondition, Tag(tag("prediction"))]
    | Annotated[AllOf, Tag(tag("all"))]
    | Annotated[AnyOf, Tag(tag("any"))]
    | Annotated[Not, Tag(tag("not"))],
    Discriminator(kind_of(_KINDS)),
    one_of(_KINDS, "{attribute: country, equals: PL}"),
]

for _model in (AllOf, AnyOf, Not, EventAllOf, EventAnyOf, EventNot, EventSome, OccurrenceCondition):
    _model.model_rebuild()

CONDITION: Final[TypeAdapter[Condition]] = TypeAdapter(Condition)
EVENT_CONDITION: Final[TypeAdapter[EventCondition]] = TypeAdapter(EventCondition)


def meaning_of(condition: Defined) -> Condition:
    """The condition for which another stands; read once and kept with it, as its cached properties are."""
    kept: dict[str, Any] = vars(condition)
    meant: Condition | None = kept.get("meaning")
    if meant is None:
        meant = kept["meaning"] = CONDITION.validate_python(condition.spelled_out)
    return meant


def walk(node: Node, pointer: str = "") -> Iterator[tuple[str, Node]]:
    """`node` and every condition inside it, each with its JSON Pointer (RFC 6901)."""
    yield pointer, node
    for step, part in node.parts:
        yield from walk(part, pointer + step)


def _numbered(name: str, members: tuple[Any, ...]) -> tuple[tuple[str, Node], ...]:
    return tuple((f"/{name}/{index}", member) for index, member in enumerate(members))
