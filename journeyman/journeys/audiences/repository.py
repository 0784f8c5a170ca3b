"""Every query of ad audiences."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.journeys.audiences.tables import AudienceMember
from journeyman.kit.bulk import Row
from journeyman.kit.holdings import Holding

AUDIENCES = Holding("audience_members", AudienceMember, ("audience",))
PENDING, NOT_CONFIGURED, TOLD, FAILED = "pending", "not_configured", "told", "failed"


@dataclass(frozen=True, slots=True)
class Pending:
    """A change that an ad network has still to be told; `changed_at` tells it from a later one."""

    customer_id: str
    is_in: bool
    changed_at: datetime
    attempts: int


async def change(connection: AsyncConnection, row: Row) -> None:
    """Note who is to be in an audience or out of it; the last word counts."""
    insert = insert_sqlite if connection.dialect.name == "sqlite" else insert_postgresql
    anew = {"told_at": None, "attempts": 0, "failure": None}
    statement = insert(AudienceMember).values(**row, **anew)
    changed = {name: value for name, value in {**row, **anew}.items() if name not in {"audience", "customer_id"}}
    await connection.execute(statement.on_conflict_do_update(index_elements=["audience", "customer_id"], set_=changed))


async def pending(connection: AsyncConnection, audience: str, limit: int) -> list[Pending]:
    """The oldest changes first, those of before the ad network was set up too."""
    columns = (AudienceMember.customer_id, AudienceMember.is_in, AudienceMember.changed_at, AudienceMember.attempts)
    mine = (AudienceMember.audience == audience, AudienceMember.state.in_((PENDING, NOT_CONFIGURED)))
    query = select(*columns).where(*mine).order_by(AudienceMember.changed_at, AudienceMember.customer_id).limit(limit)
    return [Pending(*row) for row in await connection.execute(query)]


async def settle(connection: AsyncConnection, audience: str, told: Sequence[Pending], values: Row) -> None:
    """Note what became of changes; one that was made meanwhile stays pending."""
    for one in told:
        mine = (
            AudienceMember.audience == audience,
            AudienceMember.customer_id == one.customer_id,
            AudienceMember.changed_at == one.changed_at,
        )
        await connection.execute(update(AudienceMember).where(*mine).values(values))


async def members(connection: AsyncConnection, audience: str) -> dict[str, tuple[bool, str]]:
    """Who is to be in it and who out of it, and how far the ad network knows."""
    query = select(AudienceMember.customer_id, AudienceMember.is_in, AudienceMember.state)
    rows = await connection.execute(query.where(AudienceMember.audience == audience))
    return {customer: (is_in, state) for customer, is_in, state in rows}


async def follow_merge(connection: AsyncConnection, loser: str, survivor: str) -> None:
    """The survivor's own word stays; where there is none, the loser's is hers."""
    theirs = select(AudienceMember.audience).where(AudienceMember.customer_id == survivor)
    mine = AudienceMember.customer_id == loser
    moved = update(AudienceMember).where(mine, AudienceMember.audience.not_in(theirs)).values(customer_id=survivor)
    await connection.execute(moved)
    await connection.execute(delete(AudienceMember).where(mine))
