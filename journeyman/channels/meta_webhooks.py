"""What the webhooks of Meta's products have in common: the signature and the first greeting.

https://developers.facebook.com/docs/graph-api/webhooks/getting-started.
"""

import hmac
from urllib.parse import parse_qs, urlsplit

from journeyman.channels.ports import Callback, ForgedError, Response


def believe(callback: Callback, secret: str) -> None:
    """Raises `ForgedError` for what is not signed with the app's secret."""
    expected = "sha256=" + hmac.digest(secret.encode(), callback.body, "sha256").hex()
    if not hmac.compare_digest(expected.encode(), callback.headers.get("x-hub-signature-256", "").encode()):
        raise ForgedError("X-Hub-Signature-256 does not fit")


def greeting(callback: Callback, verify_token: str) -> Response | None:
    """The challenge back, to whom the operator gave the verify token. Raises `ForgedError` for anybody else."""
    if callback.method != "GET":
        return None
    asked = {name: values[0] for name, values in parse_qs(urlsplit(callback.url).query).items()}
    if not hmac.compare_digest(asked.get("hub.verify_token", "").encode(), verify_token.encode()):
        raise ForgedError("the verify token is another")
    return Response(asked.get("hub.challenge", "").encode())
