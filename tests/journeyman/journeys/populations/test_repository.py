from datetime import timedelta
from typing import Any

import pytest

from journeyman.journeys.populations.repository import count, members
from journeyman.kit.database import Database
from journeyman.kit.errors import Fault, InvalidError
from journeyman.language.conditions import CONDITION
from tests.journeyman.journeys.populations.people import NOON, Mail, Person, store

EVERYBODY = CONDITION.validate_python({"attribute": "nobody", "exists": False})


async def chosen(database: Database, document: dict[str, Any], people: list[Person]) -> list[int]:
    """Which of the people the condition chooses, by their place."""
    condition = CONDITION.validate_python(document)
    async with database.transaction() as connection:
        ids = await store(connection, people)
    async with database.reading() as connection:
        return [ids.index(key) for key in await members(connection, condition, now=NOON)]


async def test_pages_follow_one_another(database: Database) -> None:
    async with database.transaction() as connection:
        ids = await store(connection, [Person()] * 5)
        first = await members(connection, EVERYBODY, now=NOON, limit=2)
        second = await members(connection, EVERYBODY, now=NOON, limit=2, after=first[-1])
        last = await members(connection, EVERYBODY, now=NOON, limit=2, after=second[-1])
        assert [*first, *second, *last] == ids
        assert (len(first), len(second), len(last)) == (2, 2, 1)
        assert await count(connection, EVERYBODY, now=NOON) == 5


async def test_a_profile_merged_into_another_is_nobody(database: Database) -> None:
    people = [Person({"a": 1}), Person({"a": 1}, merged=True)]
    assert await chosen(database, {"attribute": "a", "equals": 1}, people) == [0]


async def test_what_comes_after_now_does_not_count(database: Database) -> None:
    soon = NOON + timedelta(microseconds=1)
    people = [
        Person(events=(("E", NOON, {}),), mails=(Mail(fates={"opened": NOON}),)),
        Person(events=(("E", soon, {}),), mails=(Mail(fates={"opened": soon}),)),
    ]
    document = {"all": [{"event": "E"}, {"message": "any", "status": "opened", "of": "any journey"}]}
    assert await chosen(database, document, people) == [0]


async def test_an_event_is_compared_with_its_own_customer(database: Database) -> None:
    people = [Person({"size": size}, events=(("E", NOON, {"size": 38}),)) for size in (38, 39, "38")]
    document = {"event": "E", "where": {"property": "size", "equals": {"attribute": "size"}}}
    assert await chosen(database, document, people) == [0]


@pytest.mark.parametrize(
    "total", [{"sum": {"property": "p", "equals": 0.3}}, {"average": {"property": "p", "equals": 0.15}}]
)
async def test_totals_do_not_show_how_doubles_were_added(database: Database, total: dict[str, Any]) -> None:
    people = [
        Person(events=tuple(("E", NOON, {"p": price}) for price in prices)) for prices in ((0.1, 0.2), (0.1, 0.21))
    ]
    assert await chosen(database, {"event": "E", **total}, people) == [0]


async def test_a_long_list_is_one_statement(database: Database) -> None:
    values = [*range(300), *(f"word {number}" for number in range(690)), True]
    people = [Person({"a": value}) for value in (299, "299", "word 5", False, True, 1000)]
    assert await chosen(database, {"attribute": "a", "in": values}, people) == [0, 2, 4]


@pytest.mark.parametrize(
    "comparison",
    [{"after": {"attribute": "b.c"}}, {"in": {"attribute": "b"}}, {"contains": {"attribute": "x"}}],
    ids=str,
)
async def test_the_deepest_and_widest_condition_is_not_too_much(database: Database, comparison: dict[str, Any]) -> None:
    leaf = {"property": "a.b.c.d.e.f", **comparison}
    where = {"not": {"any": [{"all": [{"not": {"any": [leaf]}}]}]}}
    document = {"all": [{"event": "E", "count": {"gte": 1, "lt": 9}, "where": where}] * 28}
    condition = CONDITION.validate_python(document)
    assert (condition.depth, condition.size) == (8, 197)
    people = [Person({"b": {"c": "x"}}, events=(("E", NOON, {"a": {"b": 1}}),)), Person()]
    assert await chosen(database, document, people) == []


RUN_SCOPED = {
    "all": [
        {"entry": "cart", "equals": 1},
        {"not": {"context": "answer", "exists": True}},
        {"attribute": "a", "in": {"entry": "list"}},
        {"event": "E", "where": {"any": [{"property": "a", "before": {"context": "due"}}]}},
        {"message": "remind", "status": "opened"},
        {"message": "remind", "status": "opened", "of": "any journey"},
    ]
}


async def test_what_needs_a_run_is_refused_part_by_part(database: Database) -> None:
    async with database.reading() as connection:
        for ask in (members, count):
            with pytest.raises(InvalidError) as caught:
                await ask(connection, CONDITION.validate_python(RUN_SCOPED), now=NOON)
            assert caught.value.faults == (
                Fault("/all/0/entry", "`entry` conditions need a run", "compare an attribute or an event"),
                Fault("/all/1/not/context", "`context` conditions need a run", "compare an attribute or an event"),
                Fault(
                    "/all/2/in/entry",
                    "a reference to `entry` needs a run",
                    "write a value, or refer to an attribute",
                ),
                Fault(
                    "/all/3/where/any/0/before/context",
                    "a reference to `context` needs a run",
                    "write a value, or refer to an attribute",
                ),
                Fault("/all/4/of", "a `message` condition of a run needs one", "add `of: any journey`"),
            )
