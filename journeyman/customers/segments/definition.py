"""A segment as teams write it: a name and the condition that its members meet, or none where people choose them."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import Field, ValidationError

from journeyman.customers.inbox.json_text import pointer
from journeyman.customers.scope import run_scoped
from journeyman.kit.errors import Fault, InvalidError
from journeyman.language.conditions import Condition, SegmentCondition, walk
from journeyman.language.document import Part
from journeyman.language.needs import needs
from journeyman.language.nodes import Node
from journeyman.language.plain import foreign
from journeyman.language.validation import problems_of

ENTERED: Final = "Segment Entered"
LEFT: Final = "Segment Left"
TOLD: Final = frozenset({ENTERED, LEFT})
"""The customer events that tell of coming into a segment and leaving it; their property `segment` says which."""


class SegmentDocument(Part):
    """What `PUT /v1/segments/{key}` takes."""

    name: Annotated[str, Field(min_length=1, max_length=200, description="What people call it")]
    description: Annotated[str, Field(max_length=2000)] = ""
    when: Annotated[
        Condition | None, Field(description="Who is in it; a segment without this is a list that is kept by hand")
    ] = None

    events: Annotated[
        bool, Field(description=f"Coming in and leaving are customer events, `{ENTERED}` and `{LEFT}`")
    ] = False

    @property
    def named(self) -> set[str]:
        """The segments that the condition speaks of."""
        return segments_named(self.when)


def segments_named(condition: Node | None) -> set[str]:
    """The segments that a condition speaks of."""
    nodes = (node for _, node in walk(condition)) if condition is not None else ()
    return {node.segment for node in nodes if isinstance(node, SegmentCondition)}


def hears_of_segments(condition: Node | None) -> bool:
    """Whether a condition speaks of the events by which segments tell."""
    return not TOLD.isdisjoint(needs(condition).event_names)


def read_segment(document: object) -> SegmentDocument:
    """The segment that a document describes. Raises `InvalidError` with a fault for everything that is wrong."""
    strange = [Fault(pointer(*place), detail, mend) for place, detail, mend in foreign(document)]
    if not isinstance(document, Mapping):
        strange = [Fault("", "this must be a mapping", "write {name: …, when: …}")]
    if strange or not isinstance(document, Mapping):
        raise InvalidError("this is no segment", strange)
    try:
        segment = SegmentDocument.model_validate(dict(document))
    except ValidationError as error:
        faults = [Fault(problem.pointer, problem.detail, problem.mend) for problem in problems_of(document, error)]
        raise InvalidError("this segment has mistakes", faults) from None
    faults = list(run_scoped(segment.when, "/when")) if segment.when is not None else []
    if faults:
        raise InvalidError("a segment has no run for its condition to speak of", faults)
    return segment


def written(condition: Condition | None) -> dict[str, Any] | None:
    """The condition as JSON, as it was written."""
    return condition.model_dump(mode="json", exclude_unset=True) if condition is not None else None


def kept_form(segment: SegmentDocument) -> dict[str, Any]:
    """The segment as JSON, in the one form in which two can be compared."""
    condition = written(segment.when)
    whole = {"name": segment.name, "description": segment.description, "events": segment.events}
    return whole if condition is None else {**whole, "when": condition}


def segment_schema(place: str) -> dict[str, Any]:
    """The JSON Schema of a segment; conditions are referred to at `place`, where a journey's are."""
    whole = SegmentDocument.model_json_schema(by_alias=True, ref_template=place)
    del whole["$defs"]
    return whole
