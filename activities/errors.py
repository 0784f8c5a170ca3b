"""What a use case's error means to the engine."""

from temporalio.exceptions import ApplicationError

from journeyman.journeys.advance import NotYetError
from journeyman.journeys.delivery import RetryLaterError


def to_application_error(error: Exception) -> ApplicationError:
    """The failure of an activity that is to be tried again; a provider's pause is kept."""
    delay = error.delay if isinstance(error, RetryLaterError) else None
    return ApplicationError(str(error), type=type(error).__name__, next_retry_delay=delay)


AGAIN = (NotYetError, RetryLaterError)
