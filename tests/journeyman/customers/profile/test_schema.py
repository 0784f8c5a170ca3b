from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from journeyman.customers.profile import repository, schema
from journeyman.customers.profile.definition import AttributeDefinition, AttributeEdit, type_of
from journeyman.customers.profile.schema import FRESH, MOST, Observer
from journeyman.kit.database import Database
from journeyman.kit.errors import InvalidError, NotFoundError
from tests.builders import NOON


class Door:
    """Where values come in, each batch in a transaction."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.observer = Observer()
        self.now = NOON

    async def take(self, *seen: tuple[str, Any]) -> None:
        async with self.database.transaction() as connection:
            await self.observer.observe(connection, seen, self.now)

    async def known(self) -> dict[str, AttributeDefinition]:
        page = await schema.page(self.database, None, 200)
        return {one.name: one for one in page.items}


@pytest.fixture
def door(database: Database) -> Door:
    return Door(database)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("Riga", "text"),
        ("2026-03-02", "text"),
        ("2026-03-02T12:00:00Z", "instant"),
        (True, "boolean"),
        (1, "number"),
        (1.5, "number"),
        ([], "list"),
        ({}, "object"),
        (None, None),
    ],
)
def test_types(value: object, kind: str | None) -> None:
    assert type_of(value) == kind


async def test_attributes_are_inferred_from_their_first_value(door: Door) -> None:
    await door.take(("city", "Riga"), ("age", 31), ("email", "ann@example.com"), ("gone", None))
    known = await door.known()
    assert {name: (one.type, one.is_pii) for name, one in known.items()} == {
        "age": ("number", False),
        "city": ("text", False),
        "email": ("text", True),
    }
    assert {(one.source, one.first_seen_at, one.mismatches) for one in known.values()} == {("inferred", NOON, 0)}


async def test_what_is_known_costs_no_statement(door: Door) -> None:
    await door.take(("city", "Riga"))
    await door.take(("city", "Oslo"))
    statements = []
    event.listen(door.database.engine.sync_engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    await door.take(("city", "Paris"), ("city", "Rome"), ("city", None))
    assert [one for one in statements if "attribute_definitions" in one] == []
    await door.take(("age", 31))
    assert [one for one in statements if "attribute_definitions" in one] != []


async def test_a_value_that_does_not_fit_is_counted(door: Door) -> None:
    await door.take(("age", 31))
    await door.take(("age", "thirty"), ("age", "forty"), ("age", 41))
    one = (await door.known())["age"]
    assert (one.type, one.mismatches, one.mismatched_as, one.mismatched_at) == ("number", 2, "text", NOON)
    listed = await schema.page(door.database, None, 10, mismatched=True)
    assert [one.name for one in listed.items] == ["age"]


async def test_what_is_no_instant_after_all_is_text(door: Door) -> None:
    await door.take(("since", "2026-03-02T12:00:00Z"))
    await door.take(("since", "spring"))
    await door.take(("since", "2026-03-02T12:00:00Z"))
    one = (await door.known())["since"]
    assert (one.type, one.mismatches) == ("text", 0)


async def test_an_edit_is_heeded(door: Door) -> None:
    await door.take(("since", "2026-03-02T12:00:00Z"), ("zip", 1050))
    await door.take(("zip", "LV-1050"))
    edit = AttributeEdit(type="text", label="Postal code", is_pii=True)
    saved = await schema.save(door.database, "zip", edit, NOON)
    assert (saved.source, saved.first_seen_at, saved.mismatches) == ("edited", NOON, 0)
    await schema.save(door.database, "since", AttributeEdit(type="instant"), NOON)
    door.now = NOON + FRESH
    await door.take(("zip", "LV-1051"), ("zip", 1051), ("since", "spring"))
    known = await door.known()
    assert (known["zip"].type, known["zip"].mismatches, known["zip"].mismatched_as) == ("text", 1, "number")
    assert (known["since"].type, known["since"].mismatches) == ("instant", 1)
    again = await schema.save(door.database, "zip", AttributeEdit(type="text", label="ZIP"), NOON)
    assert (again.label, again.is_pii, again.mismatches) == ("ZIP", False, 1)


async def test_what_was_not_committed_is_noted_again(door: Door) -> None:
    with pytest.raises(ZeroDivisionError):
        await _fail_after(door, [("city", "Riga")])
    assert await door.known() == {}
    await door.take(("city", "Riga"))
    assert set(await door.known()) == {"city"}


async def _fail_after(door: Door, seen: Iterable[tuple[str, Any]]) -> None:
    async with door.database.transaction() as connection:
        await door.observer.observe(connection, seen, NOON)
        raise ZeroDivisionError


async def test_two_who_see_it_first_do_not_clash(door: Door) -> None:
    other = Door(door.database)
    await other.take(("city", "Riga"))
    await door.take(("city", 7))
    await other.take(("city", "Oslo"))
    assert {one.mismatches for one in (await door.known()).values()} == {1}


async def test_a_flood_of_names_ends(door: Door) -> None:
    for start in range(0, MOST + 300, 300):
        await door.take(*((f"name {number:04}", 1) for number in range(start, start + 300)), ("x" * 201, 1))
    door.now += timedelta(minutes=1)
    await door.take(("one more", 1))
    async with door.database.reading() as connection:
        assert len(await repository.definitions(connection, "", MOST + 1)) == MOST


async def test_attributes_page_by_page(door: Door) -> None:
    await door.take(("a", 1), ("b", 1), ("c", 1))
    first = await schema.page(door.database, None, 2)
    rest = await schema.page(door.database, first.next, 2)
    assert ([one.name for one in first.items], [one.name for one in rest.items], rest.next) == (["a", "b"], ["c"], None)


async def test_what_cannot_be_found_or_named(door: Door) -> None:
    with pytest.raises(NotFoundError):
        await schema.get(door.database, "city")
    with pytest.raises(InvalidError):
        await schema.save(door.database, "x" * 201, AttributeEdit(type="text"), NOON)
    await schema.save(door.database, "city", AttributeEdit(type="text"), NOON)
    assert (await schema.get(door.database, "city")).first_seen_at is None
