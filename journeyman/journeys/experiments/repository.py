"""Every query of experiments: their rows, who got which arm, and what came of it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Float, Select, and_, bindparam, case, func, literal, null, select, update
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
    first = _first(window)
    reached = _amounts(window, metric, first).subquery()
    is_over = first.c.at <= literal(window.over, first.c.at.type)
    matured = func.sum(case((is_over, 1), else_=0))
    converted = func.sum(case((and_(is_over, reached.c.customer_id.is_not(None)), 1), else_=0))
    query = (
        select(first.c.arm, func.count(), matured, converted)
        .select_from(first.outerjoin(reached, reached.c.customer_id == first.c.customer_id))
        .group_by(first.c.arm)
    )
    return [ArmCount(*row) for row in await connection.execute(query)]


async def amounts(connection: AsyncConnection, window: Window) -> list[tuple[str, float]]:
    """(arm, value of her conversions) of each customer whose time is over and who brought something."""
    first = _first(window)
    reached = _amounts(window, "revenue", first).subquery()
    query = (
        select(first.c.arm, reached.c.amount)
        .select_from(first.join(reached, reached.c.customer_id == first.c.customer_id))
        .where(first.c.at <= literal(window.over, first.c.at.type))
        .order_by(first.c.arm, reached.c.amount)
    )
    return [(arm, float(amount)) for arm, amount in await connection.execute(query)]


def _first(window: Window) -> Any:  # noqa: ANN401 - a common table expression
    """The first arm that each customer drew, of those who drew it within the evidence."""
    place = func.row_number().over(partition_by=GIVEN.c.customer_id, order_by=(GIVEN.c.at, GIVEN.c.run_id))
    columns = (GIVEN.c.customer_id, GIVEN.c.run_id, GIVEN.c.arm, GIVEN.c.at)
    mine = and_(GIVEN.c.experiment_id == window.experiment.id, GIVEN.c.how == "drawn")
    each = select(*columns, place.label("place")).where(mine).subquery()
    since = literal(window.experiment.since, GIVEN.c.at.type)
    counted = select(each.c.customer_id, each.c.run_id, each.c.arm, each.c.at)
    return counted.where(each.c.place == 1, each.c.at >= since).cte("first_arms")


def _amounts(window: Window, metric: Metric, first: Any) -> Select[Any]:  # noqa: ANN401 - a common table expression
    """(customer, amount) of those whom the metric counts; one event that reaches two goals is worth what it is once."""
    each = _outcomes(window, metric, first).subquery()
    once = select(each.c.customer_id, func.max(each.c.value).label("value")).group_by(each.c.customer_id, each.c.source)
    summed = once.subquery()
    return select(summed.c.customer_id, func.sum(summed.c.value).label("amount")).group_by(summed.c.customer_id)


def _outcomes(window: Window, metric: Metric, first: Any) -> Select[Any]:  # noqa: ANN401 - a common table expression
    """(customer, source, value) of everything that counts, within the window that begins at the split (O6)."""
    if isinstance(metric, EventMetric):
        columns = (first.c.customer_id, Event.message_id.label("source"), literal(1.0).label("value"))
        mine = and_(Event.customer_id == first.c.customer_id, Event.name == metric.event)
        return select(*columns).select_from(first.join(Event, mine)).where(_within(window, first, Event.event_time))
    if metric in {"open", "click"}:
        moment = Message.opened_at if metric == "open" else Message.clicked_at
        columns = (first.c.customer_id, Message.id.label("source"), literal(1.0).label("value"))
        mine = and_(Message.run_id == first.c.run_id, Message.reserved_at >= first.c.at)
        return select(*columns).select_from(first.join(Message, mine)).where(_within(window, first, moment))
    return _conversions(window, metric, first)


def _conversions(window: Window, metric: str, first: Any) -> Select[Any]:  # noqa: ANN401 - a common table expression
    value = Conversion.value if metric == "revenue" else literal(1.0)
    mine = and_(Conversion.customer_id == first.c.customer_id, Conversion.journey_key == window.experiment.journey_key)
    query = (
        select(first.c.customer_id, Conversion.message_id.label("source"), value.label("value"))
        .select_from(first.join(Conversion, mine))
        .where(_within(window, first, Conversion.at))
    )
    if metric == "revenue":
        return query.where(Conversion.value.is_not(null()))
    return query if metric == "conversion" else query.where(Conversion.goal == metric)


def _within(window: Window, first: Any, at: Any) -> ColumnElement[bool]:  # noqa: ANN401 - columns
    return and_(at > first.c.at, SecondsBetween(first.c.at, at) <= window.after.total_seconds())


async def shown(connection: AsyncConnection, experiment_id: str) -> dict[str, int]:
    """How many runs each arm was given over all its time, however they came by it."""
    query = select(GIVEN.c.arm, func.count()).where(GIVEN.c.experiment_id == experiment_id).group_by(GIVEN.c.arm)
    return dict((await connection.execute(query)).all())
