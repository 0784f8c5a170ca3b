"""Bodies of providers' callbacks: read by a model, and never trusted to have the form that the documentation prints."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    TypeAdapter,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

from journeyman.channels.ports import UnreadableError

T = TypeVar("T")
APPLE_PRIVACY: Final = "Mozilla/5.0"
"""The whole name under which Apple's servers fetch pictures, whether anybody reads the mail or not."""


def _lenient(value: Any, handler: ValidatorFunctionWrapHandler) -> datetime | None:  # noqa: ANN401 - any JSON value
    """News is kept also where its time cannot be read."""
    try:
        read = handler(value)
    except (ValidationError, ValueError):
        return None
    if not isinstance(read, datetime):
        return None
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


Instant = Annotated[datetime | None, WrapValidator(_lenient)]
"""ISO 8601 or seconds since 1970, in UTC; None where it cannot be read."""


class Told(BaseModel):
    """What a provider tells. It may tell more than is asked for, and tells more from year to year."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nothing(cls, given: Any) -> Any:  # noqa: ANN401 - any JSON value
        """Providers write null where there is nothing."""
        return {key: value for key, value in given.items() if value is not None} if isinstance(given, dict) else given


def read_body(adapter: TypeAdapter[T], body: bytes | str) -> T:
    """The JSON of a callback. Raises `UnreadableError`, which says where it is wrong and never what stands there."""
    try:
        return adapter.validate_json(body)
    except ValidationError as error:
        raise _unreadable(error) from None


def read_part(adapter: TypeAdapter[T], part: object) -> T:
    """What stands within JSON that is read already. Raises as `read_body`."""
    try:
        return adapter.validate_python(part)
    except ValidationError as error:
        raise _unreadable(error) from None


def _unreadable(error: ValidationError) -> UnreadableError:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = "/".join(str(part) for part in first["loc"]) or "the body"
    return UnreadableError(f"{place}: {first['type']}")


def news_id(provider: str, parts: Sequence[object]) -> str:
    """The same for each repetition of the same news, of bounded length, and without an address that can be read."""
    said = "\0".join(str(part) for part in parts)
    return f"{provider}_{hashlib.sha256(said.encode()).hexdigest()[:40]}"


def is_machine(user_agent: str | None) -> bool:
    """Whether an open comes from Apple's Mail Privacy Protection, which opens everything by itself."""
    return (user_agent or "").strip() == APPLE_PRIVACY
