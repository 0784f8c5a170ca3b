"""What journeys bring beside sending nothing: those whom chance holds out, beside all others (O7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.insight.lift import repository
from journeyman.insight.lift.repository import Brought, Compared
from journeyman.intelligence.lift import Adjusted, Amounts, Difference, amounts_apart, cap_of, shares_apart
from journeyman.journeys.documents import repository as documents
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.errors import NotFoundError

FEWEST: Final = 100
"""Customers of each group without whom nothing is compared."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two groups; `revenue` is the mean of a customer, with each customer's cut at the cap."""

    customers: int
    converted: int
    rate: float | None
    revenue: float | None


@dataclass(frozen=True, slots=True)
class Lift:
    """Those who were sent messages beside those who were held out.

    `since` and `until` are when customers came, `days` how long each of them has. `conversion` is the difference of
    rates, `revenue` that of mean amounts; both are None where there is not enough data. `kept` is the share of the
    variance of revenue that remains after adjusting for earlier revenue.
    """

    journey: str | None
    since: datetime
    until: datetime
    days: int
    sent: Side
    held_out: Side
    conversion: Difference | None
    revenue: Difference | None
    cap: float | None
    kept: float | None
    words: str


class Lifting:
    """Reckons lifts out of runs and conversions."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    async def of(self, journey: str, days: int, past: int) -> Lift:
        """The lift of a journey, over customers who came in the last `past` days. Raises `NotFoundError`."""
        async with self.database.reading() as connection:
            if await documents.journey(connection, journey) is None:
                raise NotFoundError(f"there is no journey `{journey}`")
            return await self._lift(connection, journey, days, past)

    async def of_all(self, days: int, past: int) -> Lift:
        """The lift of all marketing together, by the workspace's holdout."""
        async with self.database.reading() as connection:
            return await self._lift(connection, None, days, past)

    async def _lift(self, connection: AsyncConnection, journey: str | None, days: int, past: int) -> Lift:
        now = self.clock.now()
        compared = Compared(journey, now - timedelta(days=past), now, timedelta(days=days))
        since = await repository.first_held_out(connection, compared)
        compared = Compared(journey, since or compared.since, now, compared.after)
        sizes = await repository.customers(connection, compared)
        people = await repository.brought(connection, compared)
        return _compare(compared, sizes, people)


def _compare(compared: Compared, sizes: dict[bool, int], people: Sequence[Brought]) -> Lift:
    cap = cap_of([one.before for one in people])
    groups = {held: _amounts(held, sizes.get(held, 0), people, cap) for held in (False, True)}
    converted = {held: sum(one.held_out is held and one.conversions > 0 for one in people) for held in groups}
    sent, held_out = (_side(groups[held], converted[held]) for held in (False, True))
    is_enough = min(sent.customers, held_out.customers) >= FEWEST
    adjusted = amounts_apart(groups[False], groups[True]) if is_enough else None
    counts = [(side.converted, side.customers) for side in (sent, held_out)]
    return Lift(
        journey=compared.journey,
        since=compared.since,
        until=compared.over,
        days=compared.after.days,
        sent=sent,
        held_out=held_out,
        conversion=shares_apart(counts[0], counts[1]) if is_enough else None,
        revenue=adjusted.difference if adjusted else None,
        cap=cap,
        kept=adjusted.kept if adjusted else None,
        words=_words(adjusted, cap, sent, held_out),
    )


def _amounts(held: bool, customers: int, people: Sequence[Brought], cap: float | None) -> Amounts:
    found = Amounts(customers)
    for one in people:
        if one.held_out is held:
            highest = cap if cap is not None else max(one.after, one.before)
            found.add(min(one.after, highest), min(one.before, highest))
    return found


def _side(amounts: Amounts, converted: int) -> Side:
    number = amounts.customers
    return Side(number, converted, converted / number if number else None, amounts.mean if number else None)


def _words(adjusted: Adjusted | None, cap: float | None, sent: Side, held_out: Side) -> str:
    if adjusted is None:
        return (
            f"not enough data: needs {FEWEST} customers who were held out and {FEWEST} who were not, "
            f"has {held_out.customers:,} and {sent.customers:,}"
        )
    capped = "no cap: too few customers brought something before" if cap is None else f"amounts cut at {cap:g}"
    return f"{adjusted.words}; {capped}"
