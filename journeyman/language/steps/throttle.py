"""`throttle`: so many customers in each period, and no more; the rest wait for their turn."""

from datetime import timedelta
from typing import Annotated, ClassVar, Final

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from journeyman.language.document import Part, StepPart
from journeyman.language.durations import Duration

MOST: Final = 100_000
LONGEST: Final = timedelta(days=31)


class Throttle(Part):
    """How many customers go on in each period; periods of a day begin at midnight UTC, of an hour at the hour."""

    max: Annotated[int, Field(ge=1, le=MOST, strict=True, description="How many in a period")]
    per: Annotated[Duration, Field(description="The period, from 1s to 31d, in whole seconds", examples=["1h"])]

    @field_validator("per")
    @classmethod
    def _a_period(cls, per: Duration) -> Duration:
        if not timedelta(seconds=1) <= per.timedelta <= LONGEST or per.timedelta % timedelta(seconds=1):
            raise PydanticCustomError("period", "a period is from 1s to 31d long; write `per: 1h`, for example")
        return per


class ThrottleStep(StepPart):
    """Goes on where a place is free, else stays until the period in which there is one."""

    kind: ClassVar[str] = "throttle"
    takes_time: ClassVar[bool] = True
    acts: ClassVar[bool] = True
    throttle: Throttle
