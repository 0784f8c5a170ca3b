"""Bounce mails as callbacks: a mail server pipes what comes back to the sender's address into an HTTP request."""

import hmac
from collections.abc import Sequence
from datetime import datetime

from journeyman.channels.ports import Callback, ForgedError, Receipt, Reply, Response
from journeyman.channels.providers.smtp.dsn import read_report


class BounceCallbacks:
    """Reads delivery reports and complaints (RFC 3464, RFC 5965) from whoever knows the secret."""

    def __init__(self, secret: str) -> None:
        self._expected = f"Bearer {secret}".encode()

    def read(self, callback: Callback, now: datetime) -> Sequence[Receipt | Reply]:
        """The body is the mail as it came. Raises `ForgedError`; a mail that is no report tells nothing."""
        if not hmac.compare_digest(self._expected, callback.headers.get("authorization", "").encode()):
            raise ForgedError("the bearer token is another")
        return read_report(callback.body, now)

    def hello(self, callback: Callback) -> Response | None:  # noqa: ARG002 - of the port
        """Mail servers ask nothing beforehand."""
        return None
