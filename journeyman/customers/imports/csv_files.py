"""Files of comma-separated values (RFC 4180), with a header. Tabs, semicolons and bars are found as separators too."""

import csv
from collections.abc import Iterator
from pathlib import Path

from journeyman.customers.imports.records import NOT_UTF8, Broken, Record
from journeyman.customers.imports.streams import Stream
from journeyman.kit.errors import InvalidError

SEPARATORS = ",;\t|"
LONGEST_CELL = 1024 * 1024
"""Characters. A quote that is never closed swallows no more than this before it is told."""


class CsvFile:
    """A CSV file. Raises `InvalidError` where it has no header or a column has no name or two the same."""

    is_text = True

    def __init__(self, path: Path) -> None:
        self._stream = Stream(path)
        with self._stream.text() as lines:
            first = next(iter(lines), "")
        self.separator = max(SEPARATORS, key=first.count)
        csv.field_size_limit(LONGEST_CELL)
        self._names = self._header(path)
        self.columns: list[str] | None = self._names

    def _header(self, path: Path) -> list[str]:
        with self._stream.text() as lines:
            names = [name.strip() for name in next(csv.reader(lines, delimiter=self.separator), [])]
        unnamed = [place for place, name in enumerate(names, start=1) if not name]
        twice = sorted({name for name in names if names.count(name) > 1})
        if not names or unnamed or twice:
            problem = f"column {unnamed[0]} has no name" if unnamed else f"two columns are called {', '.join(twice)}"
            raise InvalidError(f"{path}: {problem if names else 'the file is empty'}; the first row names the columns")
        return names

    def records(self) -> Iterator[Record | Broken]:
        with self._stream.text() as lines:
            rows = csv.reader(lines, delimiter=self.separator)
            next(rows)
            yield from self._numbered(rows)

    def _numbered(self, rows: Iterator[list[str]]) -> Iterator[Record | Broken]:
        number = 1
        while True:
            number += 1
            try:
                cells = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                yield Broken(number, [], f"the row cannot be read: {error}")
                continue
            if cells:
                yield self._record(number, cells)

    def _record(self, number: int, cells: list[str]) -> Record | Broken:
        if len(cells) != len(self._names):
            reason = f"the row has {len(cells)} cells, the header has {len(self._names)}"
            return Broken(number, cells, reason)
        fields = {name: cell for name, cell in zip(self._names, cells, strict=True) if cell}
        try:
            "".join(fields.values()).encode()
        except UnicodeEncodeError:
            return Broken(number, [cell.encode(errors="replace").decode() for cell in cells], f"the row {NOT_UTF8}")
        return Record(number, fields, cells)

    def share_read(self) -> float:
        return self._stream.share_read()
