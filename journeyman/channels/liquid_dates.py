"""The `date` filter: instants in a named time zone, never in the server's own."""

from datetime import UTC, datetime, time
from datetime import date as calendar_date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from liquid import RenderContext
from liquid.exceptions import FilterArgumentError
from liquid.filter import with_context
from liquid.undefined import is_undefined

FORMAT_LIMIT = 100
TEXT_LIMIT = 64


@with_context
def date(value: object, form: object = "%Y-%m-%d", zone: object = None, *, context: RenderContext) -> object:
    """`value` written by a `strftime` format, in the IANA time zone `zone` (UTC unless given).

    `value` is an instant, ISO 8601 text, seconds since 1970, or `now`. What is no date is given back unchanged, as
    the standard filter does. Raises `FilterArgumentError` for an unknown zone and an overlong format.
    """
    if is_undefined(value) or value is None:
        return ""
    instant = _instant(context.resolve("now") if value in {"now", "today"} else value)
    if instant is None:
        return value
    form = str(form)
    if len(form) > FORMAT_LIMIT or any(character.isdigit() for character in form):
        raise FilterArgumentError("this date format cannot be used", token=None)
    return instant.astimezone(_zone(zone)).strftime(form)


def _zone(name: object) -> ZoneInfo:
    if name is None or is_undefined(name):
        return ZoneInfo("UTC")
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise FilterArgumentError("this time zone is not known", token=None) from error


def _instant(value: object) -> datetime | None:
    if isinstance(value, str):
        value = _read(value.strip())
    if isinstance(value, calendar_date) and not isinstance(value, datetime):
        value = datetime.combine(value, time.min)
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return datetime.fromtimestamp(value, UTC)
        except (OverflowError, OSError, ValueError):
            return None
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _read(text: str) -> datetime | int | None:
    if len(text) > TEXT_LIMIT:
        return None
    if text.isascii() and text.isdigit():
        return int(text)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
