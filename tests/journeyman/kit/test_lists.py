from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from journeyman.customers.tables import Consent, Event
from journeyman.kit.bulk import insert_many
from journeyman.kit.database import Database
from journeyman.kit.lists import is_among
from tests.builders import NOON
from tests.conftest import sqlite_url

ODD = ["ann", "", "b'b", 'c"c', "d,d", "ę\\é", "{f}", "NULL"]


async def test_members_of_any_kind_are_found_and_nobody_else(database: Database) -> None:
    query = select(Consent.customer_id).where(is_among(Consent.customer_id, "ids")).order_by(Consent.customer_id)
    rows = [
        {"customer_id": one, "subject": "email", "status": "yes", "changed_at": NOON} for one in [*ODD, "somebody else"]
    ]
    async with database.transaction() as connection:
        await insert_many(connection, Consent, rows)
        found = (await connection.execute(query, {"ids": [*ODD, "nobody"]})).scalars().all()
        nothing = (await connection.execute(query, {"ids": []})).scalars().all()
    assert sorted(found) == sorted(ODD)
    assert nothing == []


async def test_numbers_and_very_long_lists_are_taken(database: Database) -> None:
    query = select(Event.seq).where(is_among(Event.seq, "seqs"))
    row = {"message_id": "m", "customer_id": "ann", "type": "track", "name": "x", "properties": {}, "context": {}}
    async with database.transaction() as connection:
        # Any statement opens the transaction.
        assert (await connection.execute(query, {"seqs": range(100_000)})).scalars().all() == []
        await insert_many(connection, Event, [{**row, "seq": 2**40, "event_time": NOON, "received_at": NOON}])
        assert (await connection.execute(query, {"seqs": [1, 2**40]})).scalars().all() == [2**40]


@pytest.mark.parametrize("column", [Event.seq, Event.message_id, Event.customer_id], ids=str)
async def test_an_index_finds_the_members(
    sqlite_template: Path, tmp_path: Path, column: InstrumentedAttribute[Any]
) -> None:
    database = Database(sqlite_url(sqlite_template, tmp_path))
    query = select(Event.seq).where(is_among(column, "members")).compile(dialect=database.engine.dialect)
    async with database.reading() as connection:
        plan = [row.detail for row in await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", ("[]",))]
    await database.close()
    assert any(line.startswith("SEARCH events USING") for line in plan)
