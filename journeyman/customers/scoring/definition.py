"""Scores as teams write them: points for events and for what holds, decay, caps, levels."""

import hashlib
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, Final

import orjson
from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, ValidationError, field_validator
from pydantic_core import PydanticCustomError

from journeyman.customers.inbox.json_text import pointer
from journeyman.customers.segments.definition import TOLD
from journeyman.kit.errors import Fault, InvalidError
from journeyman.language.comparisons import Comparison, ContextCondition, EntryCondition
from journeyman.language.conditions import Condition, EventCondition, MessageCondition, OccurrenceCondition, walk
from journeyman.language.document import KEY, SOME, EventName, Part
from journeyman.language.durations import Duration
from journeyman.language.kinds import tag
from journeyman.language.nodes import Node
from journeyman.language.plain import foreign
from journeyman.language.validation import problems_of
from journeyman.language.values import Number, Reference

MOST_POINTS: Final = 1_000_000
PLACES: Final = 2
"""Decimal places of points, of caps, of levels, and of a score wherever it is shown or compared."""

EVENTS: Final[Mapping[str, str]] = {
    "reached": "Score Threshold Reached",
    "fell_below": "Score Threshold Lost",
    "band": "Score Band Changed",
}
"""The customer events that tell of a crossing, by its kind."""

_HEARS: Final = "this event tells of segments, which may rest on scores; name what the customer does"
Key = Annotated[str, Field(pattern=KEY)]


def _fine(number: float) -> float:
    """Refuses what the precision of a score cannot tell apart."""
    if abs(number) > MOST_POINTS or round(number, PLACES) != number:
        raise PydanticCustomError("points", "scores have two decimal places; write a number such as 2.5, up to 1000000")
    return float(number)


def _some_points(number: float) -> float:
    if number == 0:
        raise PydanticCustomError("points", "no points have no effect; write a number above or below 0")
    return number


def _positive(number: float) -> float:
    if number <= 0:
        raise PydanticCustomError("points", "a cap is how many points at most; write a number above 0")
    return number


Points = Annotated[Number, AfterValidator(_fine)]


class Rule(Part):
    """What every rule says: how many points, for what they count besides the total, and what people call it."""

    points: Annotated[Points, AfterValidator(_some_points), Field(description="Below 0 they are taken away")]
    category: Annotated[Key | None, Field(description="A part of the score with a total of its own")] = None
    name: Annotated[str | None, Field(max_length=200, description="How reasons speak of the rule")] = None


class EventRule(Rule):
    """Points for every such event, fading with the score's half-life."""

    event: Annotated[EventName, Field(description="The event's name")]
    where: Annotated[EventCondition | None, Field(description="Only events for which this holds")] = None
    cap: Annotated[
        Annotated[Points, AfterValidator(_positive)] | None,
        Field(description="The most that all these events together count for, at any time"),
    ] = None

    @field_validator("event")
    @classmethod
    def _no_score_tells_of_it(cls, event: str) -> str:
        if event in EVENTS.values():
            message = "this event tells what scores came to, and cannot count for one; name what the customer does"
            raise PydanticCustomError("score_event", message)
        if event in TOLD:
            raise PydanticCustomError("score_event", _HEARS)
        return event

    @field_validator("where")
    @classmethod
    def _tells_by_the_event_alone(cls, where: EventCondition | None) -> EventCondition | None:
        # What refers to anything else would count differently each time the score is made again.
        for _, node in walk(where) if where is not None else ():
            if isinstance(node, Comparison) and isinstance(node.operand, Reference):
                raise PydanticCustomError("score_where", "events are judged by themselves here; write a value")
        return where

    @property
    def label(self) -> str:
        return self.name or self.event


class ConditionRule(Rule):
    """Points for as long as something holds of the customer."""

    when: Annotated[Condition, Field(description="The points count while this holds")]

    @field_validator("when")
    @classmethod
    def _is_about_the_customer(cls, when: Condition) -> Condition:
        for _, node in walk(when):
            detail = _not_for_scores(node)
            if detail is not None:
                raise PydanticCustomError("score_when", detail)
        return when

    @property
    def label(self) -> str:
        return self.name or _written(self.when)


_NOT_FOR_SCORES: Final = {
    **dict.fromkeys(
        ("score", "segment", "rfm"),
        "a score cannot rest on scores, segments or rfm, which may rest on it; write what they ask for",
    ),
    **dict.fromkeys(
        ("journey", "interest", "reachable", "prediction"),
        "a score rests on the profile, events, consent and messages; write what the customer is or does",
    ),
}


def _not_for_scores(node: Node) -> Any:  # noqa: ANN401 - literal text for pydantic
    if node.kind in _NOT_FOR_SCORES:
        return _NOT_FOR_SCORES[node.kind]
    if isinstance(node, EntryCondition | ContextCondition):
        return "a score has no run to speak of; compare an attribute or an event"
    if isinstance(node, Comparison) and isinstance(node.operand, Reference) and node.operand.source != "attribute":
        return "a score has no run to refer to; write a value, or refer to an attribute"
    if isinstance(node, MessageCondition) and node.of == "run":
        return "a score has no run to speak of; add `of: any journey`"
    if isinstance(node, OccurrenceCondition) and node.event in TOLD:
        return _HEARS
    return None


