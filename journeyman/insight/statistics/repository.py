"""Queries on the journal that count. A period is from `since`, inclusive, until `until`, exclusive."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from journeyman.channels.tables import Message
from journeyman.journeys.tables import JournalEntry

MOMENTS = {
    "delivered": Message.delivered_at,
    "opened": Message.opened_at,
    "clicked": Message.clicked_at,
    "bounced": Message.bounced_at,
    "complained": Message.complained_at,
    "unsubscribed": Message.unsubscribed_at,
}
"""What receipts report of a message, each counted once, when it first happened."""


@dataclass(frozen=True, slots=True)
class Period:
    """One journey from one instant until another."""

    journey: str
    since: datetime
    until: datetime

    @property
    def lines(self) -> ColumnElement[bool]:
        """The journal's lines in the period."""
        return and_(JournalEntry.journey_key == self.journey, self.holds(JournalEntry.at))

    def holds(self, instant: Any) -> ColumnElement[bool]:  # noqa: ANN401 - a column, or what is made of one
        return and_(instant >= literal(self.since, instant.type), instant < literal(self.until, instant.type))


async def codes(connection: AsyncConnection, period: Period, kind: str) -> list[tuple[str, int]]:
    """How many lines of a kind there are, by code."""
    code = func.coalesce(JournalEntry.code, "")
    query = select(code, func.count()).where(period.lines, JournalEntry.kind == kind).group_by(code)
    return [(found, number) for found, number in await connection.execute(query)]


async def held_out(connection: AsyncConnection, period: Period) -> int:
    """How many runs began that are held out as a whole (O7)."""
    apart = JournalEntry.data["held_out"].as_string().is_not(None)
    query = select(func.count()).where(period.lines, JournalEntry.kind == "entered", apart)
    return (await connection.execute(query)).scalar_one()


async def outcomes(connection: AsyncConnection, period: Period) -> list[tuple[str, int]]:
    """How many runs ended, by outcome."""
    outcome = JournalEntry.data["outcome"].as_string()
    query = select(outcome, func.count()).where(period.lines, JournalEntry.kind == "ended").group_by(outcome)
    return [(found, number) for found, number in await connection.execute(query)]


async def live(connection: AsyncConnection, period: Period) -> int:
    """How many runs had begun and not ended when the period did."""
    entered = case((JournalEntry.kind == "entered", 1), (JournalEntry.kind == "ended", -1), else_=0)
    mine = and_(JournalEntry.journey_key == period.journey, JournalEntry.at < period.until)
    query = select(func.coalesce(func.sum(entered), 0)).where(mine, JournalEntry.kind.in_(("entered", "ended")))
    return int((await connection.execute(query)).scalar_one())


@dataclass(frozen=True, slots=True)
class Visits:
    """What became of the visits of a step: begun and left in the period, and those that stand there at its end."""

    step: str
    entered: int
    waiting: int
    left: int


async def visits(connection: AsyncConnection, period: Period) -> list[Visits]:
    """The visits of each step.

    A visit begins with its first line. It is over with a line that says that it was left, or that the run ended; a
    visit at which the run was taken out is dropped, not left.
    """
    each = _each_visit(period).subquery()
    begun = func.sum(case((period.holds(each.c.begun), 1), else_=0))
    waiting = func.sum(case((each.c.over.is_(None), 1), else_=0))
    left = func.sum(case((and_(each.c.dropped == 0, period.holds(each.c.over)), 1), else_=0))
    query = select(each.c.step, begun, waiting, left).group_by(each.c.step)
    return [Visits(*row) for row in (await connection.execute(query)).all()]


def _each_visit(period: Period) -> Any:  # noqa: ANN401 - a select of five columns
    kind, at = JournalEntry.kind, JournalEntry.at
    over = case((kind.in_(("left", "message", "updated", "ended")), at))
    dropped = case((and_(kind == "ended", JournalEntry.code != "completed"), 1), else_=0)
    return (
        select(
            JournalEntry.step,
            func.min(at, type_=at.type).label("begun"),
            func.max(over, type_=at.type).label("over"),
            func.max(dropped).label("dropped"),
        )
        .where(JournalEntry.journey_key == period.journey, at < period.until, kind != "converted")
        .where(JournalEntry.step.is_not(None), JournalEntry.visit.is_not(None))
        .group_by(JournalEntry.step, JournalEntry.run_id, JournalEntry.visit)
    )


async def by_step_and_code(connection: AsyncConnection, period: Period, kind: str) -> list[tuple[str, str, int]]:
    """(step, code, lines) of one kind; of `ended` only those that took a customer out on the way."""
    mine = and_(period.lines, JournalEntry.kind == kind, JournalEntry.step.is_not(None))
    if kind == "ended":
        mine = and_(mine, JournalEntry.code != "completed")
    code = func.coalesce(JournalEntry.code, "")
    query = select(JournalEntry.step, code, func.count()).where(mine).group_by(JournalEntry.step, code)
    return [(step or "", found, number) for step, found, number in (await connection.execute(query)).all()]


async def arms(connection: AsyncConnection, period: Period) -> list[tuple[str, str, int, int, float]]:
    """(step, arm, runs, conversions, revenue) of each arm that a run was given in the period."""
    line = aliased(JournalEntry)
    given = and_(line.journey_key == period.journey, period.holds(line.at), line.kind == "left", line.code == "split")
    arm = line.data["arm"].as_string()
    reached = aliased(JournalEntry)
    after = and_(reached.run_id == line.run_id, reached.kind == "converted", reached.at >= line.at)
    value = func.coalesce(reached.data["value"].as_float(), 0.0)
    query = (
        select(line.step, arm, func.count(line.seq.distinct()), func.count(reached.seq), func.sum(value))
        .select_from(line)
        .outerjoin(reached, and_(after, period.holds(reached.at)))
        .where(given)
        .group_by(line.step, arm)
        .order_by(line.step, arm)
    )
    rows = (await connection.execute(query)).all()
    return [(step or "", key, runs, number, float(revenue)) for step, key, runs, number, revenue in rows]


async def receipts(connection: AsyncConnection, period: Period) -> list[dict[str, Any]]:
    """Per step: how many messages were first delivered, opened, clicked, … in the period."""
    counted = {
        moment: func.sum(case((period.holds(column), 1), else_=0)).label(moment) for moment, column in MOMENTS.items()
    }
    query = select(Message.step, *counted.values()).where(Message.journey_key == period.journey)
    rows = await connection.execute(query.group_by(Message.step))
    return [dict(row) for row in rows.mappings()]


@dataclass(frozen=True, slots=True)
class Conversion:
    """A conversion in the journal: the goal, its value, and the steps of the messages before it, newest first.

    `held_out` says that the run was sent nothing, so that it is counted apart (O7).
    """

    goal: str
    value: float | None
    credited: Sequence[str]
    held_out: bool = False


async def conversions(connection: AsyncConnection, period: Period) -> list[Conversion]:
    """Every conversion in the period."""
    query = select(JournalEntry.code, JournalEntry.data).where(period.lines, JournalEntry.kind == "converted")
    rows = (await connection.execute(query.order_by(JournalEntry.seq))).all()
    return [
        Conversion(code or "", data.get("value"), data.get("credited", []), "held_out" in data) for code, data in rows
    ]
