"""`end`: the run is over."""

from typing import Annotated

from pydantic import Field

from journeyman.language.document import StepPart


class EndStep(StepPart):
    """Ends the run with a named outcome."""

    end: Annotated[str, Field(min_length=1, max_length=64, description="The outcome's name", examples=["bought"])]