class Level(Part):
    """A height of the score, and what it is called."""

    at: Annotated[Points, Field(description="The score from which on it is reached")]
    name: Annotated[Key, Field(description="What it is called")]


def _either(value: object) -> object:
    """Says what a rule is made of where it is neither kind, or both."""
    if isinstance(value, EventRule | ConditionRule):
        return value
    if not isinstance(value, dict) or ("event" in value) == ("when" in value):
        message = "a rule is about events or about what holds; write either `event: …` or `when: …`, and `points: …`"
        raise PydanticCustomError("score_rule", message)
    return value


def _kind(value: object) -> str:
    return tag("event" if isinstance(value, EventRule) or (isinstance(value, dict) and "event" in value) else "when")


AnyRule = Annotated[
    Annotated[EventRule, Tag(tag("event"))] | Annotated[ConditionRule, Tag(tag("when"))],
    Discriminator(_kind),
    BeforeValidator(_either),
]


class ScoreModel(Part):
    """A score: its rules, how fast events fade, and the heights that matter."""

    score: Annotated[Key, Field(description="The score's key", examples=["interest"])]
    name: Annotated[str | None, Field(max_length=200, description="What people call it")] = None
    half_life: Annotated[Duration | None, Field(description="After this an event counts half; without it, fully")] = (
        None
    )
    rules: Annotated[tuple[AnyRule, ...], *SOME, Field(max_length=100, description="What gives and takes points")]
    thresholds: Annotated[tuple[Level, ...], Field(max_length=20, description="Heights whose crossing is told")] = ()
    bands: Annotated[tuple[Level, ...], Field(max_length=20, description="Ranges, each from its height on")] = ()

    @field_validator("thresholds", "bands")
    @classmethod
    def _ascending(cls, levels: tuple[Level, ...]) -> tuple[Level, ...]:
        if len({level.name for level in levels}) < len(levels) or len({level.at for level in levels}) < len(levels):
            raise PydanticCustomError("score_levels", "two of these are the same; give each a name and a height")
        return tuple(sorted(levels, key=lambda level: level.at))

    @property
    def key(self) -> str:
        return self.score

    @cached_property
    def event_rules(self) -> Mapping[int, EventRule]:
        """The rules on events, by their place."""
        return {place: rule for place, rule in enumerate(self.rules) if isinstance(rule, EventRule)}

    @cached_property
    def condition_rules(self) -> Mapping[int, ConditionRule]:
        """The rules on what holds, by their place."""
        return {place: rule for place, rule in enumerate(self.rules) if isinstance(rule, ConditionRule)}

    @cached_property
    def rules_of_event(self) -> Mapping[str, tuple[int, ...]]:
        """The places of the rules on each event that the score names."""
        names = dict.fromkeys(rule.event for rule in self.event_rules.values())
        return {name: tuple(place for place, rule in self.event_rules.items() if rule.event == name) for name in names}

    @cached_property
    def categories(self) -> tuple[str, ...]:
        return tuple(sorted({rule.category for rule in self.rules if rule.category is not None}))

    @cached_property
    def half_life_us(self) -> float | None:
        """The half-life in microseconds; None where nothing fades."""
        return None if self.half_life is None else self.half_life.timedelta.total_seconds() * 1e6

    @cached_property
    def levels(self) -> tuple[float, ...]:
        """Every height at which something changes, ascending."""
        return tuple(sorted({level.at for level in (*self.thresholds, *self.bands)}))

    @cached_property
    def basis(self) -> str:
        """Names what kept states depend on; with another basis they have to be made again from the events."""
        rules = [rule.model_dump(mode="json", by_alias=True, include=_COUNTED) for rule in self.rules]
        text = orjson.dumps([rules, self.half_life_us], option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(text).hexdigest()[:16]

    def document(self) -> dict[str, Any]:
        """The score as it was written."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)


_COUNTED: Final = {"points", "category", "event", "where", "when"}


def read_model(document: object) -> ScoreModel:
    """The score that a document describes. Raises `InvalidError` with a fault for everything that is wrong."""
    if not isinstance(document, Mapping):
        fault = Fault("", "a score is a mapping", "Write `score: …` and `rules: …`")
        raise InvalidError("the score cannot be used", [fault])
    strange = [Fault(pointer(*place), detail, mend) for place, detail, mend in foreign(document)]
    if strange:
        raise InvalidError("the score cannot be used", strange)
    try:
        return ScoreModel.model_validate(dict(document))
    except ValidationError as error:
        raise InvalidError("the score cannot be used", list(_faults(document, error))) from None


def _faults(document: Mapping[str, Any], error: ValidationError) -> Iterator[Fault]:
    for problem in problems_of(document, error):
        yield Fault(problem.pointer, problem.detail, f"{problem.mend[:1].upper()}{problem.mend[1:]}")


def _written(condition: Node) -> str:
    """A condition as a line: `attribute plan equals "pro"`."""
    written = condition.model_dump(mode="json", by_alias=True, exclude_unset=True)
    kind = written.pop(condition.kind)
    rest = "".join(f" {name} {orjson.dumps(value).decode()}" for name, value in written.items())
    return f"{condition.kind} {kind if isinstance(kind, str) else orjson.dumps(kind).decode()}{rest}"
