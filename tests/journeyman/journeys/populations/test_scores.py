"""Scores in memory and in both databases are the same, for any score, any past and any instant."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select

from journeyman.customers.scoring.definition import ScoreModel
from journeyman.customers.scoring.ranking import value_of
from journeyman.customers.scoring.scores import State, add_all, empty, judge, value
from journeyman.customers.tables import Customer
from journeyman.journeys.populations.documents import Dialect, Postgres, Sqlite
from journeyman.journeys.populations.scores import score_column
from journeyman.kit.database import Database
from journeyman.language.facts import EventFact, Facts
from tests.journeyman.customers.scoring.strategies import NOON, histories, models

SPANS = (timedelta(0), timedelta(hours=3), timedelta(days=40), timedelta(days=4000))


class UndoneError(Exception):
    """Ends a transaction that shall leave nothing behind."""


def profile(number: int, scores: dict[str, Any]) -> dict[str, Any]:
    return {"id": f"c{number:03}", "attributes": {}, "scores": scores, "created_at": NOON, "updated_at": NOON}


people = st.lists(st.tuples(histories, st.integers(0, 4)), min_size=3, max_size=12)


@settings(
    max_examples=60,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(models, people)
async def test_memory_and_sql_agree_on_scores(
    database: Database, model: ScoreModel, everybody: list[tuple[list[EventFact], int]]
) -> None:
    dialect: Dialect = Sqlite() if database.is_sqlite else Postgres()
    states = [judge(add_all(empty(model), past, model), model, Facts(NOON, {"tier": tier})) for past, tier in everybody]
    others: list[dict[str, Any]] = [{}, {"other": {}}, {model.key: {**states[0].document(), "basis": "older"}}]
    documents = [*({model.key: state.document()} for state in states), *others]
    with suppress(UndoneError):
        async with database.transaction() as connection:
            rows = [profile(number, document) for number, document in enumerate(documents)]
            await connection.execute(insert(Customer), rows)
            for span in SPANS:
                for category in (None, *model.categories):
                    column = score_column(dialect, Customer.__table__.c.scores, model, NOON + span, category)
                    found = (await connection.execute(select(column).order_by(Customer.id))).scalars().all()
                    assert_same([*states, *[empty(model)] * 3], list(found), model, span, category)
            raise UndoneError


def assert_same(
    states: list[State], found: list[float], model: ScoreModel, span: timedelta, category: str | None
) -> None:
    expected = [value_of(value(state, model, NOON + span), category) for state in states]
    assert found == expected
