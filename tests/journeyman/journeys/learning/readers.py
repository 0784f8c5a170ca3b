"""The made-up readers of `world` as customers of a workspace: their messages and visits as rows."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from journeyman.channels.tables import Message
from journeyman.customers.tables import Customer, Event
from journeyman.kit.database import Database
from tests.journeyman.intelligence.world import Reader

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 6, 1, 2, tzinfo=UTC)
"""A Monday, at night."""
WEEKS = 14
"""So many weeks back the first message was sent."""

_numbers = count(1)


async def move_in(database: Database, people: Sequence[Reader], prefix: str = "c") -> None:
    """Have these people be customers: their messages over fourteen weeks, in their order, and their visits."""
    async with database.transaction() as connection:
        await connection.execute(insert(Customer), [_customer(f"{prefix}{place}") for place in range(len(people))])
        for begin in range(0, len(people), 500):
            some = [(f"{prefix}{begin + place}", one) for place, one in enumerate(people[begin : begin + 500])]
            messages = [row for customer, one in some for row in _messages(customer, one)]
            visits = [row for customer, one in some for row in _visits(customer, one)]
            if messages:
                await connection.execute(insert(Message), messages)
            if visits:
                await connection.execute(insert(Event), visits)


def hour(weeks_ago: int, cell: int, minute: int = 20) -> datetime:
    """An instant in an hour of the local week, so many weeks ago."""
    monday = NOW.date() - timedelta(weeks=weeks_ago)
    day = monday + timedelta(days=cell // 24)
    return datetime(day.year, day.month, day.day, cell % 24, minute, tzinfo=LONDON)


def _customer(key: str) -> dict[str, Any]:
    return {"id": key, "attributes": {"timezone": "Europe/London"}, "created_at": NOW, "updated_at": NOW}


def _messages(customer: str, one: Reader) -> Iterator[dict[str, Any]]:
    for place, (cell, clicked) in enumerate(one.history.sends):
        at = hour(WEEKS - place * (WEEKS - 1) // max(len(one.history.sends), 1), cell)
        yield message(customer, at, at + timedelta(minutes=5) if clicked else None)


def message(customer: str, at: datetime, clicked: datetime | None = None, **parts: Any) -> dict[str, Any]:
    number = next(_numbers)
    return {
        "id": f"msg{number}",
        "run_id": f"run{number}",
        "step": "mail",
        "visit": 1,
        "journey_key": "news",
        "version": 1,
        "customer_id": customer,
        "channel": "email",
        "topic": "marketing",
        "template_key": "news",
        "state": "sent",
        "outcome": "sent",
        "reserved_at": at,
        "sent_at": at,
        "clicked_at": clicked,
        **parts,
    }


def _visits(customer: str, one: Reader) -> Iterator[dict[str, Any]]:
    """Each hour in which she was there, as far ago as it weighs."""
    for cell, weight in one.history.active.items():
        weeks = 1 if weight > 0.9 else 4 if weight > 0.6 else 10
        yield visit(customer, hour(weeks, cell, 50))


def visit(customer: str, at: datetime) -> dict[str, Any]:
    number = next(_numbers)
    names = {"seq": number, "message_id": f"v{number}", "customer_id": customer, "type": "page", "name": "Page Viewed"}
    return {**names, "event_time": at, "received_at": at, "properties": {}, "context": {}}
