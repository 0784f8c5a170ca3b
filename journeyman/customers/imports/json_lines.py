"""Files with a JSON object on each line (jsonlines.org)."""

from collections.abc import Iterator
from pathlib import Path

import orjson

from journeyman.customers.imports.records import NOT_UTF8, Broken, Record
from journeyman.customers.imports.streams import Stream


class JsonLinesFile:
    """A file of JSON Lines. Empty lines are passed over."""

    is_text = False
    columns: list[str] | None = None

    def __init__(self, path: Path) -> None:
        self._stream = Stream(path)

    def records(self) -> Iterator[Record | Broken]:
        with self._stream.binary() as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _record(number, line)

    def share_read(self) -> float:
        return self._stream.share_read()


def _record(number: int, line: bytes) -> Record | Broken:
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        text = line.decode(errors="replace").rstrip("\r\n")
        reason = f"the line {NOT_UTF8}" if "�" in text else f"the line is no JSON: {error}"
        return Broken(number, text, reason)
    if not isinstance(found, dict):
        return Broken(number, found, "the line is no JSON object")
    return Record(number, found, found)
