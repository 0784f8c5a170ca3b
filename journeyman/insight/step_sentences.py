"""What steps did that are neither a wait nor a message, as sentences."""

from collections.abc import Callable, Mapping

from journeyman.insight.repository import JournalSeen
from journeyman.insight.words import Reader, count, listing

Row = JournalSeen


def of_left(row: Row, reader: Reader) -> str | None:
    """What happened at a step that the customer left; None for a code that is not told here."""
    said = LEFT.get(row.code or "")
    return said(row, reader) if said is not None else None


def of_lists(row: Row) -> str:
    """On which lists an `update` has put somebody, and off which it took her; empty where it did neither."""
    words = {"joined": "Put on the list", "left": "Taken off the list", "refused": "Left alone, kept by no hand:"}
    found = [f"{word} {listing(row.data[key])}" for key, word in words.items() if row.data.get(key)]
    return ". ".join(found)


def _step(row: Row, reader: Reader, step: str | None) -> str:
    return reader.step(row.journey, row.version, step)


def _again(row: Row, reader: Reader) -> str:
    turn = int(row.data.get("times", 0)) + 1
    return f"Went back to {_step(row, reader, row.data.get('next'))} for the {ordinal(turn)} time"


def _enough(row: Row, reader: Reader) -> str:
    times = int(row.data.get("times", 0))
    return f"Went on at {_step(row, reader, row.step)}: it had gone back {count(times, 'time')}, which is enough"


def _emit(row: Row, _reader: Reader) -> str:
    return f"The journey let **{row.data.get('event')}** happen"


def _split(row: Row, reader: Reader) -> str:
    arm = f"arm **{row.data.get('arm')}** of {_step(row, reader, row.step)}"
    said = {"kept": f"Got {arm} again", "winner": f"Got {arm}, which has won"}
    return said.get(str(row.data.get("how")), f"Drew {arm}")


def _depth(row: Row, reader: Reader) -> str:
    most = row.data.get("most")
    return f"Left {_step(row, reader, row.step)} without effect: {most} runs had started one another already"


def _called(row: Row, reader: Reader) -> str:
    return f"Called {row.data.get('host')} at {_step(row, reader, row.step)}: answered with {row.data.get('status')}"


def _call_failed(row: Row, reader: Reader) -> str:
    attempts = count(int(row.data.get("attempts", 0)), "attempt")
    why = row.data.get("detail") or f"answered with {row.data.get('status')}"
    return f"The call of {row.data.get('host')} at {_step(row, reader, row.step)} failed after {attempts}: {why}"


def _performed(row: Row, reader: Reader) -> str:
    return f"**{row.data.get('activity')}** was done at {_step(row, reader, row.step)}"


def _activity_failed(row: Row, reader: Reader) -> str:
    return f"**{row.data.get('activity')}** failed at {_step(row, reader, row.step)}: {row.data.get('detail')}"


def ordinal(number: int) -> str:
    """As `1st`, `2nd`, `13th`."""
    tens = number % 100
    end = "th" if 10 < tens < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")  # noqa: PLR2004 - 11th to 13th
    return f"{number}{end}"


LEFT: Mapping[str, Callable[[Row, Reader], str]] = {
    "again": _again,
    "enough": _enough,
    "emit": _emit,
    "depth": _depth,
    "split": _split,
    "performed": _performed,
    "activity_failed": _activity_failed,
    "called": _called,
    "call_failed": _call_failed,
}
