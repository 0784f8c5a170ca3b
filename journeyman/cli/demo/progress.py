"""How far the play is: a bar in a terminal, a few lines elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from journeyman.cli.demo.script import Moment, Script

DAYS_A_LINE = 5


@contextmanager
def showing(console: Console, script: Script, seconds_per_day: float) -> Iterator[Callable[[Moment], None]]:
    """Shows how many days were played; the block is given what to call after every moment."""
    if console.is_terminal:
        with _bar(console, script, seconds_per_day) as advance:
            yield advance
    else:
        yield _lines(console, seconds_per_day)


@contextmanager
def _bar(console: Console, script: Script, seconds_per_day: float) -> Iterator[Callable[[Moment], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed} events"))
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as progress:
        task = progress.add_task("day 1", total=len(script.moments))

        def advance(moment: Moment) -> None:
            progress.update(task, advance=1, description=f"day {_day(moment, seconds_per_day)}")

        yield advance


def _lines(console: Console, seconds_per_day: float) -> Callable[[Moment], None]:
    told = 0

    def advance(moment: Moment) -> None:
        nonlocal told
        day = _day(moment, seconds_per_day)
        if day // DAYS_A_LINE > told:
            told = day // DAYS_A_LINE
            console.print(f"day {day} of the play", soft_wrap=True)

    return advance


def _day(moment: Moment, seconds_per_day: float) -> int:
    return int(moment.at / seconds_per_day) + 1
