"""`branch`: the first condition that holds decides the way."""

from typing import Annotated, ClassVar

from pydantic import Field

from journeyman.language.conditions import Condition
from journeyman.language.document import SOME, Lead, Part, StepPart, Target


class Way(Part):
    """A condition and where it leads."""

    when: Condition
    next: Target


class BranchStep(StepPart):
    """Takes the first way whose condition holds; else `else`, else `next`, else the step below."""

    kind: ClassVar[str] = "branch"
    branch: Annotated[tuple[Way, ...], Field(max_length=50), *SOME]
    else_: Annotated[Target | None, Field(alias="else")] = None

    @property
    def conditions(self) -> tuple[Condition, ...]:
        return tuple(way.when for way in self.branch)

    @property
    def falls_through(self) -> bool:
        return self.else_ is None

    @property
    def leads(self) -> tuple[Lead, ...]:
        ways = tuple(Lead(("branch", index, "next"), way.next) for index, way in enumerate(self.branch))
        otherwise = () if self.else_ is None else (Lead(("else",), self.else_),)
        return (*super().leads, *ways, *otherwise)
