"""The property on which segments and journeys rest: memory and both databases give the same answer, always."""

import os
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import column
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.journeys.populations.documents import Postgres
from journeyman.journeys.populations.repository import count, members
from journeyman.kit.database import Database
from journeyman.language.comparisons import OPERATORS
from journeyman.language.conditions import CONDITION
from journeyman.language.defined import STAGES
from journeyman.language.evaluation import holds
from journeyman.language.instants import read_instant
from journeyman.language.occurrences import BOUNDS
from tests.journeyman.journeys.populations.people import FATES, NOON, REFUSALS, Person, crowd, store
from tests.journeyman.journeys.populations.strategies import (
    LOOKALIKES,
    NO_INSTANTS,
    NUMBERS,
    WORDS,
    conditions,
    people,
)

RELATIONAL = ("equals", "not_equals", "gt", "gte", "lt", "lte")


def systematic() -> list[dict[str, Any]]:
    """Every setting of the conditions that look into other tables."""
    viewed: dict[str, Any] = {"event": "Viewed"}
    totals: list[dict[str, Any]] = [
        {name: {"property": "amount", bound: 10}} for name in ("sum", "average", "max", "min") for bound in BOUNDS[1:]
    ]
    several: list[dict[str, Any]] = [
        *({"count": number} for number in range(4)),
        *({"count": {bound: 1}} for bound in BOUNDS),
        {"count": {"gt": 0, "lt": 3}},
        *({"within": length} for length in ("1h", "1d", "7d", "60w")),
        {"count": 0, "within": "7d"},
        {"where": {"property": "text", "equals": {"attribute": "text"}}},
        {"count": 0, "where": {"not": {"property": "flag", "equals": True}}},
        {"where": {"property": "tags", "contains": {"attribute": "number"}}},
        {"where": {"property": "text", "in": {"attribute": "tags"}}, "within": "2w"},
        {"sum": {"property": "amount", "equals": 0}},
        {"count": {"gte": 0}, "max": {"property": "amount", "lte": 5, "gt": 0}},
        {"count": {"gte": 0}, "sum": {"property": "amount", "lt": 20}, "min": {"property": "amount", "gte": -5}},
    ]
    return [
        viewed,
        *({**viewed, **setting} for setting in (*several, *totals)),
        *({"segment": key} for key in ("vip", "lost")),
        *({"score": "leads", bound: 2, **more} for bound in BOUNDS for more in ({}, {"category": "web"})),
        *({"score": "still", bound: 1} for bound in BOUNDS),
        *({"rfm": {measure: {bound: 3}}} for measure in ("r", "f", "m") for bound in BOUNDS),
        {"rfm": {"r": 5, "f": {"gte": 2}}},
        *({"rfm": group} for group in ("champions", "at-risk", "lost")),
        *({"computed": "number", operator: 1} for operator in RELATIONAL),
        *({"consent": subject, "is": status} for subject in ("email", "sms") for status in ("yes", "no", "unknown")),
        *({"message": "any", "status": status, "of": "any journey"} for status in (*FATES, *REFUSALS)),
        *(
            {"message": "remind", "status": status, "of": "any journey", "within": "7d"}
            for status in ("opened", "failed")
        ),
        {"message": "thank", "status": "sent", "of": "any journey", "channel": "sms"},
        *({"lifecycle": stage} for stage in STAGES),
        *({"journey": "welcome", "is": way, **window} for way in WAYS for window in ({}, {"within": "7d"})),
        *(
            {"interest": wares, "in": "viewed", "at_least": times, **window}
            for wares in ({"product": "runner"}, {"category": "Shoes"})
            for times in (1, 3)
            for window in ({}, {"within": "7d"})
        ),
        {"reachable": "email"},
        {"reachable": "sms"},
        *({"prediction": "purchase", bound: 0.3} for bound in BOUNDS),
        *({"journey": "cart", "is": "exited", "by": by} for by in ("completed", "exited")),
        *({"device": device} for device in ("mobile", "tablet", ["mobile", "tv"])),
        *({"place": {part: spot}} for part in ("country", "region", "city") for spot in ("PL", ["Riga", "LV"])),
    ]


WAYS = ("in", "was_in", "never_in", "exited")


class UndoneError(Exception):
    """Ends a transaction that shall leave nothing behind."""


@pytest.fixture
async def crowded(database: Database) -> tuple[Database, list[str], list[Person]]:
    """A database with three hundred customers, so that a condition finds somebody whom it fits."""
    everybody = crowd(300, seed=1)
    async with database.transaction() as connection:
        return database, await store(connection, everybody), everybody


SEARCH: dict[str, Any] = {
    "derandomize": True,
    "deadline": None,
    # The fixture's database is meant to be the same for every example.
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
}


@settings(max_examples=40, **SEARCH)
@given(everybody=st.lists(people, min_size=3, max_size=6), several=st.lists(conditions, min_size=4, max_size=10))
async def test_memory_and_sql_agree_on_anybody(
    database: Database, everybody: list[Person], several: list[dict[str, Any]]
) -> None:
    with suppress(UndoneError):
        async with database.transaction() as connection:
            ids = await store(connection, everybody)
            for document in several:
                await agree(connection, document, ids, everybody)
            raise UndoneError


@settings(max_examples=int(os.environ.get("AGREEMENT_EXAMPLES", "150")), **SEARCH)
@given(several=st.lists(conditions, min_size=4, max_size=10))
async def test_memory_and_sql_agree_on_any_condition(
    crowded: tuple[Database, list[str], list[Person]], several: list[dict[str, Any]]
) -> None:
    database, ids, everybody = crowded
    async with database.reading() as connection:
        for document in several:
            await agree(connection, document, ids, everybody)


