"""How instants, steps and figures are put for people. A word set in `**` is a name that somebody gave."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from journeyman.language.definition import Definition

Version = tuple[str, int]
"""A journey's key and a version of it."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: what she knows the journeys as, in which zone she thinks, and when she looks."""

    definitions: Mapping[Version, Definition]
    zone: ZoneInfo
    now: datetime

    def journey(self, journey: str, version: int) -> str:
        """The journey's name, else its key."""
        definition = self.definitions.get((journey, version))
        return f"**{(definition and definition.name) or journey}**"

    def step(self, journey: str, version: int, step: str | None) -> str:
        """The step's name, else its id."""
        definition = self.definitions.get((journey, version))
        known = definition is not None and step is not None and definition.has_step(step)
        return f"**{definition.step(step).title if definition and step and known else step}**"

    def instant(self, at: datetime | str | None, zone: str | None = None) -> str:
        """As `12 Mar 09:00 Warsaw`; with the year where it is not this one, with seconds where there are any."""
        if at is None:
            return "an unknown time"
        moment = datetime.fromisoformat(at) if isinstance(at, str) else at
        place = ZoneInfo(zone) if zone else self.zone
        local = moment.astimezone(place)
        year = f" {local.year}" if local.year != self.now.astimezone(place).year else ""
        seconds = f":{local:%S}" if local.second else ""
        return f"{local.day} {local:%b}{year} {local:%H:%M}{seconds} {city(place)}"


def city(zone: ZoneInfo) -> str:
    """`Europe/Warsaw` as people call it."""
    return zone.key.rsplit("/", 1)[-1].replace("_", " ")


def listing(words: list[str], last: str = "and") -> str:
    """As `a, b and c`."""
    if len(words) < 2:  # noqa: PLR2004 - one word is no list
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def count(number: int, one: str, many: str | None = None) -> str:
    """As `1 message`, `2 messages`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def figure(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """A JSON value in a sentence; long ones are cut."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = value if isinstance(value, str) else f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


LONGEST = 80
"""Characters of a value in a sentence."""
