"""Recency, frequency and monetary value in SQL, the same as `rfm.rfm_of` for each row."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Double, Integer, and_, case, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from journeyman.customers.scoring.rfm import HIGHEST, Cuts, group_of
from journeyman.language.instants import microseconds


@dataclass(frozen=True)
class MeasureColumns:
    """A row's measures as SQL: NULL where there is no number, or no instant (microseconds since 1970)."""

    orders: ColumnElement[Any]
    revenue: ColumnElement[Any]
    last: ColumnElement[Any]


@dataclass(frozen=True)
class RfmColumns:
    """A row's scores as SQL; NULL where the customer has not ordered."""

    r: ColumnElement[Any]
    f: ColumnElement[Any]
    m: ColumnElement[Any]
    group: ColumnElement[Any]


def rfm_sql(measures: MeasureColumns, cuts: Cuts, now: datetime) -> RfmColumns:
    """The scores at `now` of the rows whose measures these are."""
    present = microseconds(now)
    edges = [literal(present - age, BigInteger) for age in reversed(cuts.ages)]
    ordered = measures.orders >= 1
    scored = and_(ordered, measures.last.is_not(None))
    r = case((ordered, _AtLeast(measures.last, *edges)))
    f = _Beyond(measures.orders, *_doubles(cuts.frequency))
    m = case((measures.revenue.is_not(None), _Beyond(measures.revenue, *_doubles(cuts.monetary))), else_=_nothing(cuts))
    by_fm = {
        recency: case({both: group_of(recency, (both + 1) // 2) for both in range(2, 2 * HIGHEST + 1)}, value=f + m)
        for recency in range(1, HIGHEST + 1)
    }
    return RfmColumns(r, case((scored, f)), case((scored, m)), case(by_fm, value=r))


def _nothing(cuts: Cuts) -> ColumnElement[int]:
    """The score of no revenue at all."""
    return literal(1 + sum(cut < 0 for cut in cuts.monetary), Integer)


def _doubles(numbers: tuple[float, ...]) -> list[ColumnElement[float]]:
    return [literal(number, Double) for number in numbers]


class _Score(FunctionElement[int]):
    """1 and one more for every cut point that the value is beyond, NULL where it is NULL; it is reckoned once."""

    type = Integer()
    inherit_cache = True
    relation = ""


class _AtLeast(_Score):
    inherit_cache = True
    relation = ">="


class _Beyond(_Score):
    inherit_cache = True
    relation = ">"


@compiles(_Score)
def _write(element: _Score, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
    value, *edges = [compiler.process(clause, **options) for clause in element.clauses]
    ways = " ".join(
        f"WHEN v {element.relation} {edge} THEN {score}"
        for score, edge in zip(range(HIGHEST, 1, -1), reversed(edges), strict=True)
    )
    # The OFFSET keeps planners from writing the value out for every edge (`journeys.populations.instants`).
    inner = f"SELECT {value} AS v LIMIT 1 OFFSET 0"
    return f"(SELECT CASE {ways} WHEN v IS NOT NULL THEN 1 END FROM ({inner}) AS measured)"  # noqa: S608 - as compiled
