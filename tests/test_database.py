from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, select

from journeyman.customers.tables import AttributeChange, Customer
from journeyman.kit.database import Base, Database

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def test_migrations_make_exactly_the_tables_of_the_product(database: Database) -> None:
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415 - only here
    from alembic.migration import MigrationContext  # noqa: PLC0415

    async with database.engine.connect() as connection:
        difference = await connection.run_sync(
            lambda sync: compare_metadata(MigrationContext.configure(sync), Base.metadata)
        )
    assert difference == []


async def test_what_is_written_comes_back_with_its_types(database: Database) -> None:
    row = {"id": "c1", "attributes": {"ü": [1, None, {"a": True}]}, "created_at": NOON, "updated_at": NOON}
    async with database.transaction() as connection:
        await connection.execute(insert(Customer).values(row))
    async with database.reading() as connection:
        found = (await connection.execute(select(Customer.attributes, Customer.created_at))).one()
    assert found == (row["attributes"], NOON)


@pytest.mark.parametrize("value", [31, 2.5, -1, 0, True, False, "31", "2.5", "", "null", [1], {"a": 1.5}, None])
async def test_a_document_may_be_any_value(database: Database, value: object) -> None:
    row = {"customer_id": "c1", "attribute": "age", "old": None, "new": value, "at": NOON, "source": "test"}
    async with database.transaction() as connection:
        await connection.execute(insert(AttributeChange).values(row))
    async with database.reading() as connection:
        found = (await connection.execute(select(AttributeChange.new))).scalar_one()
    assert (found, type(found)) == (value, type(value))


async def test_a_transaction_that_raises_leaves_nothing(database: Database) -> None:
    row = {"id": "c1", "attributes": {}, "created_at": NOON, "updated_at": NOON}

    async def fail() -> None:
        async with database.transaction() as connection:
            await connection.execute(insert(Customer).values(row))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    async with database.reading() as connection:
        assert (await connection.execute(select(Customer.id))).all() == []
