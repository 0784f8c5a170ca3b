"""What there is to tell the team of: found where it stands, so that nothing that makes it so has to know of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels.notices.settings import NoticeKind, NoticeTarget
from journeyman.channels.routing import Route
from journeyman.journeys.notices import repository

OVERLAP: Final = timedelta(minutes=2)
"""What is committed late is found all the same; nothing is told twice."""


@dataclass(frozen=True, slots=True)
class Found:
    """One thing; `plain` says it without a word about a customer, `full` with it."""

    kind: NoticeKind
    subject: str
    plain: str
    full: str
    team: str | None = None
    customer: str | None = None

    def line_for(self, target: NoticeTarget) -> str | None:
        """What a target is told; None where it does not want to hear of it."""
        if self.kind not in target.about or (self.kind == "task" and target.team not in {None, self.team}):
            return None
        return self.full if target.details else self.plain


async def look(
    connection: AsyncConnection, kind: NoticeKind, since: datetime, now: datetime, routes: Mapping[str, Route]
) -> list[Found]:
    """Everything of a kind that has come about since."""
    if kind == "task":
        return [_task(*row) for row in await repository.tasks_since(connection, since - OVERLAP)]
    if kind == "campaign":
        return [_campaign(*row) for row in await repository.campaigns_since(connection, since - OVERLAP)]
    if kind == "experiment":
        return [_winner(*row) for row in await repository.winners(connection)]
    return _resting(routes, now)


def _task(
    identity: str, journey: str, step: str, team: str | None, title: str, due: datetime | None, customer: str
) -> Found:
    until = f", due {due:%Y-%m-%d %H:%M} UTC" if due is not None else ""
    told = f"{journey}, step {step}{f', for {team}' if team else ''}{until} ({identity})"
    return Found("task", identity, told, f"{title}: {told}", team, customer)


def _campaign(identity: str, journey: str, state: str, offered: int, entered: int) -> Found:
    ended = "was cancelled" if state == "cancelled" else "is done"
    told = f"The campaign of {journey} {ended}: {entered:,} of {offered:,} entered ({identity})"
    return Found("campaign", identity, told, told)


def _winner(identity: str, journey: str, step: str, winner: str) -> Found:
    told = f"{journey}, step {step}: {winner} has won"
    return Found("experiment", f"{identity} {winner}", told, told)


def _resting(routes: Mapping[str, Route], now: datetime) -> list[Found]:
    """Providers that have failed again and again; of each the team is told once an hour, whichever worker sees it."""
    found = []
    for channel, route in routes.items():
        for name, provider in route.providers.items():
            if provider.breaker.is_open(now):
                told = f"{channel}: the provider {name} fails, and is left alone for a while"
                found.append(Found("provider", f"{channel} {name} {now:%Y-%m-%dT%H}", told, told))
    return found
