"""Requests signed as AWS wants them, with Signature Version 4.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qsl, quote, urlsplit

ALGORITHM: Final = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class AwsKey:
    """An access key; `session_token` belongs to one that lasts for a while only."""

    access_key_id: str
    secret: str
    session_token: str | None = None


@dataclass(frozen=True, slots=True)
class AwsSigner:
    """Signs requests to one service of one region. Paths are escaped a second time, as every service but S3 does."""

    key: AwsKey
    region: str
    service: str

    def headers(self, method: str, url: str, body: bytes, at: datetime, given: Mapping[str, str]) -> dict[str, str]:
        """`given` with all that the signature needs; it covers every header of them, and the host of `url`."""
        stamp = at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        headers = {**given, "X-Amz-Date": stamp}
        if self.key.session_token is not None:
            headers["X-Amz-Security-Token"] = self.key.session_token
        covered = {name.lower(): " ".join(value.split()) for name, value in headers.items()}
        covered["host"] = urlsplit(url).netloc
        names = ";".join(sorted(covered))
        scope = f"{stamp[:8]}/{self.region}/{self.service}/aws4_request"
        digest = hashlib.sha256(_canonical(method, url, body, covered).encode()).hexdigest()
        signature = self._signature(scope, f"{ALGORITHM}\n{stamp}\n{scope}\n{digest}")
        credential = f"{self.key.access_key_id}/{scope}"
        headers["Authorization"] = f"{ALGORITHM} Credential={credential}, SignedHeaders={names}, Signature={signature}"
        return headers

    def _signature(self, scope: str, said: str) -> str:
        """The key is made anew for each day, region and service."""
        key = f"AWS4{self.key.secret}".encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        return hmac.digest(key, said.encode(), "sha256").hex()


def _canonical(method: str, url: str, body: bytes, headers: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    pairs = sorted((_escaped(name), _escaped(value)) for name, value in parse_qsl(parts.query, keep_blank_values=True))
    lines = [
        method,
        quote(parts.path or "/", safe="/-_.~"),
        "&".join(f"{name}={value}" for name, value in pairs),
        *(f"{name}:{headers[name]}" for name in sorted(headers)),
        "",
        ";".join(sorted(headers)),
        hashlib.sha256(body).hexdigest(),
    ]
    return "\n".join(lines)


def _escaped(text: str) -> str:
    return quote(text, safe="-_.~")
