"""What the journeys ask of an ad network."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class AudienceChange:
    """One customer is to be in an audience, or out of it; `attributes` are what she can be known by there."""

    customer: str
    is_in: bool
    attributes: Mapping[str, Any]


class AudienceError(Exception):
    """The ad network has not taken the changes; `is_final` says that it never will."""

    def __init__(self, detail: str, *, is_final: bool = False, retry_after: timedelta | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.is_final = is_final
        self.retry_after = retry_after


class AudienceSync(Protocol):
    """Tells an ad network who belongs into an audience. Every change may be told twice and takes effect once."""

    async def apply(self, audience: str, changes: Sequence[AudienceChange]) -> None:
        """All of them or none. Raises `AudienceError`."""
        ...
