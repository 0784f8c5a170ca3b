"""From a webhook to calls of the Segment spec, as the hook's expressions say."""

import hashlib
from datetime import UTC, datetime
from typing import Any

from jmespath.exceptions import JMESPathError

from journeyman.customers.hooks.document import Mapping, compiled
from journeyman.customers.inbox.errors import RefusedError, refused
from journeyman.kit.errors import Fault

MILLISECONDS = 10**11
"""A Unix time above this counts milliseconds: in seconds it would be the year 5138."""


def read(mapping: Mapping, key: str, delivered: dict[str, Any], digest: str) -> list[dict[str, Any]]:
    """The calls, who it is before what she did; none where the hook passes it over. Raises `RefusedError`."""
    if mapping.when is not None and not _found(mapping, "when", delivered):
        return []
    who, email = _who(mapping, delivered)
    about = {**who, "timestamp": _instant(_found(mapping, "timestamp", delivered))}
    base = f"hook:{key}:{_text(mapping, 'message_id', delivered) or digest}"
    event = _text(mapping, "event", delivered)
    properties = _found(mapping, "properties", delivered)
    if not event:
        raise _fault("event", "finds no name of an event")
    if properties is not None and not isinstance(properties, dict):
        raise _fault("properties", "finds no object")
    calls = [{"type": "track", **about, "messageId": base, "event": event, "properties": properties or {}}]
    if email is not None:
        calls.insert(0, {"type": "identify", **about, "messageId": f"{base}:who", "traits": {"email": email}})
    return calls


def _who(mapping: Mapping, delivered: dict[str, Any]) -> tuple[dict[str, Any], str | None]:
    """Whom it is about; an address that stands alone makes an anonymous id, always the same one."""
    user_id, anonymous_id = (_text(mapping, name, delivered) for name in ("user_id", "anonymous_id"))
    email = _text(mapping, "email", delivered)
    if not user_id and not anonymous_id and email:
        anonymous_id = "hook-" + hashlib.sha256(email.strip().lower().encode()).hexdigest()[:32]
    if not user_id and not anonymous_id:
        raise _fault("user_id", "finds nobody; neither do `anonymous_id` and `email`")
    given = {"userId": user_id, "anonymousId": anonymous_id}
    return {name: value for name, value in given.items() if value}, email


def _found(mapping: Mapping, name: str, delivered: dict[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
    expression = getattr(mapping, name)
    if expression is None:
        return None
    try:
        return compiled(expression).search(delivered)
    except (JMESPathError, TypeError, ValueError) as error:
        raise _fault(name, f"cannot be reckoned: {error}") from error


def _text(mapping: Mapping, name: str, delivered: dict[str, Any]) -> str | None:
    """Text; a number is taken as its digits."""
    found = _found(mapping, name, delivered)
    if found is None or isinstance(found, str):
        return found or None
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise _fault(name, "finds no text")
    return str(found)


def _instant(found: object) -> str | None:
    if isinstance(found, bool) or not isinstance(found, int | float):
        return found if isinstance(found, str) else None
    seconds = found / 1000 if found > MILLISECONDS else found
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        raise _fault("timestamp", "finds no time") from None


def _fault(name: str, what: str) -> RefusedError:
    return refused(Fault(f"/map/{name}", f"`{name}` {what}.", "Try the hook with a sample, and mend the expression."))
