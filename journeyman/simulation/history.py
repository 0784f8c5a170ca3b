"""What the store knows of customers at an instant that has passed, and what they did since."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.language.definition import Definition
from journeyman.simulation import repository
from journeyman.simulation.repository import Happened, Said


@dataclass(slots=True)
class Past:
    """One customer as she was, and what she did and said before and since, each in order of time."""

    id: str
    attributes: dict[str, Any]
    before: list[Happened] = field(default_factory=list)
    since: list[Happened] = field(default_factory=list)
    said_before: list[Said] = field(default_factory=list)
    said_since: list[Said] = field(default_factory=list)


async def who_would_enter(
    connection: AsyncConnection, definition: Definition, begins: datetime, limit: int
) -> tuple[list[str], int]:
    """Up to `limit` customers whom the journey may concern since then, and how many there are in all.

    Of a journey that starts on events those who did one; of any other everybody.
    """
    names = definition.entry.events
    return await repository.candidates(connection, sorted(names), begins, limit)


async def pasts_of(connection: AsyncConnection, customer_ids: Sequence[str], begins: datetime) -> list[Past]:
    """These customers as they were at `begins`: what has changed since is taken back."""
    profiles = await repository.profiles(connection, customer_ids)
    pasts = {customer_id: Past(customer_id, dict(attributes)) for customer_id, attributes in profiles.items()}
    for customer_id, attribute, old in await repository.changes_since(connection, customer_ids, begins):
        if customer_id in pasts:
            _take_back(pasts[customer_id].attributes, attribute, old)
    for one in await repository.happened(connection, customer_ids):
        past = pasts[one.customer]
        (past.before if one.at < begins else past.since).append(one)
    for said in await repository.said(connection, customer_ids):
        past = pasts[said.customer]
        (past.said_before if said.at < begins else past.said_since).append(said)
    return list(pasts.values())


def _take_back(attributes: dict[str, Any], attribute: str, old: Any) -> None:  # noqa: ANN401 - any JSON value
    if old is None:
        attributes.pop(attribute, None)
    else:
        attributes[attribute] = old


def consents_of(said: Sequence[Said]) -> dict[str, str]:
    """What stood last."""
    found: dict[str, str] = defaultdict(lambda: "no")
    for one in said:
        found[one.subject] = one.status
    return {subject: status for subject, status in found.items() if status in {"yes", "no"}}
