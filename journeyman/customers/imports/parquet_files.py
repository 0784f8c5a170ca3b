"""Files of Apache Parquet, read group by group. Needs the extra `parquet`."""

import math
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

from journeyman.customers.imports.records import Broken, Record
from journeyman.kit.errors import InvalidError

AT_ONCE = 1000
"""Rows that are held at a time."""


class ParquetFile:
    """A Parquet file. Raises `InvalidError` where it is none, or where pyarrow is not installed."""

    is_text = False

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opened = _open(path)
        self._rows = max(int(self._opened.metadata.num_rows), 1)
        self._read = 0
        self.columns: list[str] | None = list(self._opened.schema_arrow.names)

    def records(self) -> Iterator[Record | Broken]:
        self._read = 0
        for batch in _open(self._path).iter_batches(batch_size=AT_ONCE):
            for row in batch.to_pylist():
                self._read += 1
                yield _record(self._read, row)

    def share_read(self) -> float:
        return self._read / self._rows


def _open(path: Path) -> Any:  # noqa: ANN401 - pyarrow's own, which is there only with the extra
    try:
        parquet = import_module("pyarrow.parquet")
    except ImportError:
        mend = 'install it with `pip install "journeyman[parquet]"`, or save the file as CSV or JSON Lines'
        raise InvalidError(f"{path}: Parquet files need the extra `parquet`: {mend}") from None
    try:
        return parquet.ParquetFile(path)
    except (ValueError, OSError) as error:
        raise InvalidError(f"{path}: this is no Parquet file: {error}") from error


def _record(number: int, row: dict[str, Any]) -> Record | Broken:
    try:
        values = {name: plain(value) for name, value in row.items()}
    except TypeError as error:
        return Broken(number, {name: str(value) for name, value in row.items()}, str(error))
    fields = {name: value for name, value in values.items() if value is not None}
    return Record(number, fields, fields)


def plain(value: Any) -> Any:  # noqa: ANN401 - any value of Arrow's types
    """A value of Arrow as JSON has it; an instant without zone is UTC. Raises `TypeError` where JSON has no form.

    A number that is not finite is no value: that is how pandas writes that there is none.
    """
    match value:
        case float():
            return value if math.isfinite(value) else None
        case None | bool() | int() | str():
            return value
        case datetime():
            return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
        case date() | time():
            return value.isoformat()
        case Decimal():
            return plain(float(value))
        case _:
            return _nested(value)


def _nested(value: object) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    raise TypeError(f"a value of type {type(value).__name__} cannot be stored")
