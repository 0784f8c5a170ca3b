"""Writing what models predict of customers: some at a time, locked as intake locks them, and only what has changed."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers import repository as customers
from journeyman.intelligence.predictions import repository as predictions
from journeyman.intelligence.predictions.repository import Prediction, Stored
from journeyman.kit.database import Database

CHUNK: Final = 500
"""Customers written in one transaction."""
DIGITS: Final = 4
"""Decimal places of a prediction: less says nothing, and would have all segments judged for it."""
Found = dict[str, list[Prediction]]


async def write(database: Database, found: Iterable[Prediction], keys: Collection[str], now: datetime) -> int:
    """Write these predictions in the place of all of these kinds; returns how many customers have any.

    Who has none among them has none afterwards. Those whose predictions moved are judged for segments soon.
    """
    by_customer: Found = defaultdict(list)
    for one in found:
        by_customer[one.customer_id].append(replace(one, value=round(one.value, DIGITS)))
    written, after = 0, ""
    while True:
        async with database.transaction() as connection:
            ids = await customers.ids_after(connection, after, CHUNK)
            if not ids:
                return written
            people = await customers.lock_profiles(connection, ids)
            there = {one.id for one in people if one.merged_into is None} & by_customer.keys()
            await _replace(connection, ids, {one: by_customer[one] for one in there}, keys, now)
        after = ids[-1]
        written += len(there)


async def forget(database: Database, keys: Collection[str], now: datetime) -> None:
    """Take all predictions of these kinds away: there is not enough data any more."""
    await write(database, (), keys, now)


async def _replace(
    connection: AsyncConnection, ids: Collection[str], found: Found, keys: Collection[str], now: datetime
) -> None:
    before = await predictions.stored(connection, ids, keys)
    after = {Stored(one.customer_id, one.key, one.value, one.model): one for all_ in found.values() for one in all_}
    gone = {one.customer_id for one in before} - found.keys()
    if gone:
        await predictions.forget(connection, gone, keys)
        await customers.recheck(connection, gone, now)
    moved = {one.customer_id for one in before ^ after.keys()} - gone
    await predictions.save(connection, [one for each in sorted(moved) for one in found[each]], now)
