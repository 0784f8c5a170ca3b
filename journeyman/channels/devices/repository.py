"""Every query of the device registry."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels.devices.devices import MOST, Device, device_id
from journeyman.channels.devices.tables import Device as Row
from journeyman.kit.holdings import Holding
from journeyman.kit.lists import is_among

DEVICES = Holding("devices", Row, ("added_at", "id"))


async def keep(connection: AsyncConnection, devices: Sequence[Device]) -> None:
    """Keep devices. One that is known belongs to whom it was told of last."""
    if not devices:
        return
    rows = {
        one.id: {
            "id": one.id,
            "customer_id": one.customer_id,
            "channel": one.channel,
            "token": one.token,
            "platform": one.platform,
            "app": one.app,
            "added_at": one.seen_at,
            "seen_at": one.seen_at,
        }
        for one in devices
    }
    statement = _insert(connection)
    changed = {name: statement.excluded[name] for name in ("customer_id", "platform", "app", "seen_at")}
    await connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changed), list(rows.values()))
    for customer_id, channel in {(one.customer_id, one.channel) for one in devices}:
        await _make_room(connection, customer_id, channel)


async def tokens_of(connection: AsyncConnection, customer_id: str, channel: str) -> dict[str, str | None]:
    """The platforms of a customer's devices by their tokens, the one seen last first."""
    query = select(Row.token, Row.platform).where(Row.customer_id == customer_id, Row.channel == channel)
    rows = (await connection.execute(query.order_by(Row.seen_at.desc(), Row.id))).all()
    return {row.token: row.platform for row in rows}


async def of_customer(connection: AsyncConnection, customer_id: str) -> list[Device]:
    """A customer's devices, the one seen last first."""
    columns = (Row.customer_id, Row.channel, Row.token, Row.seen_at, Row.platform, Row.app, Row.added_at)
    query = select(*columns).where(Row.customer_id == customer_id).order_by(Row.seen_at.desc(), Row.id)
    return [Device(*row) for row in await connection.execute(query)]


async def channels_of(connection: AsyncConnection, customer_ids: Collection[str]) -> dict[str, set[str]]:
    """By customer, the channels on which she has a device."""
    query = select(Row.customer_id, Row.channel).where(is_among(Row.customer_id, "customer_ids")).distinct()
    found: dict[str, set[str]] = {}
    for customer_id, channel in await connection.execute(query, {"customer_ids": list(customer_ids)}):
        found.setdefault(customer_id, set()).add(channel)
    return found


async def forget(connection: AsyncConnection, channel: str, tokens: Collection[str]) -> None:
    """Devices that are dead, or whose owner has signed out."""
    ids = [device_id(channel, token) for token in tokens]
    await connection.execute(delete(Row).where(is_among(Row.id, "ids")), {"ids": ids})


async def follow_merge(connection: AsyncConnection, loser: str, survivor: str) -> None:
    await connection.execute(update(Row).where(Row.customer_id == loser).values(customer_id=survivor))


async def _make_room(connection: AsyncConnection, customer_id: str, channel: str) -> None:
    hers = (Row.customer_id == customer_id, Row.channel == channel)
    over = select(Row.id).where(*hers).order_by(Row.seen_at.desc(), Row.id).offset(MOST).limit(1_000)
    ids = list((await connection.execute(over)).scalars())
    if ids:
        await connection.execute(delete(Row).where(is_among(Row.id, "ids")), {"ids": ids})


def _insert(connection: AsyncConnection) -> Any:  # noqa: ANN401 - each dialect has an Insert of its own
    return sqlite.insert(Row) if connection.dialect.name == "sqlite" else postgresql.insert(Row)
