"""The shop's own fields: any JSON that both databases keep, within bounds."""

from typing import Any

from journeyman.kit.database import to_json

LARGEST = 16 * 1024
"""Bytes of JSON that a product's own fields may take, and a variant's."""
DEEPEST = 20

_STORABLE: dict[int, str | None] = {0: None} | dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


def clean_text(text: str) -> str:
    """Without NUL characters, which PostgreSQL stores none of, and with U+FFFD for lone surrogates."""
    return text.translate(_STORABLE) if not text.isascii() or "\0" in text else text


def clean_fields(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields as they can be kept. Raises `ValueError` for what cannot."""
    cleaned: dict[str, Any] = _cleaned(fields, 0)
    try:
        size = len(to_json(cleaned).encode())
    except TypeError:
        raise ValueError("there is a number beyond 64 bits, or something that is no JSON") from None
    if size > LARGEST:
        raise ValueError(f"it takes {size} bytes of JSON, the limit is {LARGEST}")
    return cleaned


def _cleaned(value: Any, depth: int) -> Any:  # noqa: ANN401 - any JSON value
    if depth > DEEPEST:
        raise ValueError(f"it nests deeper than {DEEPEST} levels")
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, dict):
        return {clean_text(str(key)): _cleaned(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_cleaned(item, depth + 1) for item in value]
    if isinstance(value, float) and not -float("inf") < value < float("inf"):
        raise ValueError("there is a number that is not finite")
    return value
