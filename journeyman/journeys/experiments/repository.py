"""Every query of experiments: their rows, who got which arm, and what came of it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Float,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    null,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.engine import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from journeyman.channels.tables import Message
from journeyman.customers.tables import Event
from journeyman.journeys.experiments.assignment import Assigned, Experiment
from journeyman.journeys.experiments.tables import Experiment as ExperimentRow
from journeyman.journeys.experiments.tables import SplitAssignment
from journeyman.journeys.tables import Conversion
from journeyman.kit.bulk import insert_many
from journeyman.kit.holdings import Holding
from journeyman.kit.lists import is_among
from journeyman.language.steps.split import EventMetric, Metric, Split

ASSIGNMENTS = Holding(
    "split_assignments", SplitAssignment, ("at", "experiment_id", "run_id"), blank=lambda _assignment: {}
)
"""The figures of an experiment stay true: its rows stay without a word about whom they were."""

ROW = ExperimentRow.__table__
GIVEN = SplitAssignment.__table__
CONVERSION = Conversion.__table__
_ONE = select(ROW).where(ROW.c.id == bindparam("experiment"))
_LOCKED = _ONE.with_for_update()
_DRAWN = (
    select(GIVEN.c.arm)
    .where(
        GIVEN.c.experiment_id == bindparam("experiment"),
        GIVEN.c.customer_id == bindparam("customer"),
        GIVEN.c.how == "drawn",
    )
    .order_by(GIVEN.c.at, GIVEN.c.run_id)
    .limit(1)
)
_AS_SEEN = _ONE.add_columns(_DRAWN.scalar_subquery().label("kept"))


class SecondsBetween(FunctionElement[float]):
    """How many seconds lie between two instants, to the millisecond."""

    type = Float()
    inherit_cache = True


@compiles(SecondsBetween, "postgresql")
def _on_postgresql(element: SecondsBetween, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
    first, second = (compiler.process(one, **options) for one in element.clauses)
    return f"EXTRACT(EPOCH FROM ({second} - {first}))"


@compiles(SecondsBetween, "sqlite")
def _on_sqlite(element: SecondsBetween, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
    first, second = (compiler.process(one, **options) for one in element.clauses)
    return f"ROUND((julianday({second}) - julianday({first})) * 86400.0, 3)"


def _experiment(row: RowMapping) -> Experiment:
    named = {name: row[name] for name in ROW.c.keys() if name not in {"split", "decisions"}}  # noqa: SIM118 - a collection of columns
    return Experiment(**named, split=Split.model_validate(row["split"]), decisions=tuple(row["decisions"]))


async def as_seen(
    connection: AsyncConnection, experiment_id: str, customer_id: str
) -> tuple[Experiment, str | None] | None:
    """An experiment, and the arm that a customer drew in it first; None where there is no such experiment."""
    given = {"experiment": experiment_id, "customer": customer_id}
    row = (await connection.execute(_AS_SEEN, given)).mappings().one_or_none()
    return (_experiment(row), row["kept"]) if row is not None else None


async def lock(connection: AsyncConnection, experiment_id: str) -> Experiment | None:
    row = (await connection.execute(_LOCKED, {"experiment": experiment_id})).mappings().one_or_none()
    return _experiment(row) if row is not None else None


async def of_journey(connection: AsyncConnection, journey: str, step: str | None = None) -> list[Experiment]:
    """The experiments of a journey, the newest first."""
    query = select(ROW).where(ROW.c.journey_key == journey).order_by(ROW.c.began_at.desc(), ROW.c.id)
    if step is not None:
        query = query.where(ROW.c.step == step)
    return [_experiment(row) for row in (await connection.execute(query)).mappings()]


async def add(connection: AsyncConnection, experiment: Experiment) -> None:
    """Keep a new experiment; one that is there stays as it is."""
    names = [name for name in ROW.c.keys() if name not in {"split", "decisions"}]  # noqa: SIM118 - a collection of columns
    row = {name: getattr(experiment, name) for name in names}
    row |= {"split": document_of(experiment.split), "decisions": list(experiment.decisions)}
    await insert_many(connection, ExperimentRow, [row], ignore_conflicts=True)


async def change(connection: AsyncConnection, experiment_id: str, **values: Any) -> None:  # noqa: ANN401 - columns
    """Set columns of an experiment."""
    if "split" in values:
        values["split"] = document_of(values["split"])
    await connection.execute(update(ExperimentRow).where(ROW.c.id == experiment_id).values(**values))


def document_of(split: Split) -> dict[str, Any]:
    return split.model_dump(mode="json", by_alias=True, exclude_unset=True)


async def note(
    connection: AsyncConnection, experiment: Experiment, run_id: str, customer_id: str, given: Assigned, at: datetime
) -> None:
    """Write down what arm a run was given; of a run that comes by again, the first stays."""
    row = {
        "experiment_id": experiment.id,
        "run_id": run_id,
        "customer_id": customer_id,
        "arm": given.arm,
        "how": given.how,
        "propensity": given.propensity,
        "phase": experiment.phase,
        "at": at,
    }
    await insert_many(connection, SplitAssignment, [row], ignore_conflicts=True)


async def follow_merge(connection: AsyncConnection, loser: str, survivor: str) -> None:
    """Arms of one customer become another's; of two that were drawn, the earlier counts."""
    await connection.execute(update(SplitAssignment).where(GIVEN.c.customer_id == loser).values(customer_id=survivor))


