"""What was done to those inside a journey, all of them or one, as sentences (V2, V4)."""

from collections.abc import Callable, Mapping
from typing import Any

from journeyman.insight.repository import JournalSeen
from journeyman.insight.words import Reader

Row = JournalSeen
Told = Callable[[Mapping[str, Any], Reader], str]


def of_migrated(row: Row, reader: Reader) -> str:
    """Which version the run took, and where that has led."""
    data = row.data
    before = reader.step(row.journey, int(data.get("from_version", row.version)), row.step)
    after = reader.step(row.journey, int(data.get("version", row.version)), data.get("step"))
    took = f"Took version {data.get('version')} in place of {data.get('from_version')}"
    if row.code == "stay":
        return f"{took}, and stays at {after}"
    return f"{took}, and went from {before} to {after}"


def _skipped(row: Row, reader: Reader) -> str:
    return f"{row.data.get('by')} let her go on from {_step(row, reader)}"


def _retried(row: Row, reader: Reader) -> str:
    return f"{row.data.get('by')} had {_step(row, reader)} begin anew"


def _moved(row: Row, reader: Reader) -> str:
    target = reader.step(row.journey, row.version, row.data.get("next"))
    return f"{row.data.get('by')} moved her from {_step(row, reader)} to {target}"


def _sent_before(row: Row, reader: Reader) -> str:
    return f"Passed {_step(row, reader)} by: she had its message already"


def _expired(row: Row, reader: Reader) -> str:
    return f"Left out {_step(row, reader)}: it was due for too long when the journey went on"


def _step(row: Row, reader: Reader) -> str:
    return reader.step(row.journey, row.version, row.step)


LEFT_BY_HAND: Mapping[str, Callable[[Row, Reader], str]] = {
    "skipped": _skipped,
    "retried": _retried,
    "moved": _moved,
    "sent_before": _sent_before,
    "expired": _expired,
}
"""Steps that were left by hand, or not taken."""
ENDED_BY_HAND: Mapping[str, Told] = {
    "support": lambda data, _: str(data.get("by")),
    "version": lambda data, _: f"version {data.get('version')}, which has no place for her",
    "stop": lambda _data, _: "the journey's being stopped",
    "resume": lambda data, reader: (
        f"what was due since {reader.instant(data.get('due'))}, too long ago when the journey went on"
    ),
}
"""Ends that somebody brought about for a run, or for all of them."""
