"""What every provider's answers have in common, beyond how they fail."""

from collections.abc import Mapping
from typing import Any, Final

import httpx

from journeyman.channels.errors import RejectedError, TemporaryError, UnknownOutcomeError

PASSING: Final = frozenset({httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_MANY_REQUESTS})


def let_in(answer: httpx.Response) -> None:
    """Raises `RejectedError` where the provider refuses the credentials, `TemporaryError` where it does not answer."""
    if answer.is_client_error and answer.status_code not in PASSING:
        raise RejectedError(f"the provider refuses the credentials: {answer.status_code}")
    if not answer.is_success:
        raise TemporaryError(f"the provider answers {answer.status_code}")


def name_in(found: Mapping[str, Any], key: str) -> str:
    """How the provider names what it took. Raises `UnknownOutcomeError` where its answer does not say."""
    name = found.get(key)
    if not isinstance(name, str) or not name:
        raise UnknownOutcomeError("the provider's answer does not name the message")
    return name
