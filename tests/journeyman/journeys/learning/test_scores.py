"""Predictions take the place of those before, and only those are judged anew who have others; on both databases."""

from collections.abc import Iterable
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from journeyman.customers.tables import Customer
from journeyman.intelligence.predictions import repository as predictions
from journeyman.intelligence.predictions.repository import Prediction, Reason
from journeyman.journeys.learning import scores
from journeyman.kit.database import Database
from journeyman.language.standing import PredictionKey
from tests.journeyman.journeys.learning.readers import NOW

KEYS = ("purchase", "churn")
WHY = (Reason("days_since_order", 12.0, 0.11),)


def prediction(customer: str, value: float, key: PredictionKey = "purchase", model: str = "purchase/1") -> Prediction:
    return Prediction(customer, key, value, 900, model, NOW, NOW, WHY)


async def people(database: Database, *ids: str) -> None:
    rows = [{"id": one, "attributes": {}, "created_at": NOW, "updated_at": NOW} for one in ids]
    async with database.transaction() as connection:
        await connection.execute(insert(Customer), rows)


async def written(database: Database, found: Iterable[Prediction]) -> tuple[int, set[str]]:
    """How many customers have any, and whom segments are to be judged for."""
    async with database.transaction() as connection:
        await connection.execute(update(Customer).values(recheck_at=None))
    count = await scores.write(database, found, KEYS, NOW)
    async with database.reading() as connection:
        rows = await connection.execute(select(Customer.id).where(Customer.recheck_at.is_not(None)))
        return count, set(rows.scalars())


async def read(database: Database, customer: str) -> list[Prediction]:
    async with database.reading() as connection:
        return await predictions.of_customer(connection, customer)


async def test_predictions_are_written_with_their_reasons(database: Database) -> None:
    await people(database, "ann", "bob")
    one = [prediction("ann", 0.4), prediction("ann", 0.6, "churn")]
    assert await written(database, one) == (1, {"ann"})
    assert await read(database, "ann") == [one[1], one[0]]
    assert await read(database, "bob") == []


async def test_what_has_not_moved_has_nobody_judged_anew(database: Database) -> None:
    await people(database, "ann", "bob")
    await written(database, [prediction("ann", 0.4), prediction("bob", 0.2)])
    assert await written(database, [prediction("ann", 0.400004), prediction("bob", 0.3)]) == (2, {"bob"})
    assert await written(database, [prediction("ann", 0.4, model="purchase/2"), prediction("bob", 0.3)]) == (2, {"ann"})


async def test_who_has_no_prediction_any_more_has_none(database: Database) -> None:
    await people(database, "ann", "bob")
    other = Prediction("ann", "value", 12.5, 900, "value/1", NOW, NOW)
    async with database.transaction() as connection:
        await predictions.save(connection, [other], NOW)
    await written(database, [prediction("ann", 0.4), prediction("bob", 0.2)])
    assert await written(database, [prediction("bob", 0.2)]) == (1, {"ann"})
    assert await read(database, "ann") == [other]


@pytest.mark.parametrize("merged", [False, True])
async def test_nothing_is_written_of_who_was_merged_or_is_not_there(database: Database, merged: bool) -> None:
    await people(database, "ann", "bob")
    async with database.transaction() as connection:
        if merged:
            await connection.execute(update(Customer).where(Customer.id == "ann").values(merged_into="bob"))
    count, _ = await written(database, [prediction("ann", 0.4), prediction("nobody", 0.9)])
    assert count == (0 if merged else 1)
    assert await read(database, "nobody") == []


async def test_more_customers_than_one_transaction_holds(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scores, "CHUNK", 3)
    ids = [f"c{number}" for number in range(8)]
    await people(database, *ids)
    assert (await written(database, [prediction(one, 0.5) for one in ids]))[0] == 8
    await scores.forget(database, KEYS, NOW + timedelta(days=1))
    assert [await read(database, one) for one in ids] == [[]] * 8
