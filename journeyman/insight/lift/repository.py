"""Queries on who came into journeys, who of them was held out, and what they brought."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, case, func, literal, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.journeys.contact.holdouts import JOURNEY, WORKSPACE
from journeyman.journeys.experiments.repository import SecondsBetween
from journeyman.journeys.runs import HELD_OUT
from journeyman.journeys.tables import Conversion, Run

HELD: ColumnElement[str] = Run.context[HELD_OUT].as_string()


@dataclass(frozen=True, slots=True)
class Compared:
    """Who is compared: those who came from `since` on, in time for `after` to be over at `now`.

    Of one `journey`, where everybody is held out whom the journey or the workspace holds out; or of all of them, None,
    where it is those whom the workspace holds out.
    """

    journey: str | None
    since: datetime
    now: datetime
    after: timedelta

    @property
    def over(self) -> datetime:
        """Who came by then has had her time."""
        return self.now - self.after

    @property
    def is_held(self) -> ColumnElement[bool]:
        """Whether a run is held out from its entry on.

        One that a split held out was sent messages until then: chance has it among the others, as it was sent.
        """
        whose = (JOURNEY, WORKSPACE) if self.journey is not None else (WORKSPACE,)
        return and_(HELD.is_not(None), HELD.in_(whose))

    @property
    def runs(self) -> ColumnElement[bool]:
        """The runs that count: of all journeys, those of journeys from which anybody was held out.

        A journey that is not marketing holds nobody out, and would put those into the wrong group who are.
        """
        late = literal(self.over, Run.entered_at.type)
        early = literal(self.since, Run.entered_at.type)
        mine = and_(Run.entered_at >= early, Run.entered_at <= late)
        if self.journey is not None:
            return and_(mine, Run.journey_key == self.journey)
        holding = select(Run.journey_key).where(mine, self.is_held).distinct()
        return and_(mine, Run.journey_key.in_(holding))


async def first_held_out(connection: AsyncConnection, compared: Compared) -> datetime | None:
    """When the first customer was held out in the period; before that nobody could have been."""
    query = select(func.min(Run.entered_at, type_=Run.entered_at.type)).where(compared.runs, compared.is_held)
    return (await connection.execute(query)).scalar_one()


def _people(compared: Compared) -> Subquery:
    """(customer, when she came first, 1 if she is held out) of everybody who was in one group alone."""
    held = case((compared.is_held, 1), else_=0)
    return (
        select(
            Run.customer_id,
            func.min(Run.entered_at, type_=Run.entered_at.type).label("at"),
            func.max(held).label("held"),
        )
        .where(compared.runs)
        .group_by(Run.customer_id)
        .having(func.min(held) == func.max(held))
        .subquery()
    )


async def customers(connection: AsyncConnection, compared: Compared) -> dict[bool, int]:
    """How many customers there are of those who are held out, and of those who are not."""
    people = _people(compared)
    query = select(people.c.held, func.count()).group_by(people.c.held)
    return {bool(held): number for held, number in await connection.execute(query)}


@dataclass(frozen=True, slots=True)
class Brought:
    """A customer who brought something within the time `after` she came, or within as long `before`.

    `conversions` counts those after.
    """

    held_out: bool
    conversions: int
    after: float
    before: float


async def brought(connection: AsyncConnection, compared: Compared) -> list[Brought]:
    """Everybody who brought something; an event that reaches several goals is worth what it is once."""
    people = _people(compared)
    later = Conversion.at > people.c.at
    seconds = compared.after.total_seconds()
    within = or_(
        and_(later, SecondsBetween(people.c.at, Conversion.at) <= seconds),
        and_(~later, SecondsBetween(Conversion.at, people.c.at) <= seconds),
    )
    is_later: ColumnElement[int] = case((later, 1), else_=0)
    of_journey = Conversion.journey_key == compared.journey if compared.journey is not None else true()
    each = (
        select(
            Conversion.customer_id,
            people.c.held,
            is_later.label("later"),
            func.max(func.coalesce(Conversion.value, 0.0)).label("value"),
        )
        .join_from(people, Conversion, and_(Conversion.customer_id == people.c.customer_id, of_journey, within))
        .group_by(Conversion.customer_id, people.c.held, is_later, Conversion.message_id)
        .subquery()
    )
    return await _by_customer(connection, each)


async def _by_customer(connection: AsyncConnection, each: Subquery) -> list[Brought]:
    def total(value: Any) -> ColumnElement[Any]:  # noqa: ANN401 - a column
        return func.sum(value)

    after = total(case((each.c.later == 1, each.c.value), else_=0.0))
    before = total(case((each.c.later == 0, each.c.value), else_=0.0))
    query = select(each.c.held, total(each.c.later), after, before).group_by(each.c.customer_id, each.c.held)
    return [
        Brought(bool(held), int(number), float(late), float(early))
        for held, number, late, early in await connection.execute(query)
    ]
