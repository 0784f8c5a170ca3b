"""What is told of an import where no terminal is: the bar itself is looked at by `bench.imports`."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from journeyman.cli.import_progress import Progress
from journeyman.customers.imports.calls import Document
from journeyman.customers.imports.order import Order
from journeyman.customers.imports.sinks import Stored


class Shelf:
    """Takes everything, and lets six seconds pass over each batch."""

    def __init__(self) -> None:
        self.seconds = 0.0

    async def store(self, documents: Sequence[Document]) -> Stored:
        self.seconds += 6
        return Stored(len(documents))


def bring_in(path: Path, *, shown: bool) -> None:
    path.write_text("\n".join(["user_id", *(f"u{number}" for number in range(1_000))]))
    shelf = Shelf()
    importing = Order("customers", path, (), path.name, 200).begin(shelf)
    with Progress(path.name, importing, shown=shown, monotonic=lambda: shelf.seconds) as progress:
        asyncio.run(importing.run(progress.tell))


def test_without_a_terminal_a_line_comes_every_ten_seconds(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    bring_in(tmp_path / "crm.csv", shown=True)
    lines = capfd.readouterr().err.splitlines()
    assert [line.split(" read, ")[1] for line in lines] == ["400 rows", "800 rows"]
    assert all(line.startswith("crm.csv: ") for line in lines)


def test_for_a_program_nothing_is_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    bring_in(tmp_path / "crm.csv", shown=False)
    assert capfd.readouterr() == ("", "")
