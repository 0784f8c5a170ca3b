"""Every query of predictions."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers import repository as customers
from journeyman.intelligence.predictions.tables import Prediction as PredictionRow
from journeyman.kit.bulk import insert_many
from journeyman.kit.holdings import Holding
from journeyman.kit.lists import is_among
from journeyman.language.standing import PredictionKey

PREDICTIONS = Holding("predictions", PredictionRow, ("key",))

_OF = select(PredictionRow.customer_id, PredictionRow.key, PredictionRow.value).where(
    is_among(PredictionRow.customer_id, "customer_ids"), is_among(PredictionRow.key, "keys")
)
_EVERYTHING = (
    select(PredictionRow.__table__)
    .where(PredictionRow.customer_id == bindparam("customer_id"))
    .order_by(PredictionRow.key)
)
_STORED = select(PredictionRow.customer_id, PredictionRow.key, PredictionRow.value, PredictionRow.model).where(
    is_among(PredictionRow.customer_id, "customer_ids"), is_among(PredictionRow.key, "keys")
)
_CLEAR = delete(PredictionRow).where(
    is_among(PredictionRow.customer_id, "customer_ids"), is_among(PredictionRow.key, "keys")
)


@dataclass(frozen=True, slots=True)
class Reason:
    """One figure of a customer that moves a prediction: `what` it is, its `value`, and its `effect`.

    The effect is by how much the prediction is above what it were if the figure were as with the typical customer, in
    the prediction's own unit.
    """

    what: str
    value: float
    effect: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model predicts of a customer: a probability from 0 to 1, or for `value` an amount.

    The `reasons` are those that move it most, the strongest first.
    """

    customer_id: str
    key: PredictionKey
    value: float
    n: int
    model: str
    trained_at: datetime
    at: datetime
    reasons: Sequence[Reason] = ()


class Stored(NamedTuple):
    """A prediction as it is compared with a new one."""

    customer_id: str
    key: str
    value: float
    model: str


async def save(connection: AsyncConnection, predictions: Sequence[Prediction], now: datetime) -> None:
    """Write predictions in the place of those before, one of each kind for a customer; segments follow soon.

    The customers are to be locked before, as intake locks them.
    """
    customer_ids = {one.customer_id for one in predictions}
    if not customer_ids:
        return
    await forget(connection, customer_ids, {one.key for one in predictions})
    await insert_many(connection, PredictionRow, [asdict(one) for one in predictions])
    await customers.recheck(connection, customer_ids, now)


async def forget(connection: AsyncConnection, customer_ids: Collection[str], keys: Collection[str]) -> None:
    """Take predictions away: there is not enough data any more."""
    await connection.execute(_CLEAR, {"customer_ids": list(customer_ids), "keys": list(keys)})


async def of_customer(connection: AsyncConnection, customer_id: str) -> list[Prediction]:
    """Everything that is predicted of one customer."""
    rows = await connection.execute(_EVERYTHING, {"customer_id": customer_id})
    return [Prediction(**{**row, "reasons": tuple(Reason(**one) for one in row["reasons"])}) for row in rows.mappings()]


async def stored(connection: AsyncConnection, customer_ids: Collection[str], keys: Collection[str]) -> set[Stored]:
    """What is on record of these customers, without the reasons."""
    rows = await connection.execute(_STORED, {"customer_ids": list(customer_ids), "keys": list(keys)})
    return {Stored(*row) for row in rows}


async def of_customers(
    connection: AsyncConnection, customer_ids: Collection[str], keys: Collection[str]
) -> list[tuple[str, tuple[str, float]]]:
    """(customer id, (key, value)) of what is predicted of these customers."""
    rows = await connection.execute(_OF, {"customer_ids": list(customer_ids), "keys": list(keys)})
    return [(customer_id, (key, value)) for customer_id, key, value in rows]


async def follow_merge(connection: AsyncConnection, loser: str) -> None:
    """What was predicted of a profile that was merged is of nobody any more; the survivor keeps her own."""
    await connection.execute(delete(PredictionRow).where(PredictionRow.customer_id == loser))
