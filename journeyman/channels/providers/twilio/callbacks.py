"""Twilio's callbacks: what became of a text message, and what people answer.

Signatures: https://www.twilio.com/docs/usage/security#validating-requests.
Statuses: https://www.twilio.com/docs/messaging/guides/track-outbound-message-status.
"""

import base64
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import parse_qs, parse_qsl, urlsplit

from journeyman.channels.ports import Callback, ForgedError, Receipt, Reply, Response, Status, UnreadableError

STATUSES: Final[Mapping[str, Status]] = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "opened",
    "undelivered": "bounced",
    "failed": "failed",
}
DEAD: Final = frozenset({"30003", "30004", "30005", "30006", "21610", "21614"})
"""Error codes after which the number is not to be written to: unreachable, blocked, unknown, a land line, STOP."""
EMPTY: Final = Response(b"<Response></Response>", "text/xml")


class TwilioCallbacks:
    """Reads callbacks that are signed with the account's token."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()

    def read(self, callback: Callback, now: datetime) -> Sequence[Receipt | Reply]:
        """Raises `ForgedError` and `UnreadableError`."""
        try:
            pairs = parse_qsl(callback.body.decode(), keep_blank_values=True, max_num_fields=200)
        except ValueError as error:
            raise UnreadableError("the body is no form") from error
        self._verify(callback, pairs)
        fields = dict(pairs)
        identity = fields.get("MessageSid") or fields.get("SmsSid")
        if not identity:
            raise UnreadableError("there is no MessageSid")
        status = fields.get("MessageStatus") or fields.get("SmsStatus")
        if status == "received" or "Body" in fields:
            return [_reply(identity, fields, now)]
        return _receipts(identity, status or "", fields, callback.url, now)

    def hello(self, callback: Callback) -> Response | None:  # noqa: ARG002 - of the port
        """Twilio asks nothing beforehand."""
        return None

    def _verify(self, callback: Callback, pairs: Sequence[tuple[str, str]]) -> None:
        """HMAC-SHA1 of the URL and the sorted fields, with the account's token."""
        signed = callback.url + "".join(f"{name}{value}" for name, value in sorted(set(pairs)))
        expected = base64.b64encode(hmac.digest(self._token, signed.encode(), "sha1"))
        if not hmac.compare_digest(expected, callback.headers.get("x-twilio-signature", "").encode()):
            raise ForgedError("X-Twilio-Signature does not fit")


def _receipts(identity: str, status: str, fields: Mapping[str, str], url: str, now: datetime) -> list[Receipt]:
    """What is said of a message; that it is queued is no news."""
    if status not in STATUSES:
        return []
    code = fields.get("ErrorCode", "")
    given = parse_qs(urlsplit(url).query).get("message", [None])
    return [
        Receipt(
            id=f"twilio_{identity}_{status}",
            status=STATUSES[status],
            at=now,
            message_id=given[0],
            provider_message_id=identity,
            address=fields.get("To") if code in DEAD else None,
            permanent=code in DEAD,
            detail=f"error {code}" if code else "",
        )
    ]


def _reply(identity: str, fields: Mapping[str, str], now: datetime) -> Reply:
    properties = {"opt_out": fields["OptOutType"]} if fields.get("OptOutType") else {}
    return Reply(
        id=f"twilio_{identity}",
        channel="sms",
        sender=fields.get("From", ""),
        at=now,
        text=fields.get("Body", ""),
        answers=fields.get("OriginalRepliedMessageSid"),
        properties=properties,
    )
