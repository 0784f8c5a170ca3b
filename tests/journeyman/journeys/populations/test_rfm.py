"""RFM scores in memory and in both databases are the same, for any computed attributes, cut points and instant."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from journeyman.customers.scoring.rfm import Cuts, rfm_of
from journeyman.customers.tables import Customer
from journeyman.journeys.populations.documents import Dialect, Postgres, Sqlite
from journeyman.journeys.populations.rfm import rfm_columns
from journeyman.kit.database import Database
from tests.journeyman.journeys.populations.people import Person, store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAYS = (0, 1, 7, 30, 90, 365)
AMOUNTS = (-20, 0, 0.01, 1, 50, 99.99, 100, 250.5)


class UndoneError(Exception):
    """Ends a transaction that shall leave nothing behind."""


def cut_points(values: tuple[float, ...]) -> st.SearchStrategy[tuple[float, ...]]:
    some = st.sampled_from(values) | st.floats(-10, 400, allow_nan=False)
    return st.lists(some, min_size=4, max_size=4).map(lambda points: tuple(sorted(points)))


odd = st.sampled_from((None, True, "3", [1], {"a": 1}, "2026-03-01", "2026-02-30T00:00:00Z"))
lasts = st.builds(
    lambda days, nudge: (NOON - timedelta(days=days, microseconds=nudge)).isoformat(),
    st.sampled_from(DAYS),
    st.integers(-1, 1),
)
documents = st.fixed_dictionaries(
    {},
    optional={
        "orders": st.integers(0, 9) | st.floats(0, 9) | odd,
        "revenue": st.sampled_from(AMOUNTS) | odd,
        "last_order_at": lasts | odd,
    },
)
buyers = st.fixed_dictionaries(
    {"orders": st.integers(1, 9), "revenue": st.sampled_from(AMOUNTS), "last_order_at": lasts}
)
cuts = st.builds(Cuts, cut_points(DAYS), cut_points((1, 2, 3, 5)), cut_points(AMOUNTS))


@settings(
    max_examples=60,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(buyers | documents, min_size=5, max_size=25), cuts)
async def test_memory_and_sql_agree_on_rfm(
    database: Database, computed: list[dict[str, Any]], given_cuts: Cuts
) -> None:
    dialect: Dialect = Sqlite() if database.is_sqlite else Postgres()
    columns = rfm_columns(dialect, Customer.__table__.c.attributes, given_cuts, NOON)
    query = select(columns.r, columns.f, columns.m, columns.group).order_by(Customer.id)
    with suppress(UndoneError):
        async with database.transaction() as connection:
            await store(connection, [Person(document) for document in computed])
            rows = (await connection.execute(query)).all()
            for document, row in zip(computed, rows, strict=True):
                scores = rfm_of(document, given_cuts, NOON)
                expected = (scores.r, scores.f, scores.m, scores.group) if scores else (None,) * 4
                assert tuple(row) == expected, document
            raise UndoneError
