"""The rows that were not taken, in a file like the one that they come from, with the row's number and the reason."""

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import orjson

from journeyman.customers.imports.records import REASON, ROW, RecordFile
from journeyman.kit.errors import InvalidError


class Rejects(Protocol):
    """Takes rejected rows. Nothing is written before `flush`, which returns the file's size then."""

    count: int

    def add(self, number: int, raw: Any, reason: str) -> None: ...  # noqa: ANN401 - as the file has it

    def flush(self) -> int: ...


class _File:
    """A file that is cut back to the size that a checkpoint remembers, then added to; made with the first row.

    Raises `InvalidError` where the rows that were put aside before are not there any more: they would be lost unseen.
    """

    def __init__(self, path: Path, size: int) -> None:
        self.count = 0
        self.path = path
        self._waiting = io.StringIO()
        if size:
            if not path.is_file() or path.stat().st_size < size:
                mend = f"put it back, or remove {path}.checkpoint to begin anew, which doubles nothing"
                raise InvalidError(f"{path} is not what the interrupted import has left: {mend}")
            os.truncate(path, size)
        else:
            path.unlink(missing_ok=True)
        self._size = size

    def flush(self) -> int:
        text = self._waiting.getvalue().encode(errors="replace")
        if text:
            with self.path.open("ab") as file:
                file.write(text)
            self._size += len(text)
            self._waiting = io.StringIO()
        return self._size


class CsvRejects(_File):
    """Rejected rows of a CSV file; a row of another length keeps its own cells behind number and reason."""

    def __init__(self, path: Path, size: int, columns: Sequence[str], separator: str) -> None:
        super().__init__(path, size)
        self._columns = columns
        self._separator = separator

    def add(self, number: int, raw: Any, reason: str) -> None:  # noqa: ANN401 - a list of cells
        self.count += 1
        if self._size == 0 and not self._waiting.tell():
            self._write([ROW, REASON, *self._columns])
        self._write([number, reason, *raw])

    def _write(self, cells: Sequence[object]) -> None:
        csv.writer(self._waiting, delimiter=self._separator, lineterminator="\n").writerow(cells)


class JsonRejects(_File):
    """Rejected rows as JSON Lines; what was no object stands under `import_text`."""

    def add(self, number: int, raw: Any, reason: str) -> None:  # noqa: ANN401 - any JSON value
        self.count += 1
        row = raw if isinstance(raw, dict) else {"import_text": raw}
        line = orjson.dumps({ROW: number, REASON: reason, **row}, default=str)
        self._waiting.write(line.decode(errors="replace") + "\n")


def rejects_for(file: RecordFile, path: Path, size: int) -> Rejects:
    """A file of rejects for what `file` holds; Parquet cannot be added to, and its rejects are JSON Lines."""
    separator = getattr(file, "separator", None)
    if separator is not None and file.columns is not None:
        return CsvRejects(path, size, file.columns, separator)
    return JsonRejects(path, size)
