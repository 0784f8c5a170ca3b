"""A circuit breaker (Nygard, Release It!, chapter 5): a provider that fails again and again is left alone a while."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

FAILURES: Final = 5
"""So many in a row open it."""
FIRST_REST: Final = timedelta(seconds=10)
LONGEST_REST: Final = timedelta(minutes=5)


@dataclass(slots=True)
class Breaker:
    """Closed, it lets everything through. Open, nothing; after its rest one call is let through, and decides."""

    limit: int = FAILURES
    failures: int = 0
    rest: timedelta = FIRST_REST
    open_until: datetime | None = None
    is_trying: bool = False

    def waits(self, now: datetime) -> timedelta | None:
        """For how long nothing is to be asked; None where a call may go now, which then has to be told of."""
        if self.open_until is None:
            return None
        if self.is_trying:
            return self.rest
        if now < self.open_until:
            return self.open_until - now
        self.is_trying = True
        return None

    def is_open(self, now: datetime) -> bool:
        """Whether the provider is left alone because it fails, not only asked to slow down."""
        return self.failures >= self.limit and self.open_until is not None and now < self.open_until

    def succeeded(self) -> None:
        self.failures, self.rest, self.open_until, self.is_trying = 0, FIRST_REST, None, False

    def failed(self, now: datetime) -> None:
        """A call failed in a way that says nothing of its content."""
        self.failures += 1
        if self.is_trying:
            self.rest = min(self.rest * 2, LONGEST_REST)
        if self.is_trying or self.failures >= self.limit:
            self.open_until, self.is_trying = now + self.rest, False

    def asked_for(self, now: datetime, pause: timedelta) -> None:
        """The provider asks for a slower pace: nothing is asked until then."""
        self.open_until, self.is_trying = now + pause, False
