"""Notifications through Firebase Cloud Messaging, HTTP v1.

https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages; errors: .../fcm/rest/v1/ErrorCode.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import httpx

from journeyman.channels.ports import Accepted, Capabilities, OutgoingPush
from journeyman.channels.provider_http import TIMEOUT_SECONDS, ProviderHttp, json_of, refused
from journeyman.channels.service_accounts import TOKEN_URL, ServiceAccount
from journeyman.kit.clock import Clock

BASE_URL: Final = "https://fcm.googleapis.com"
SCOPE: Final = "https://www.googleapis.com/auth/firebase.messaging"
LONGEST: Final = timedelta(weeks=4)
DEAD: Final = frozenset({"UNREGISTERED", "SENDER_ID_MISMATCH"})


class FcmSender:
    """The `Sender` of notifications for apps, for one project. FCM knows no idempotency key."""

    channel = "push"
    capabilities = Capabilities("device", size_limit=4_096)

    def __init__(
        self,
        project: str,
        client_email: str,
        private_key: str,
        clock: Clock,
        *,
        base_url: str = BASE_URL,
        token_url: str = TOKEN_URL,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        """The project and the two fields of a service account's JSON file; `private_key` is PEM."""
        self._path = f"/v1/projects/{project}/messages:send"
        self._clock = clock
        self._http = ProviderHttp(base_url, timeout=timeout)
        self.account = ServiceAccount(self._http, client_email, private_key, SCOPE, clock, token_url)

    async def send(self, message: OutgoingPush) -> Accepted:
        """Hand one notification over. Raises the errors of `journeyman.channels.errors` and nothing else."""
        headers = {"authorization": f"Bearer {await self.account.access()}"}
        answer = await self._http("POST", self._path, document={"message": document_of(message)}, headers=headers)
        found = json_of(answer)
        if not answer.is_success:
            raise self._refusal(answer, found.get("error") or {}, message.to)
        return Accepted(str(found.get("name", message.id)))

    async def check(self) -> None:
        """Ask for an access token. Raises `RejectedError` for a wrong key, `TemporaryError` where nobody answers."""
        await self.account.check()

    async def close(self) -> None:
        await self._http.close()

    def _refusal(self, answer: httpx.Response, error: Mapping[str, Any], token: str) -> Exception:
        details = error.get("details") or []
        codes = {one.get("errorCode") for one in details if isinstance(one, dict)}
        fields = [
            violation.get("field")
            for one in details
            if isinstance(one, dict)
            for violation in one.get("fieldViolations") or []
        ]
        is_dead = bool(DEAD & codes) or "message.token" in fields
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            self.account.token = None
        words = f"{error.get('status', '')} {error.get('message', '')}".replace(token, "<token>")
        return refused(answer, words, self._clock.now(), dead_address=is_dead)


def document_of(message: OutgoingPush) -> dict[str, Any]:
    """The message resource: a notification with what each platform needs of its own."""
    lasts = min(max(message.lasts, timedelta(0)), LONGEST)
    notification = _present({"title": message.title, "body": message.body, "image": message.image})
    data = {**message.data, "journeyman_id": message.id, **({"url": message.url} if message.url else {})}
    aps = _present({"badge": message.badge, "mutable-content": 1 if message.image else None})
    headers = _present(
        {
            "apns-priority": "10" if message.urgent else "5",
            "apns-collapse-id": message.collapse,
        }
    )
    return {
        "token": message.to,
        "notification": notification,
        "data": data,
        "android": _present(
            {
                "ttl": f"{int(lasts.total_seconds())}s",
                "priority": "HIGH" if message.urgent else "NORMAL",
                "collapse_key": message.collapse,
                "notification": _present({"icon": message.icon, "notification_count": message.badge}) or None,
            }
        ),
        "apns": {"headers": headers, "payload": {"aps": aps}},
        "fcm_options": {"analytics_label": "journeyman"},
    }


def _present(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
