"""Why a webhook was not taken."""

from datetime import timedelta


class WebhookRefusedError(Exception):
    """Whoever was to take a webhook did not, or could not be reached: the same call is worth another attempt.

    `is_gone` says that it will never be taken (410, RFC 9110), `retry_after` when the other side wants it again.
    """

    def __init__(self, detail: str, *, is_gone: bool = False, retry_after: timedelta | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.is_gone = is_gone
        self.retry_after = retry_after
