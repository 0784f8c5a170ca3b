"""What can go wrong when a model is asked."""

from journeyman.kit.errors import ConflictError, DomainError, OverloadedError


class NotSetUpError(ConflictError):
    """No endpoint is set up, or the library that calls it is not installed."""

    code = "ai_not_set_up"


class EndpointError(DomainError):
    """The endpoint does not do what it is asked for."""

    code = "ai_failed"


class EndpointRefusedError(EndpointError):
    """The endpoint does not take the key, the model or the request."""

    code = "ai_refused"


class UnreachableError(EndpointError):
    """Nobody answers at the endpoint's address, or the connection was lost."""

    code = "ai_unreachable"


class TooSlowError(EndpointError):
    """The endpoint has not answered within the time that it has."""

    code = "ai_too_slow"


class UnusableAnswerError(EndpointError):
    """The model would not, or gave nothing that is in the form asked for."""

    code = "ai_unusable_answer"


class EndpointBusyError(OverloadedError):
    """The endpoint has too much to do; it may be asked again after `retry_after` seconds."""

    code = "ai_busy"
