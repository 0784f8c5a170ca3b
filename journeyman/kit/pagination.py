"""Lists page by page. A cursor names the place behind which the next page begins, so that no page is read twice."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import orjson

from journeyman.kit.errors import Fault, InvalidError

T = TypeVar("T")
S = TypeVar("S")
LARGEST = 2**63 - 1
"""What the databases' integers hold."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page; `next` is the cursor of the following one, None on the last."""

    items: list[T]
    next: str | None = None

    def map(self, change: Callable[[T], S]) -> "Page[S]":
        return Page([change(item) for item in self.items], self.next)


def page_of(rows: Sequence[T], limit: int, place: Callable[[T], Sequence[Any]]) -> Page[T]:
    """The first `limit` of rows that were read with one row more than that; `place` is what a cursor remembers."""
    items = list(rows[:limit])
    return Page(items, write_cursor(*place(items[-1])) if len(rows) > limit else None)


def write_cursor(*place: object) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(place)).rstrip(b"=").decode()


def read_cursor(cursor: str | None, *kinds: type) -> tuple[Any, ...] | None:
    """The place that `write_cursor` wrote, with a part of each kind. Raises `InvalidError` for any other text."""
    if cursor is None:
        return None
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        return tuple(_part(part, kind) for part, kind in zip(orjson.loads(raw), kinds, strict=True))
    except (ValueError, TypeError, binascii.Error):
        fault = Fault("/query/cursor", "the cursor cannot be read", "Take it from `next` of the page before")
        raise InvalidError(fault.detail, [fault]) from None


def _part(part: object, kind: type) -> object:
    if kind is datetime and isinstance(part, str):
        at = datetime.fromisoformat(part)
        if at.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return at
    if isinstance(part, int) and not -LARGEST <= part <= LARGEST:
        raise ValueError("no row has a number like that")
    if type(part) is not kind or "\0" in str(part):
        raise ValueError("a part of another kind")
    return part
