"""`some`: one and the same member of a list of an event, in memory and in SQL."""

from typing import Any

import pytest

from journeyman.journeys.populations.repository import members
from journeyman.kit.database import Database
from journeyman.language.conditions import CONDITION
from journeyman.language.evaluation import holds
from journeyman.language.facts import EventFact, Facts
from tests.journeyman.journeys.populations.people import NOON, Person, store

LISTS: list[Any] = [
    [{"id": "p1", "price": 5}],
    [{"id": "p2", "price": 20}, {"id": "p1", "price": 20}],
    [{"id": "p2", "price": 20}, {"id": "p1", "price": 5}],
    [],
    ["p1", None, [{"id": "p1"}], 3],
    {"id": "p1"},
    "p1",
    None,
    [{"id": None}, {"id": {"id": "p1"}}],
    [{"sizes": [{"name": "m"}, {"name": "l"}]}],
]
P1 = {"property": "id", "equals": "p1"}


@pytest.mark.parametrize(
    ("where", "places"),
    [
        (P1, [0, 1, 2]),
        ({"all": [P1, {"property": "price", "gt": 10}]}, [1]),
        ({"property": "id", "in": ["p2", "p9"]}, [1, 2]),
        ({"not": {"property": "id", "exists": True}}, [4, 8, 9]),
        ({"some": "sizes", "where": {"property": "name", "equals": "l"}}, [9]),
        ({"property": "id.id", "starts_with": "p"}, [8]),
    ],
)
@pytest.mark.parametrize("path", ["lines", "deep.lines"])
async def test_memory_and_sql_agree_on_members_of_lists(
    database: Database, path: str, where: dict[str, Any], places: list[int]
) -> None:
    properties = [{"lines": one} if path == "lines" else {"deep": {"lines": one}} for one in LISTS]
    condition = CONDITION.validate_python({"event": "E", "where": {"some": path, "where": where}})
    facts = [Facts(NOON, {}, events={"E": [EventFact("E", NOON, 1, one)]}) for one in properties]
    assert [place for place, seen in enumerate(facts) if holds(condition, seen)] == places
    async with database.transaction() as connection:
        ids = await store(connection, [Person(events=(("E", NOON, one),)) for one in properties])
        assert sorted(ids.index(key) for key in await members(connection, condition, now=NOON)) == places
