"""Every query of segments, of who is in them, and of who came and went."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, delete, func, inspect, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers.segments.tables import Membership, MembershipChange, Segment
from journeyman.customers.tables import Customer
from journeyman.kit.bulk import Row, delete_many, insert_many
from journeyman.kit.lists import is_among

GONE = -1
"""The generation of a segment that is being taken apart."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A segment as it stands; `built_at` is null and `building_after` is not while its members are being found."""

    key: str
    name: str
    description: str
    condition: dict[str, Any] | None
    generation: int
    created_at: datetime
    updated_at: datetime
    built_at: datetime | None
    building_after: str | None
    events: bool
    heard: bool


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a segment, since when, and her attributes."""

    customer: str
    since: datetime
    attributes: dict[str, Any]


class Moved(NamedTuple):
    """Somebody came into a segment, or left it."""

    segment: str
    customer_id: str
    entered: bool
    at: datetime
    reason: str


_COLUMNS = (
    Segment.key,
    Segment.name,
    Segment.description,
    Segment.condition,
    Segment.generation,
    Segment.created_at,
    Segment.updated_at,
    Segment.built_at,
    Segment.building_after,
    Segment.events,
    Segment.heard,
)
_KEPT = select(*_COLUMNS).order_by(Segment.key)
_TELLING = select(Segment.key).where(or_(Segment.events, Segment.heard), is_among(Segment.key, "keys"))
_LIVE = select(Segment.key, Segment.generation).where(Segment.condition.is_not(None), Segment.generation != GONE)


async def live(connection: AsyncConnection) -> list[tuple[str, int]]:
    """(key, generation) of the segments that keep themselves."""
    return [(row.key, row.generation) for row in (await connection.execute(_LIVE))]


async def find(connection: AsyncConnection, keys: Collection[str]) -> list[Kept]:
    """The segments of these keys, as far as there are any."""
    query = _KEPT.where(Segment.key.in_(keys), Segment.generation != GONE)
    return [Kept(*row) for row in (await connection.execute(query))]


async def telling(connection: AsyncConnection, keys: Collection[str]) -> set[str]:
    """Those of these segments whose coming and leaving are customer events."""
    return set((await connection.execute(_TELLING, {"keys": list(keys)})).scalars())


async def set_heard(connection: AsyncConnection, keys: Collection[str]) -> None:
    """Have these segments tell because they are listened to, and no others."""
    wanted = Segment.key.in_(keys)
    await connection.execute(update(Segment).where(wanted, Segment.heard.is_(False)).values(heard=True))
    await connection.execute(update(Segment).where(~wanted, Segment.heard.is_(True)).values(heard=False))


async def listed(connection: AsyncConnection, after: str | None = None, limit: int | None = None) -> list[Kept]:
    """Segments by key, those behind `after` alone."""
    query = _KEPT.where(Segment.generation != GONE).limit(limit)
    if after is not None:
        query = query.where(Segment.key > after)
    return [Kept(*row) for row in (await connection.execute(query))]


async def counts(connection: AsyncConnection, keys: Collection[str]) -> dict[str, int]:
    """How many members each of these has."""
    query = select(Membership.segment_key, func.count()).where(Membership.segment_key.in_(keys))
    found = {key: number for key, number in (await connection.execute(query.group_by(Membership.segment_key)))}  # noqa: C416
    return {key: found.get(key, 0) for key in keys}


async def lock(connection: AsyncConnection, keys: Collection[str]) -> list[Kept]:
    """The segments of these keys, also those that are being taken apart, locked in the order of their keys."""
    query = select(*_COLUMNS).where(Segment.key.in_(keys)).order_by(Segment.key).with_for_update()
    return [Kept(*row) for row in await connection.execute(query)]


async def insert(connection: AsyncConnection, row: Row) -> None:
    await insert_many(connection, Segment, [row])


async def change(connection: AsyncConnection, keys: Collection[str], values: Row) -> None:
    await connection.execute(update(Segment).where(Segment.key.in_(keys)).values(values))


async def drop(connection: AsyncConnection, key: str) -> None:
    """Forget a segment; its history stays."""
    await connection.execute(delete(Segment).where(Segment.key == key))


async def unbuilt(connection: AsyncConnection) -> list[Kept]:
    """The segments whose members are still to be found, or to be let go, the oldest first."""
    query = select(*_COLUMNS).where(Segment.building_after.is_not(None)).order_by(Segment.updated_at, Segment.key)
    return [Kept(*row) for row in await connection.execute(query)]


async def members(connection: AsyncConnection, key: str, after: str | None, limit: int) -> list[tuple[str, datetime]]:
    """(customer id, since) of the members, by id behind `after`."""
    query = select(Membership.customer_id, Membership.since).where(Membership.segment_key == key)
    if after is not None:
        query = query.where(Membership.customer_id > after)
    rows = await connection.execute(query.order_by(Membership.customer_id).limit(limit))
    return [(row.customer_id, row.since) for row in rows]


async def members_in_full(connection: AsyncConnection, key: str, after: str | None, limit: int) -> list[Member]:
    """The members with what is known of them, by customer id behind `after`."""
    query = (
        select(Membership.customer_id, Membership.since, Customer.attributes)
        .join(Customer, Customer.id == Membership.customer_id)
        .where(Membership.segment_key == key)
    )
    if after is not None:
        query = query.where(Membership.customer_id > after)
    return [Member(*row) for row in await connection.execute(query.order_by(Membership.customer_id).limit(limit))]


async def of_customer(connection: AsyncConnection, customer_id: str) -> list[tuple[str, datetime]]:
    """(segment, since) of somebody's segments."""
    query = select(Membership.segment_key, Membership.since).where(Membership.customer_id == customer_id)
    rows = await connection.execute(query.order_by(Membership.segment_key))
    return [(row.segment_key, row.since) for row in rows]


