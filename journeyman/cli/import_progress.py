"""How far an import is: on stderr, so that what it prints at the end stays alone."""

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

if TYPE_CHECKING:
    from journeyman.customers.imports.checkpoint import Tally
    from journeyman.customers.imports.importing import Importing

WAITS = "waits until intake has cleared what came before"
LINE_EVERY = 10.0
"""Seconds between two lines where there is no terminal, as in the log of a nightly job."""


class Progress:
    """A progress bar over `importing` on a terminal, and a line now and then elsewhere; nothing unless `shown`."""

    def __init__(
        self, name: str, importing: "Importing", *, shown: bool, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._name = name
        self._importing = importing
        self._says_lines = shown and not sys.stderr.isatty()
        self._monotonic = monotonic
        self._said_at = monotonic()
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
        share = self._importing.share_read()
        self._bar.update(self._task, completed=share, counts=counts)
        if self._says_lines and self._monotonic() >= self._said_at + LINE_EVERY:
            self._said_at = self._monotonic()
            print(f"{self._name}: {share:.0%} read, {counts}", file=sys.stderr, flush=True)
