"""What steps did that are neither a wait nor a message, as sentences."""

from collections.abc import Callable, Mapping

from journeyman.insight.repository import JournalSeen
from journeyman.insight.version_sentences import LEFT_BY_HAND
from journeyman.insight.words import Reader, count, listing
from journeyman.language.steps.enter import REFUSED

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


def _let_through(row: Row, reader: Reader) -> str:
    return f"Was let through {_step(row, reader, row.step)}"


def _answered(row: Row, reader: Reader) -> str:
    comment = f": {row.data['comment']}" if row.data.get("comment") else ""
    return f"{row.data.get('by')} answered {_step(row, reader, row.step)} with **{row.data.get('answer')}**{comment}"


def _unanswered(row: Row, reader: Reader) -> str:
    return f"Nobody answered {_step(row, reader, row.step)} in time"


def _sent_into(row: Row, reader: Reader) -> str:
    return f"Was sent into **{row.data.get('journey')}** by {_step(row, reader, row.step)}"


def _not_entered(row: Row, reader: Reader) -> str:
    reasons = {"not_live": "it is not live", "not_api": "it does not start `on: api`"}
    reason = reasons.get(str(row.data.get("reason")), "too many runs have started one another already")
    return f"Was not sent into **{row.data.get('journey')}** by {_step(row, reader, row.step)}: {reason}"


def _other_ended(row: Row, reader: Reader) -> str:
    step, journey = _step(row, reader, row.step), row.data.get("journey")
    if row.data.get("outcome") == REFUSED:
        return f"Went on at {step}: **{journey}** did not let her in ({row.data.get('code')})"
    return f"Went on at {step}: **{journey}** was over ({row.data.get('outcome')})"


def _still_inside(row: Row, reader: Reader) -> str:
    return f"Went on at {_step(row, reader, row.step)}: **{row.data.get('journey')}** was not over in time"


def _audience(row: Row, _reader: Reader) -> str:
    moved = "Put into" if row.data.get("is_in") else "Taken out of"
    untold = ", for which no ad network is set up" if row.data.get("outcome") == "not_configured" else ""
    return f"{moved} the ad audience **{row.data.get('audience')}**{untold}"


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
    "let_through": _let_through,
    "answered": _answered,
    "unanswered": _unanswered,
    "entered": _sent_into,
    "not_entered": _not_entered,
    "other_ended": _other_ended,
    "still_inside": _still_inside,
    "audience": _audience,
    "performed": _performed,
    "activity_failed": _activity_failed,
    "called": _called,
    "call_failed": _call_failed,
    **LEFT_BY_HAND,
}
