"""What templates look up in other systems at the instant at which a message is made: `{{ lookup.weather }}`."""

from datetime import timedelta
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from journeyman.language.document import KEY
from journeyman.language.durations import Duration
from journeyman.language.steps.call import Pointer

LOOKUP: Final = "lookup"
"""The variable under which templates find what was looked up."""
MOST_LOOKUPS: Final = 5
LONGEST: Final = timedelta(seconds=5)
"""A message waits for all of its lookups at once; its worker has others to send."""
LONGEST_KEPT: Final = timedelta(days=1)

LookupName = Annotated[str, Field(pattern="^[A-Za-z_][A-Za-z0-9_]{0,63}$")]


class Lookup(BaseModel):
    """A GET request to a connection; templates read its answer as `lookup.<name>`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    connection: Annotated[str, Field(pattern=KEY, description="A connection of the providers' file")]
    path: Annotated[
        str | None,
        Field(max_length=2_000, description="Liquid; behind the connection's URL", examples=["/v1/stock?sku=A1"]),
    ] = None
    take: Annotated[Pointer, Field(description="The part of the JSON answer that is wanted; default: all of it")] = ""
    timeout: Annotated[Duration, Field(description="How long the answer may take, 5s at most")] = Duration.parse("2s")
    keep: Annotated[Duration, Field(description="How long a worker keeps the answer for all who ask, 1d at most")] = (
        Duration.parse("1m")
    )
    otherwise: Annotated[
        Any, Field(description="What stands for an answer that cannot be had; without it the message is not sent")
    ] = None

    @field_validator("path")
    @classmethod
    def _begins_with_a_slash(cls, path: str | None) -> str | None:
        if path is not None and not path.startswith("/"):
            message = "this path does not begin with a slash; write it as `/v1/stock`, templates go behind it"
            raise PydanticCustomError("lookup_path", message)
        return path

    @field_validator("timeout")
    @classmethod
    def _not_too_long(cls, timeout: Duration) -> Duration:
        if timeout.timedelta > LONGEST:
            raise PydanticCustomError("lookup_timeout", "a lookup may take 5s at most; write `2s`, for example")
        return timeout

    @field_validator("keep")
    @classmethod
    def _not_kept_too_long(cls, keep: Duration) -> Duration:
        if keep.timedelta > LONGEST_KEPT:
            raise PydanticCustomError("lookup_keep", "an answer is kept for 1d at most; write `10m`, for example")
        return keep

    @field_validator("otherwise")
    @classmethod
    def _is_something(cls, otherwise: object) -> object:
        # Contents are kept without what is null, so that it would mean a message that is not sent.
        if otherwise is None:
            message = "null is no value here; write `otherwise: ''` for nothing, or take it out to send no message"
            raise PydanticCustomError("lookup_otherwise", message)
        return otherwise

    @property
    def has_otherwise(self) -> bool:
        """Whether there is a value for an answer that cannot be had."""
        return self.otherwise is not None
