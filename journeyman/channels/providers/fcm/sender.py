"""Notifications through Firebase Cloud Messaging, HTTP v1.

https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages; errors: .../fcm/rest/v1/ErrorCode.
Access tokens: https://developers.google.com/identity/protocols/oauth2/service-account#httprest.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import httpx
import jwt

from journeyman.channels.errors import RejectedError, TemporaryError
from journeyman.channels.ports import Accepted, Capabilities, OutgoingPush
from journeyman.channels.provider_http import TIMEOUT_SECONDS, ProviderHttp, json_of, refused
from journeyman.kit.clock import Clock

BASE_URL: Final = "https://fcm.googleapis.com"
TOKEN_URL: Final = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
SCOPE: Final = "https://www.googleapis.com/auth/firebase.messaging"
GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
EARLY: Final = timedelta(minutes=1)
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
        self._email, self._private_key = client_email, private_key
        self._clock = clock
        self._token_url = token_url
        self._http = ProviderHttp(base_url, timeout=timeout)
        self.token: tuple[str, datetime] | None = None
        """The access token, and until when it serves."""

    async def send(self, message: OutgoingPush) -> Accepted:
        """Hand one notification over. Raises the errors of `journeyman.channels.errors` and nothing else."""
        headers = {"authorization": f"Bearer {await self._access()}"}
        answer = await self._http("POST", self._path, document={"message": document_of(message)}, headers=headers)
        found = json_of(answer)
        if not answer.is_success:
            raise self._refusal(answer, found.get("error") or {}, message.to)
        return Accepted(str(found.get("name", message.id)))

    async def check(self) -> None:
        """Ask for an access token. Raises `RejectedError` for a wrong key, `TemporaryError` where nobody answers."""
        self.token = None
        answer = await self._asked_for_access()
        if answer.is_client_error:
            raise RejectedError(f"the provider refuses the service account: {answer.status_code}")
        if not answer.is_success:
            raise TemporaryError(f"the provider answers {answer.status_code}")

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
            self.token = None
        words = f"{error.get('status', '')} {error.get('message', '')}".replace(token, "<token>")
        return refused(answer, words, self._clock.now(), dead_address=is_dead)

    async def _access(self) -> str:
        """The access token, asked for anew a minute before it ends. Raises `TemporaryError` where there is none."""
        now = self._clock.now()
        if self.token is not None and now < self.token[1] - EARLY:
            return self.token[0]
        answer = await self._asked_for_access()
        if not answer.is_success:
            raise TemporaryError(f"no access token: {answer.status_code}")
        found = json_of(answer)
        token, seconds = str(found.get("access_token", "")), float(found.get("expires_in", 0))
        self.token = (token, now + timedelta(seconds=seconds))
        return token

    async def _asked_for_access(self) -> httpx.Response:
        now = int(self._clock.now().timestamp())
        claims = {"iss": self._email, "scope": SCOPE, "aud": self._token_url, "iat": now, "exp": now + 3600}
        form = {"grant_type": GRANT, "assertion": jwt.encode(claims, self._private_key, algorithm="RS256")}
        return await self._http("POST", self._token_url, form=form)


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