async def test_memory_and_sql_agree_on_every_setting(crowded: tuple[Database, list[str], list[Person]]) -> None:
    database, ids, everybody = crowded
    async with database.reading() as connection:
        for document in systematic():
            assert await agree(connection, document, ids, everybody) == {True, False}, document


VALUES: list[Any] = [
    *(*WORDS, *LOOKALIKES, *NUMBERS, *NO_INSTANTS, True, False),
    *("2026-02-22T12:00:00Z", "2026-02-28T12:00:00Z", "2026-03-08T12:00:00Z", "2026-03-08T12:00:00.000001Z"),
    *("2026-03-01T12:00:00Z", "2026-03-01T13:00:00.000000999+01:00", "2026-02-22T12:00:00.000001-05:30"),
    *("2026-03-01T11:59:59.999999Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2024-02-29T00:00:00Z"),
]
STRUCTURES: list[Any] = [None, [], {}, [[]], [None], ["a", 1, True, "1"], ["b", 1.0], [""], {"x": 1}, [{"x": 1}, 0.1]]


@pytest.mark.parametrize("operator", OPERATORS)
async def test_memory_and_sql_agree_on_every_value_against_every_literal(database: Database, operator: str) -> None:
    everybody = [Person({"v": value}) for value in (*VALUES, *STRUCTURES)] + [Person()]
    async with database.transaction() as connection:
        ids = await store(connection, everybody)
        seen = set()
        for literal in literals(operator):
            seen |= await agree(connection, {"attribute": "v", operator: literal}, ids, everybody)
    assert seen == {True, False}


@pytest.mark.parametrize(
    "operator", [*RELATIONAL, "in", "not_in", "contains", "starts_with", "ends_with", "before", "after"]
)
async def test_memory_and_sql_agree_on_every_value_against_every_other(database: Database, operator: str) -> None:
    everybody = [Person({"v": v, "w": {"x": w}}) for v in (*VALUES, *STRUCTURES) for w in (*VALUES, *STRUCTURES)]
    async with database.transaction() as connection:
        ids = await store(connection, everybody)
        seen = await agree(connection, {"attribute": "v", operator: {"attribute": "w.x"}}, ids, everybody)
    assert seen == {True, False}


DOCUMENTS: list[dict[str, Any]] = [
    {"a": ["x", {"b": "x"}], "a[0]": "y", "a.b": "y", "$": "y", "#": "y", "a'b": "y"},
    {"a": {"0": "x", "b": "x", "b.c": "y", "\u00fc": "x", "-1": "x"}, "first name": "x", "0": "x"},
    {"a": {"b": {"c": "x", "0": ["x"]}}, "$.a": "y", '"a"': "y", "u\u0308": "y"},
    {"a": None, "0": None, "$": {"a": "x"}, "\u00fc": "x"},
]
PATHS = (
    *("a", "a.0", "a.1", "a.-1", "a.1.b", "a[0]", "a[#-1]", "a.b", "a.b.c", "a.b.0", "a.b.0.0", "a'b", "#", "$", "$.a"),
    *("first name", "0", "\u00fc", "a.\u00fc", "u\u0308", "A", " a", "a ", "{}", "{a}", "%s", ":a", "?", "a->b", "--"),
)


async def test_memory_and_sql_agree_on_every_path(database: Database) -> None:
    everybody = [Person(document) for document in DOCUMENTS]
    async with database.transaction() as connection:
        ids = await store(connection, everybody)
        for path in PATHS:
            for comparison in ({"exists": True}, {"equals": "x"}, {"equals": "y"}, {"contains": "x"}):
                await agree(connection, {"attribute": path, **comparison}, ids, everybody)


def test_text_is_ordered_by_code_points_whatever_language_a_database_was_made_for() -> None:
    text = Postgres().read(column("document", JSONB), ("name",)).forms["text"]
    assert 'COLLATE "C") >' in str(text > "a")


def literals(operator: str) -> list[Any]:
    """Every operand that the operator takes."""
    instants = [value for value in VALUES if read_instant(value) is not None]
    pairs = [[one, another] for one, another in zip(VALUES, VALUES[7:] + VALUES[:7], strict=True)]
    special: list[tuple[set[str], list[Any]]] = [
        ({"exists"}, [True, False]),
        ({"anniversary"}, ["today", "this_month", {"within_next": "7d"}, {"within_next": "365d"}]),
        ({"in", "not_in"}, pairs),
        ({"within_last", "within_next"}, ["1s", "1d", "7d", "P7DT0.000001S", "10w"]),
        ({"before", "after"}, [{"ago": "0s"}, {"ago": "7d"}, {"ahead": "1s"}, *instants]),
        ({"starts_with", "ends_with"}, [value for value in VALUES if isinstance(value, str)]),
        ({"gt", "gte", "lt", "lte"}, [value for value in VALUES if not isinstance(value, bool)]),
    ]
    return next((operands for operators, operands in special if operator in operators), VALUES)


async def agree(
    connection: AsyncConnection, document: dict[str, Any], ids: list[str], everybody: list[Person]
) -> set[bool]:
    """Asserts that both say the same of everybody; what they said."""
    condition = CONDITION.validate_python(document)
    said = {key: holds(condition, person.facts()) for key, person in zip(ids, everybody, strict=True)}
    expected = [key for key, person in zip(ids, everybody, strict=True) if said[key] and not person.merged]
    assert await members(connection, condition, now=NOON) == expected, document
    assert await count(connection, condition, now=NOON) == len(expected)
    return set(said.values())
