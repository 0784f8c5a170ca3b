"""Callbacks that carry a signed token (RFC 7519) over what is called and what is said."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import jwt

from journeyman.channels.ports import ForgedError

ALGORITHMS: Final = ("HS256", "HS384", "HS512")
LEEWAY: Final = 5
"""Seconds that clocks may differ."""


def claims_of(token: str, secret: str, now: datetime) -> Mapping[str, Any]:
    """What a token says, signed with a shared secret. Raises `ForgedError` before and after its time, too."""
    options: dict[str, Any] = dict.fromkeys(("verify_exp", "verify_nbf", "verify_iat", "verify_aud"), False)
    try:
        claims = jwt.decode(token, secret, algorithms=list(ALGORITHMS), options=options)  # type: ignore[arg-type]  # as its own documentation calls it
    except jwt.InvalidTokenError as error:
        raise ForgedError("the token is not signed with our secret") from error
    seconds = now.timestamp()
    begins, ends = _seconds(claims, "nbf"), _seconds(claims, "exp")
    if (begins is not None and seconds < begins - LEEWAY) or (ends is not None and seconds > ends + LEEWAY):
        raise ForgedError("the token is not of this time")
    return claims


def issued(claims: Mapping[str, Any]) -> float:
    """Unix time at which it was made. Raises `ForgedError` without it."""
    made = _seconds(claims, "iat")
    if made is None:
        raise ForgedError("the token does not say when it was made")
    return made


def covers(claims: Mapping[str, Any], claim: str, said: bytes) -> bool:
    """Whether a claim is the SHA-256 of what was said, in hexadecimal digits."""
    return hmac.compare_digest(str(claims.get(claim, "")).encode(), hashlib.sha256(said).hexdigest().encode())


def _seconds(claims: Mapping[str, Any], claim: str) -> float | None:
    given = claims.get(claim)
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise ForgedError("the token's time cannot be read")
    return float(given)
