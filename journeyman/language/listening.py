"""What of a customer's doings a journey hears of while she is in it, and what it may end by as time passes."""

from collections.abc import Iterator
from dataclasses import dataclass

from journeyman.language.conditions import Condition, SegmentCondition, walk
from journeyman.language.definition import Definition
from journeyman.language.needs import Needs, needs
from journeyman.language.paths import keys_of
from journeyman.language.steps.wait_for import Branch, WaitForStep
from journeyman.language.triggers import (
    AttributeTrigger,
    ConditionTrigger,
    DateTrigger,
    EventTrigger,
    MessageTrigger,
    SegmentTrigger,
)


@dataclass(frozen=True, slots=True)
class Hearing:
    """What exits and goals name: `events` by name, `attributes` and `figures` (computed) by the first keys of paths.

    `conditions` are those that may come to hold at any time; `dates` whether an exit waits for a date; `figures` counts
    what the steps wait for as well, so that it is known what to watch before it is known where a run stands.
    """

    events: frozenset[str]
    attributes: frozenset[str]
    figures: frozenset[str]
    conditions: tuple[Condition, ...]
    dates: bool
    messages: bool

    @property
    def needs(self) -> Needs:
        """What has to be known to judge the conditions."""
        found = Needs(messages=self.messages)
        for condition in self.conditions:
            found |= needs(condition)
        return found

    @property
    def is_timed(self) -> bool:
        """Whether time alone may end a run, or reach a goal."""
        return self.dates or bool(self.conditions)


def hearing(definition: Definition) -> Hearing:
    """Made once for a definition, and kept with it."""
    kept = vars(definition)
    made: Hearing | None = kept.get("hearing")
    if made is None:
        made = kept["hearing"] = _hearing(definition)
    return made


def _hearing(definition: Definition) -> Hearing:
    named = [*definition.exit, *definition.goals]
    changes = [one for one in named if isinstance(one, AttributeTrigger)]
    dates = [one for one in named if isinstance(one, DateTrigger)]
    conditions = tuple(one.when for one in named if isinstance(one, ConditionTrigger))
    computed = [*conditions, *(branch.when for branch in _branches(definition) if branch.when is not None)]
    figures = {key for one in changes for key in _first(one.computed)}
    events = {one.event for one in named if isinstance(one, EventTrigger | SegmentTrigger)}
    return Hearing(
        events=frozenset(events.union(*(one.events for one in named if isinstance(one, MessageTrigger)))),
        attributes=frozenset(key for one in (*changes, *dates) for key in _first(one.attribute)),
        figures=frozenset(figures.union(*(needs(condition).computed for condition in computed))),
        conditions=conditions,
        dates=bool(dates),
        messages=any(isinstance(one, MessageTrigger) for one in named),
    )


def _first(path: str | None) -> tuple[str, ...]:
    return keys_of(path)[:1] if path is not None else ()


def _branches(definition: Definition) -> Iterator[Branch]:
    for step in definition.steps:
        if isinstance(step, WaitForStep):
            yield from step.wait_for.branches


def attributes_heard(definition: Definition) -> frozenset[str]:
    """The attributes, by first keys, of whose changes a run may have to hear wherever it stands."""
    found = set(hearing(definition).attributes)
    for condition in hearing(definition).conditions:
        found |= needs(condition).attributes
    for branch in _branches(definition):
        found.update(_first(branch.attribute))
        if branch.when is not None:
            found |= needs(branch.when).attributes
    return frozenset(found)


def segments_heard(definition: Definition) -> Iterator[tuple[str, str]]:
    """(JSON Pointer, key) of every segment whose coming and going the journey has to be told of."""
    if isinstance(definition.entry, SegmentTrigger):
        yield "/entry/segment", definition.entry.segment
    for part, named in (("exit", definition.exit), ("goals", definition.goals)):
        for place, one in enumerate(named):
            if isinstance(one, SegmentTrigger):
                yield f"/{part}/{place}/segment", one.segment
            elif isinstance(one, ConditionTrigger):
                yield from _segments_of(one.when, f"/{part}/{place}/when")
    for place, step in enumerate(definition.steps):
        for branch in step.wait_for.branches if isinstance(step, WaitForStep) else ():
            if branch.segment is not None:
                yield f"/steps/{place}/wait_for", branch.segment
            elif branch.when is not None:
                yield from _segments_of(branch.when, f"/steps/{place}/wait_for")


def _segments_of(condition: Condition, pointer: str) -> Iterator[tuple[str, str]]:
    nodes = (node for _, node in walk(condition))
    yield from ((pointer, node.segment) for node in nodes if isinstance(node, SegmentCondition))
