"""Which reader reads a file, by its name."""

import hashlib
from pathlib import Path

from journeyman.customers.imports.csv_files import CsvFile
from journeyman.customers.imports.json_lines import JsonLinesFile
from journeyman.customers.imports.parquet_files import ParquetFile
from journeyman.customers.imports.records import RecordFile
from journeyman.kit.errors import InvalidError

CSV = (".csv", ".tsv", ".txt")
JSON_LINES = (".jsonl", ".ndjson")
PARQUET = (".parquet", ".pq")


def open_records(path: Path) -> RecordFile:
    """A reader of the file. Raises `InvalidError` where there is no file or its kind is not known."""
    if not path.is_file():
        raise InvalidError(f"{path}: there is no such file")
    kind = kind_of(path)
    if kind in CSV:
        return CsvFile(path)
    if kind in JSON_LINES:
        return JsonLinesFile(path)
    if kind in PARQUET and path.suffix == kind:
        return ParquetFile(path)
    known = ", ".join((*CSV, *JSON_LINES, *PARQUET))
    raise InvalidError(f"{path}: the name has to end in one of {known} (CSV and JSON Lines may add .gz)")


def kind_of(path: Path) -> str:
    """The ending that tells what is in a file, `.gz` apart."""
    return (path.with_suffix("") if path.suffix == ".gz" else path).suffix.lower()


def fingerprint(path: Path) -> str:
    """The SHA-256 of what the file holds."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
