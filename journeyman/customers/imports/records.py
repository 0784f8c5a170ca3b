"""What a file holds, record by record."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

ROW, REASON = "import_row", "import_reason"
"""What is added to a rejected row. Mended, the file is imported like any other, and these two are left out."""
NOT_UTF8 = "is not UTF-8 text; save the file in UTF-8"


@dataclass(frozen=True, slots=True)
class Record:
    """One record that could be read. `number` is its row in the file as an editor counts it; `raw` is what stood there.

    `fields` leaves out what the file leaves empty.
    """

    number: int
    fields: dict[str, Any]
    raw: Any


@dataclass(frozen=True, slots=True)
class Broken:
    """One record that could not be read, and why."""

    number: int
    raw: Any
    reason: str


class RecordFile(Protocol):
    """A file of records. It is read as a stream, and anew each time that it is asked for."""

    columns: list[str] | None
    """The file's columns, where it names them once for all records."""
    is_text: bool
    """Whether every value is text, so that types have to be found out."""

    def records(self) -> Iterator[Record | Broken]: ...

    def share_read(self) -> float:
        """How much of the file the last stream has read, from 0 to 1."""
        ...
