"""`end`: the run is over."""

from typing import Annotated, ClassVar

from pydantic import Field

from journeyman.language.document import StepPart


class EndStep(StepPart):
    """Ends the run with a named outcome."""

    kind: ClassVar[str] = "end"
    end: Annotated[str, Field(min_length=1, max_length=64, description="The outcome's name", examples=["bought"])]

    @property
    def falls_through(self) -> bool:
        return False