async def of_customers(connection: AsyncConnection, customer_ids: Collection[str]) -> dict[str, dict[str, datetime]]:
    """Segment → since, for each of these customers."""
    found: dict[str, dict[str, datetime]] = {customer_id: {} for customer_id in customer_ids}
    columns = (Membership.customer_id, Membership.segment_key, Membership.since)
    query = select(*columns).where(is_among(Membership.customer_id, "ids"))
    for customer_id, key, since in await connection.execute(query, {"ids": list(customer_ids)}):
        found[customer_id][key] = since
    return found


async def history(
    connection: AsyncConnection, *, key: str | None, customer_id: str | None, before: int | None, limit: int
) -> list[tuple[int, Moved]]:
    """Who came and went, newest first; of a segment, of a customer, or of both."""
    wanted = [MembershipChange.segment_key == key] if key is not None else []
    if customer_id is not None:
        wanted.append(MembershipChange.customer_id == customer_id)
    if before is not None:
        wanted.append(MembershipChange.id < before)
    columns = (
        MembershipChange.id,
        MembershipChange.segment_key,
        MembershipChange.customer_id,
        MembershipChange.kind,
        MembershipChange.at,
        MembershipChange.reason,
    )
    query = select(*columns).where(and_(*wanted)).order_by(MembershipChange.id.desc()).limit(limit)
    return [
        (number, Moved(segment, customer, kind == "entered", at, reason))
        for number, segment, customer, kind, at, reason in (await connection.execute(query))
    ]


async def save_moves(connection: AsyncConnection, moves: Sequence[Moved]) -> None:
    """Write who came and went, in this order, and where that leaves them."""
    first: dict[tuple[str, str], Moved] = {}
    last: dict[tuple[str, str], Moved] = {}
    for move in moves:
        pair = (move.segment, move.customer_id)
        first.setdefault(pair, move)
        last[pair] = move
    gone = [{"segment_key": pair[0], "customer_id": pair[1]} for pair, move in first.items() if not move.entered]
    await delete_many(connection, Membership, gone)
    come = [
        {"segment_key": move.segment, "customer_id": move.customer_id, "since": move.at}
        for move in last.values()
        if move.entered
    ]
    await insert_many(connection, Membership, come, ignore_conflicts=True)
    await insert_many(connection, MembershipChange, [_change_row(move) for move in moves])


def _change_row(move: Moved) -> Row:
    return {
        "segment_key": move.segment,
        "customer_id": move.customer_id,
        "kind": "entered" if move.entered else "left",
        "at": move.at,
        "reason": move.reason,
    }


_CHANGES = inspect(MembershipChange).local_table
_FOLLOW = (
    update(MembershipChange)
    .where(_CHANGES.c.customer_id == bindparam("loser"))
    .values(customer_id=bindparam("survivor"))
)


async def follow_merges(connection: AsyncConnection, merges: Sequence[tuple[str, str]]) -> None:
    """The history of each loser becomes the survivor's; merges in the order in which they happened."""
    if merges:
        await connection.execute(_FOLLOW, [{"loser": loser, "survivor": survivor} for loser, survivor in merges])