async def follow_split(connection: AsyncConnection, run_ids: Collection[str], customer_id: str) -> None:
    """The arms of these runs are another customer's."""
    theirs = update(SplitAssignment).where(is_among(GIVEN.c.run_id, "run_ids")).values(customer_id=customer_id)
    await connection.execute(theirs, {"run_ids": list(run_ids)})


@dataclass(frozen=True, slots=True)
class ArmCount:
    """One arm: the customers who drew it, those whose time is over, and those of them whom the metric counts."""

    arm: str
    customers: int
    matured: int
    converted: int


@dataclass(frozen=True, slots=True)
class Window:
    """What of an experiment is counted: since when it was drawn, how long a customer has, and what time it is."""

    experiment: Experiment
    after: timedelta
    now: datetime

    @property
    def over(self) -> datetime:
        """Who drew an arm by then has had her time."""
        return self.now - self.after


async def counts(connection: AsyncConnection, window: Window, metric: Metric) -> list[ArmCount]:
    """Each arm's customers, counted once each by the first arm that they drew, and what the metric says of them."""
    is_over = GIVEN.c.at <= literal(window.over, GIVEN.c.at.type)
    converted = and_(is_over, exists().where(_outcome(window, metric)))
    query = (
        select(GIVEN.c.arm, func.count(), _number(is_over), _number(converted))
        .where(_is_first(window))
        .group_by(GIVEN.c.arm)
    )
    return [ArmCount(*row) for row in await connection.execute(query)]


async def amounts(connection: AsyncConnection, window: Window) -> list[tuple[str, float]]:
    """(arm, value of her conversions) of each customer whose time is over and who brought something.

    An event that reaches two goals is worth what it is once.
    """
    query = (
        select(GIVEN.c.arm, GIVEN.c.customer_id, func.max(Conversion.value))
        .select_from(GIVEN.join(CONVERSION, _outcome(window, "revenue")))
        .where(_is_first(window), GIVEN.c.at <= literal(window.over, GIVEN.c.at.type))
        .group_by(GIVEN.c.arm, GIVEN.c.customer_id, Conversion.message_id)
    )
    found: dict[tuple[str, str], float] = {}
    for arm, customer_id, value in await connection.execute(query):
        found[arm, customer_id] = found.get((arm, customer_id), 0.0) + (value or 0.0)
    return sorted((arm, value) for (arm, _), value in found.items())


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _is_first(window: Window) -> ColumnElement[bool]:
    """Whether an arm is the first that its customer drew, and was drawn within the evidence.

    Asked row by row along the index: the planners know nothing of what a window function returns, and join it in
    squares.
    """
    before = GIVEN.alias("before")
    earlier = exists().where(
        before.c.experiment_id == GIVEN.c.experiment_id,
        before.c.customer_id == GIVEN.c.customer_id,
        before.c.how == "drawn",
        tuple_(before.c.at, before.c.run_id) < tuple_(GIVEN.c.at, GIVEN.c.run_id),
    )
    since = literal(window.experiment.since, GIVEN.c.at.type)
    drawn = and_(GIVEN.c.experiment_id == window.experiment.id, GIVEN.c.how == "drawn", GIVEN.c.at >= since)
    return and_(drawn, ~earlier.correlate(GIVEN))


def _outcome(window: Window, metric: Metric) -> ColumnElement[bool]:
    """What counts for the customer of an arm, within the window that begins at the split (O6)."""
    if isinstance(metric, EventMetric):
        mine = and_(Event.customer_id == GIVEN.c.customer_id, Event.name == metric.event)
        return and_(mine, _within(window, Event.event_time))
    if metric in {"open", "click"}:
        moment = Message.opened_at if metric == "open" else Message.clicked_at
        return and_(Message.run_id == GIVEN.c.run_id, Message.reserved_at >= GIVEN.c.at, _within(window, moment))
    mine = and_(Conversion.customer_id == GIVEN.c.customer_id, Conversion.journey_key == window.experiment.journey_key)
    named = {"conversion": true(), "revenue": Conversion.value.is_not(null())}
    return and_(mine, named.get(metric, Conversion.goal == metric), _within(window, Conversion.at))


def _within(window: Window, at: Any) -> ColumnElement[bool]:  # noqa: ANN401 - a column
    return and_(at > GIVEN.c.at, SecondsBetween(GIVEN.c.at, at) <= window.after.total_seconds())


async def shown(connection: AsyncConnection, experiment_id: str) -> dict[str, int]:
    """How many runs each arm was given over all its time, however they came by it."""
    query = select(GIVEN.c.arm, func.count()).where(GIVEN.c.experiment_id == experiment_id).group_by(GIVEN.c.arm)
    return dict((await connection.execute(query)).all())
