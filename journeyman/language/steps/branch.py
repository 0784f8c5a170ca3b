"""`branch`: the first condition that holds decides the way."""

from typing import Annotated

from pydantic import Field

from journeyman.language.conditions import Condition
from journeyman.language.document import RESERVED, Part, StepPart, Target


class Way(Part):
    """A condition and where it leads."""

    when: Condition
    next: Target


class BranchStep(StepPart):
    """Takes the first way whose condition holds; else `else`, else `next`, else the step below."""

    branch: Annotated[tuple[Way, ...], Field(min_length=1, max_length=50)]
    else_: Annotated[Target | None, Field(alias="else")] = None

    @property
    def targets(self) -> tuple[str, ...]:
        named = [way.next for way in self.branch] + [self.else_]
        return (*super().targets, *(target for target in named if target is not None and target not in RESERVED))
