"""`emit`: a customer event of the journey's own."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import Field

from journeyman.language.document import EventName, Part, StepPart
from journeyman.language.steps.update import Value


class Emit(Part):
    """An event about the customer, as if a client had sent it; `{entry: path}` copies a value from the entry."""

    event: EventName
    properties: Annotated[
        Mapping[str, Value],
        Field(max_length=50, description="JSON values, or references; one that finds nothing is left out"),
    ] = Field(default_factory=dict)


class EmitStep(StepPart):
    """Lets the event happen, and goes on."""

    kind: ClassVar[str] = "emit"
    emit: Emit
