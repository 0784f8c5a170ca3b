"""What happened to one customer, step by step."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from journeyman.cli.demo.shop import Person
from journeyman.cli.remote import Remote

# A story of which all fits on a screen.
LINES = 40
ASKED = 6


async def tell_story(remote: Remote, heroes: Sequence[Person]) -> list[str]:
    """The timeline of the person of whom there is most to tell, oldest first."""
    timelines = [(person, await _timeline(remote, person)) for person in heroes[:ASKED]]
    person, items = max(timelines, key=lambda told: _interest(told[1]))
    lines = [f"{_clock(item['at'])}  {item['text']}" for item in items]
    return [f"What happened to {person.first_name} {person.last_name} ({person.id}):", *(f"  {line}" for line in lines)]


async def _timeline(remote: Remote, person: Person) -> list[dict[str, Any]]:
    page = await remote.get(f"/v1/customers/{person.id}/timeline", limit=LINES)
    items: list[dict[str, Any]] = page["items"]
    return items[::-1]


def _interest(items: Sequence[dict[str, Any]]) -> tuple[int, int]:
    """Many kinds of things are better than many things."""
    return len({item["kind"] for item in items}), len(items)


def _clock(instant: str) -> str:
    return f"{datetime.fromisoformat(instant).astimezone():%H:%M:%S}"
