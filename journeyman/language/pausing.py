"""What becomes of steps that came due while the journey was paused (V4)."""

from typing import Annotated, Literal

from pydantic import Field

from journeyman.language.document import Part
from journeyman.language.durations import Duration


class Pause(Part):
    """When the journey goes on, what is due for longer than `expire_on_resume` is not done any more."""

    expire_on_resume: Annotated[Duration, Field(description="How long what came due in a pause is still worth doing")]
    then: Annotated[
        Literal["exit", "skip"],
        Field(description="`exit` ends the run as `expired`; `skip` leaves out the message that was due, and goes on"),
    ] = "exit"
