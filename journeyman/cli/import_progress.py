"""How far an import is, on a terminal: on stderr, so that what it prints at the end stays alone."""

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

if TYPE_CHECKING:
    from journeyman.customers.imports.checkpoint import Tally
    from journeyman.customers.imports.importing import Importing

WAITS = "waits until intake has cleared what came before"


class Progress:
    """A progress bar over `importing`; nothing where nobody looks."""

    def __init__(self, name: str, importing: "Importing", *, shown: bool) -> None:
        self._importing = importing
        console = Console(stderr=True)
        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[counts]}"),
            TimeRemainingColumn(),
            console=console,
            disable=not (shown and sys.stderr.isatty()),
        )
        self._task = self._bar.add_task(name, total=1.0, counts="")
        if importing.skipped and shown:
            console.print(f"goes on after {importing.skipped:,} rows that are dealt with")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def tell(self, tally: "Tally", waits: bool) -> None:
        """Show what is done so far."""
        rejected = f", {tally.rejected:,} rejected" if tally.rejected else ""
        counts = f"{tally.rows:,} rows{rejected}{f' · {WAITS}' if waits else ''}"
        self._bar.update(self._task, completed=self._importing.share_read(), counts=counts)
