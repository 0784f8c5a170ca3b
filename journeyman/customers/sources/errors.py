"""Why a shop's webhook is turned away."""

from journeyman.kit.errors import DomainError, Fault, NotFoundError


class SignatureError(DomainError):
    """The call does not come from whom it says, was changed on its way, or is too old."""

    code = "bad_signature"


class SourceNotConfiguredError(NotFoundError):
    """Nobody has given the secret with which the source signs."""

    code = "source_not_configured"

    def __init__(self, source: str, setting: str) -> None:
        detail = f"Webhooks of {source} are not taken here."
        mend = f"Set {setting} to the secret that the source signs with, and restart the API."
        super().__init__(detail, [Fault("", detail, mend)])
