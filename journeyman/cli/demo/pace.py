"""A month in two minutes: every duration of a journey becomes shorter by the same factor."""

from typing import Any

from pydantic_core import PydanticCustomError

from journeyman.language.durations import Duration

DAY = 86_400.0
DURATIONS = frozenset(
    {"for", "timeout", "after", "within", "per", "since", "offset", "spread", "ago", "ahead"}
    | {"within_last", "within_next"}
)
# A duration is above zero, and written in thousandths of a second here.
SHORTEST = 0.01


def compress(document: Any, seconds_per_day: float) -> Any:  # noqa: ANN401 - any JSON value
    """The document with its durations at the pace of the demo; calendar days and words stay as they are."""
    if isinstance(document, dict):
        return {
            name: _shorter(part, seconds_per_day) if name in DURATIONS else compress(part, seconds_per_day)
            for name, part in document.items()
        }
    if isinstance(document, list):
        return [compress(part, seconds_per_day) for part in document]
    return document


def _shorter(part: Any, seconds_per_day: float) -> Any:  # noqa: ANN401 - any JSON value
    try:
        length = Duration.parse(part).timedelta.total_seconds()
    except PydanticCustomError:
        return compress(part, seconds_per_day)
    return f"PT{max(SHORTEST, length * seconds_per_day / DAY):.3f}S"
