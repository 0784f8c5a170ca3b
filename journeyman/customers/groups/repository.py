"""Every query of groups."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Insert, delete, func, select
from sqlalchemy.dialects.postgresql import insert as insert_on_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_on_sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.customers.groups.profiles import GroupProfile
from journeyman.customers.groups.tables import Group, GroupMember
from journeyman.customers.tables import Event
from journeyman.kit.bulk import insert_many, update_many
from journeyman.kit.lists import is_among

Membership = tuple[str, str]
"""A group and a customer."""

_LOCK = select(Group.id, Group.stated, Group.created_at).where(is_among(Group.id, "ids")).order_by(Group.id)
_LOCKED = _LOCK.with_for_update()
_KEYS = ("group_id", "customer_id")
_GROUP = Event.context["groupId"].as_string()
_SAID = (
    select(_GROUP, Event.customer_id, func.min(Event.event_time))
    .where(is_among(Event.customer_id, "customer_ids"), Event.type == "group", _GROUP.is_not(None))
    .group_by(_GROUP, Event.customer_id)
)


def _earlier_on_sqlite() -> Insert:
    new = insert_on_sqlite(GroupMember)
    return new.on_conflict_do_update(_KEYS, set_={"since": func.min(GroupMember.since, new.excluded.since)})


def _earlier_on_postgresql() -> Insert:
    new = insert_on_postgresql(GroupMember)
    return new.on_conflict_do_update(
        index_elements=_KEYS, set_={"since": func.least(GroupMember.since, new.excluded.since)}
    )


_EARLIER_ON_SQLITE, _EARLIER_ON_POSTGRESQL = _earlier_on_sqlite(), _earlier_on_postgresql()


@dataclass(frozen=True, slots=True)
class StoredGroup:
    """A group as it stands."""

    id: str
    traits: dict[str, Any]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in a group, and since when."""

    customer: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Belonging:
    """A group of somebody's, and since when."""

    group: str
    since: datetime
    traits: dict[str, Any]


async def lock(connection: AsyncConnection, created: Mapping[str, datetime], now: datetime) -> dict[str, GroupProfile]:
    """These groups, locked in the order of their ids; new ones are made first, so that two writers see one another."""
    rows = [
        {"id": group_id, "traits": {}, "stated": {}, "created_at": at, "updated_at": now}
        for group_id, at in sorted(created.items())
    ]
    await connection.execute(select(1))  # opens the transaction, which `insert_many` wants
    await insert_many(connection, Group, rows, ignore_conflicts=True)
    found = await connection.execute(_LOCKED, {"ids": list(created)})
    return {
        row.id: GroupProfile(row.id, {name: (at, value) for name, (at, value) in row.stated.items()}, row.created_at)
        for row in found
    }


async def save(connection: AsyncConnection, profiles: Iterable[GroupProfile], now: datetime) -> None:
    rows = [
        {
            "id": profile.id,
            "traits": profile.traits,
            "stated": profile.stated,
            "created_at": profile.created_at or now,
            "updated_at": now,
        }
        for profile in profiles
    ]
    await update_many(connection, Group, "id", rows)


async def save_members(connection: AsyncConnection, since: Mapping[Membership, datetime]) -> None:
    """Who belongs where; of two instants the earlier stays."""
    if not since:
        return
    rows = [
        {"group_id": group, "customer_id": customer, "since": at} for (group, customer), at in sorted(since.items())
    ]
    statement = _EARLIER_ON_SQLITE if connection.dialect.name == "sqlite" else _EARLIER_ON_POSTGRESQL
    await connection.execute(statement, rows)


async def follow_merge(connection: AsyncConnection, loser: str, survivor: str) -> None:
    """The loser's groups become the survivor's."""
    rows = await connection.execute(
        select(GroupMember.group_id, GroupMember.since).where(GroupMember.customer_id == loser)
    )
    since = {(row.group_id, survivor): row.since for row in rows}
    await connection.execute(delete(GroupMember).where(GroupMember.customer_id == loser))
    await save_members(connection, since)


async def rebuild(connection: AsyncConnection, customer_ids: Collection[str]) -> None:
    """These customers belong where their own `group` calls say, since the first of each."""
    rows = (await connection.execute(_SAID, {"customer_ids": list(customer_ids)})).all()
    await forget(connection, customer_ids)
    await save_members(connection, {(group, customer): since for group, customer, since in rows})


async def forget(connection: AsyncConnection, customer_ids: Collection[str]) -> None:
    """These customers belong to no group any more."""
    await connection.execute(
        delete(GroupMember).where(is_among(GroupMember.customer_id, "customer_ids")),
        {"customer_ids": list(customer_ids)},
    )


async def find(connection: AsyncConnection, group_id: str) -> StoredGroup | None:
    query = select(Group.id, Group.traits, Group.created_at, Group.updated_at).where(Group.id == group_id)
    row = (await connection.execute(query)).one_or_none()
    return StoredGroup(*row) if row else None


async def members(connection: AsyncConnection, group_id: str, after: str | None, limit: int) -> Sequence[Member]:
    """Who belongs to a group, by customer."""
    query = select(GroupMember.customer_id, GroupMember.since).where(GroupMember.group_id == group_id)
    if after is not None:
        query = query.where(GroupMember.customer_id > after)
    rows = await connection.execute(query.order_by(GroupMember.customer_id).limit(limit))
    return [Member(*row) for row in rows]


async def groups_of(
    connection: AsyncConnection, customer_id: str, after: str | None, limit: int
) -> Sequence[Belonging]:
    """Where a customer belongs, by group."""
    query = (
        select(GroupMember.group_id, GroupMember.since, Group.traits)
        .join(Group, Group.id == GroupMember.group_id)
        .where(GroupMember.customer_id == customer_id)
    )
    if after is not None:
        query = query.where(GroupMember.group_id > after)
    rows = await connection.execute(query.order_by(GroupMember.group_id).limit(limit))
    return [Belonging(*row) for row in rows]
