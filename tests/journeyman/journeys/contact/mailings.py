"""Journeys that mail ann, and what became of their messages."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from journeyman.channels.tables import Message
from journeyman.journeys.contact.policies import Policies
from tests.builders import incoming, journey
from tests.world import World

NIGHT: dict[str, Any] = {"from": "21:00", "until": "08:00"}
END: dict[str, Any] = {"id": "after", "end": "over"}


def mail(step: str = "mail", **send: Any) -> dict[str, Any]:
    return {"id": step, "send": {"channel": "email", "template": "hello", **send}}


def mailing(key: str = "cart", *steps: dict[str, Any], event: str = "Go", **parts: Any) -> dict[str, Any]:
    """A journey that mails at once, whenever the event comes, in parallel runs."""
    entry = {"on": "event", "event": event, "correlate": "n", "while_live": "parallel", "reentry": "always"}
    return journey(key, entry=entry, steps=[*(steps or [mail()]), END], **parts)


async def policy(here: World, **document: Any) -> None:
    await Policies(here.database, here.clock).write(document)


async def at(here: World, text: str) -> None:
    """Let it be this time of this week's Monday, or so many days after: `21:30`, `+1 07:00`."""
    day, clock = text.split() if " " in text else ("+0", text)
    wanted = datetime.fromisoformat(f"2026-03-02T{clock}:00").replace(tzinfo=UTC) + timedelta(days=int(day))
    assert wanted >= here.clock.at
    await here.pass_time(seconds=(wanted - here.clock.at).total_seconds())


_numbers = iter(range(10**9))


async def go(here: World, customer: str = "ann", event: str = "Go", times: int = 1) -> None:
    events = [incoming(event, customer, at=here.clock.at, n=f"n{next(_numbers)}") for _ in range(times)]
    await here.shop.accept(*events)
    await here.settle()


async def ledger(here: World) -> list[Any]:
    async with here.database.reading() as connection:
        query = select(Message.__table__).order_by(Message.reserved_at, Message.id)
        return list((await connection.execute(query)).all())


async def outcomes(here: World) -> list[str | None]:
    return sorted((row.outcome for row in await ledger(here)), key=str)


async def gates(here: World, kind: str = "message") -> list[list[str]]:
    """The gates that each message was asked, in order; the one that refused ends with `!`."""
    lines = [entry for entry in await here.shop.journal() if entry.kind == kind]
    return [[gate["gate"] + "!" * (not gate["passed"]) for gate in entry.data["gates"]] for entry in lines]
