"""A journey in figures, counted from the journal: what is shown here, a recount of the journal gives again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.insight.statistics import repository
from journeyman.insight.statistics.repository import Conversion, Period
from journeyman.journeys.documents import repository as documents
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.errors import Fault, InvalidError, NotFoundError

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class StepFigures:
    """One step. `dropped` counts by reason the customers who were taken out there; `messages` by outcome.

    A conversion is the step's whose message was the last before it (last touch); a step whose message came earlier
    has `assisted` it (C1).
    """

    step: str
    entered: int = 0
    waiting: int = 0
    left: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    messages: dict[str, int] = field(default_factory=dict)
    sent: int = 0
    delivered: int = 0
    opened: int = 0
    clicked: int = 0
    bounced: int = 0
    complained: int = 0
    unsubscribed: int = 0
    converted: int = 0
    assisted: int = 0
    revenue: float = 0.0


@dataclass(slots=True)
class GoalFigures:
    """One goal. `before_messages` are the conversions that no message can claim.

    Those of runs that are held out are counted apart, in `held_out` and `held_out_revenue` alone (O7).
    """

    goal: str
    conversions: int = 0
    revenue: float = 0.0
    before_messages: int = 0
    held_out: int = 0
    held_out_revenue: float = 0.0


@dataclass(frozen=True, slots=True)
class ArmFigures:
    """One arm of a split: the runs that were given it, and what they came to after that."""

    step: str
    arm: str
    entered: int
    converted: int
    revenue: float


@dataclass(frozen=True, slots=True)
class Statistics:
    """A journey from one instant until another. `live` counts the runs that were under way at the end."""

    journey: str
    since: datetime | None
    until: datetime
    entered: int
    live: int
    held_out: int
    ended: dict[str, int]
    refused: dict[str, int]
    steps: list[StepFigures]
    goals: list[GoalFigures]
    arms: list[ArmFigures]


class Counting:
    """Counts journeys."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    async def of(self, journey: str, since: datetime | None, until: datetime | None) -> Statistics:
        """The figures of a journey over all its versions.

        Without `since` from its beginning, without `until` up to now and what clients have dated ahead. Raises
        `NotFoundError`, and `InvalidError` for a period that ends before it begins.
        """
        period = _period(journey, since, until or datetime.max.replace(tzinfo=UTC))
        async with self.database.reading() as connection:
            document = await documents.journey(connection, journey)
            if document is None:
                raise NotFoundError(f"there is no journey `{journey}`")
            ids = [str(step["id"]) for step in document["draft"]["steps"]]
            conversions = await repository.conversions(connection, period)
            return Statistics(
                journey=journey,
                since=since,
                until=until or self.clock.now(),
                entered=sum(number for _, number in await repository.codes(connection, period, "entered")),
                live=await repository.live(connection, period),
                held_out=await repository.held_out(connection, period),
                ended=dict(await repository.outcomes(connection, period)),
                refused=dict(await repository.codes(connection, period, "refused")),
                steps=await _steps(connection, period, ids, conversions),
                goals=_goals([str(goal["key"]) for goal in document["draft"].get("goals", [])], conversions),
                arms=[ArmFigures(*one) for one in await repository.arms(connection, period)],
            )


def _period(journey: str, since: datetime | None, until: datetime) -> Period:
    if since is not None and since > until:
        fault = Fault("/query/until", "the period ends before it begins", "Give an `until` after `since`")
        raise InvalidError(fault.detail, [fault])
    return Period(journey, since or BEGINNING, until)


async def _steps(
    connection: AsyncConnection, period: Period, ids: Iterable[str], conversions: Sequence[Conversion]
) -> list[StepFigures]:
    """Every step of the draft in its order, then those that only earlier versions had."""
    found = {step: StepFigures(step) for step in ids}
    for visits in await repository.visits(connection, period):
        step = found.setdefault(visits.step, StepFigures(visits.step))
        step.entered, step.waiting, step.left = visits.entered, visits.waiting, visits.left
    for name, code, number in await repository.by_step_and_code(connection, period, "ended"):
        found.setdefault(name, StepFigures(name)).dropped[code] = number
    for name, code, number in await repository.by_step_and_code(connection, period, "message"):
        found.setdefault(name, StepFigures(name)).messages[code] = number
    for row in await repository.receipts(connection, period):
        step = found.setdefault(row["step"], StepFigures(row["step"]))
        for moment in repository.MOMENTS:
            setattr(step, moment, row[moment])
    for step in found.values():
        step.sent = step.messages.get("sent", 0)
    _credit(found, conversions)
    return list(found.values())


def _credit(steps: dict[str, StepFigures], conversions: Sequence[Conversion]) -> None:
    for conversion in conversions:
        if not conversion.credited or conversion.held_out:
            continue
        last, *earlier = conversion.credited
        touched = steps.setdefault(last, StepFigures(last))
        touched.converted += 1
        touched.revenue += conversion.value or 0.0
        for name in set(earlier) - {last}:
            steps.setdefault(name, StepFigures(name)).assisted += 1


def _goals(keys: Iterable[str], conversions: Sequence[Conversion]) -> list[GoalFigures]:
    found = {key: GoalFigures(key) for key in keys}
    for conversion in conversions:
        goal = found.setdefault(conversion.goal, GoalFigures(conversion.goal))
        if conversion.held_out:
            goal.held_out += 1
            goal.held_out_revenue += conversion.value or 0.0
            continue
        goal.conversions += 1
        goal.revenue += conversion.value or 0.0
        goal.before_messages += not conversion.credited
    return list(found.values())
