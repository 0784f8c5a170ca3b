"""What a check has found."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """`ok`; `warn`: look at it when you can; `fail`: something does not work."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: in words, and with the mend where there is something to mend."""

    area: str
    level: Level
    detail: str
    mend: str = ""


def ok(area: str, detail: str) -> Finding:
    return Finding(area, Level.OK, detail)


def warn(area: str, detail: str, mend: str) -> Finding:
    return Finding(area, Level.WARN, detail, mend)


def fail(area: str, detail: str, mend: str) -> Finding:
    return Finding(area, Level.FAIL, detail, mend)
