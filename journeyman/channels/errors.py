"""How a hand-over to a provider can fail, sorted by what follows from it."""


class SendError(Exception):
    """A provider did not accept a message; `detail` holds its own words, without addresses."""

    code = "failed"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class TemporaryError(SendError):
    """Certainly not sent; the same call may work later."""

    code = "temporary"


class ThrottledError(TemporaryError):
    """As `TemporaryError`, and the provider asks for a slower pace; `retry_after` is in seconds."""

    code = "throttled"

    def __init__(self, detail: str, retry_after: float) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class BusyError(TemporaryError):
    """As `TemporaryError`, and the provider was not even asked: everything that leads to it is in use."""

    code = "busy"


class RejectedError(SendError):
    """Certainly not sent, and never will be in this form."""

    code = "rejected"


class AddressRejectedError(RejectedError):
    """The address does not exist or refuses mail for good: it is to be suppressed."""

    code = "address_rejected"


class UnknownOutcomeError(SendError):
    """The connection ended after the message was handed over and before the provider answered (M4)."""

    code = "ambiguous"
