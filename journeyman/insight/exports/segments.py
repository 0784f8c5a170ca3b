"""A segment's members as a file, for tools that take one: spreadsheets, ad platforms, a sales team."""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from typing import Any, Literal

import orjson

from journeyman.customers.segments import repository
from journeyman.customers.segments.repository import Member
from journeyman.kit.database import Database
from journeyman.kit.errors import NotFoundError

Format = Literal["csv", "jsonl"]
USUAL = ("email", "phone", "firstName", "lastName")
"""The attributes of a CSV file for which nobody has asked for others."""
AT_ONCE = 1000
"""Members that are read at a time, so that the largest segment takes no more memory than a small one."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""With these a spreadsheet begins a formula (OWASP, CSV injection)."""


class SegmentExport:
    """Writes segments out, piece by piece."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, key: str, kind: Format, attributes: Sequence[str] = USUAL) -> AsyncIterator[str]:
        """The file as a stream of text. Raises `NotFoundError` before the first piece of it."""
        async with self._database.reading() as connection:
            if not await repository.find(connection, [key]):
                raise NotFoundError(f"there is no segment `{key}`")
        return self._lines(key) if kind == "jsonl" else self._rows(key, attributes)

    async def _pages(self, key: str) -> AsyncIterator[list[Member]]:
        after: str | None = None
        while True:
            async with self._database.reading() as connection:
                page = await repository.members_in_full(connection, key, after, AT_ONCE)
            if not page:
                return
            yield page
            after = page[-1].customer

    async def _rows(self, key: str, attributes: Sequence[str]) -> AsyncIterator[str]:
        yield _written([["customer", "since", *attributes]])
        async for page in self._pages(key):
            yield _written([_row(one, attributes) for one in page])

    async def _lines(self, key: str) -> AsyncIterator[str]:
        async for page in self._pages(key):
            rows = ({"customer": one.customer, "since": one.since, "attributes": one.attributes} for one in page)
            yield "".join(f"{orjson.dumps(row).decode()}\n" for row in rows)


def _row(member: Member, attributes: Sequence[str]) -> list[str]:
    known = (cell(member.attributes.get(name)) for name in attributes)
    return [cell(member.customer), member.since.isoformat(), *known]


def cell(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """A value as a cell that no spreadsheet takes for a formula: an apostrophe goes before what begins like one."""
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA) else value
    return orjson.dumps(value).decode()


def _written(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
