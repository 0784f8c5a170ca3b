"""Bringing what is on record of customers, as far as conditions name it."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.journeys.records import repository
from journeyman.journeys.records.records import Recorded
from journeyman.language.needs import Needs

Fact = TypeVar("Fact")
Groups = Sequence[tuple[Collection[str], Needs]]


async def load(connection: AsyncConnection, of: Callable[[str], Recorded], groups: Groups) -> None:
    """Add what is on record of every customer of these groups. One statement for each kind that is named."""
    who, journeys = _named(groups, lambda needs: needs.journeys)
    if who:
        for customer_id, runs in _by_customer(await repository.runs_among(connection, who, journeys)).items():
            of(customer_id).stored_runs = runs


def _named(groups: Groups, of: Callable[[Needs], Collection[str]]) -> tuple[list[str], set[str]]:
    """The customers of whom something of a kind is asked, and what."""
    asked = [(customer_ids, of(needs)) for customer_ids, needs in groups if of(needs)]
    return [one for customer_ids, _ in asked for one in customer_ids], {one for _, names in asked for one in names}


def _by_customer(rows: Sequence[tuple[str, Fact]]) -> dict[str, list[Fact]]:
    found: dict[str, list[Fact]] = defaultdict(list)
    for customer_id, fact in rows:
        found[customer_id].append(fact)
    return found
