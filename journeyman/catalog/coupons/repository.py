"""Every query of coupon pools and their codes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import Select, Update, and_, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.engine import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.catalog.coupons.codes import STATES, State
from journeyman.catalog.coupons.pools import CouponPool
from journeyman.catalog.coupons.tables import CouponCode, CouponGeneration
from journeyman.catalog.coupons.tables import CouponPool as PoolRow
from journeyman.kit.bulk import insert_many
from journeyman.kit.lists import is_among

FREE = {"state": "free", "run_id": None, "customer_id": None, "message_id": None, "reserved_at": None}

Counts = dict[State, int]
"""How many codes are in each state."""


def nothing() -> Counts:
    """No codes."""
    return dict.fromkeys(STATES, 0)


@dataclass(frozen=True, slots=True)
class Kept:
    """A pool as it is kept."""

    key: str
    pool: CouponPool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """A pool, and the code of it that a run has already."""

    pool: CouponPool
    code: str | None


@dataclass(frozen=True, slots=True)
class Code:
    """A code, and what became of it."""

    id: int
    code: str
    tier: str
    state: State
    run_id: str | None
    customer_id: str | None
    message_id: str | None
    reserved_at: datetime | None
    given_at: datetime | None
    redeemed_at: datetime | None


# Made once: making a statement costs as much as running it.
_HELD = (
    select(PoolRow.document, CouponCode.code)
    .outerjoin(CouponCode, and_(CouponCode.pool == PoolRow.key, CouponCode.run_id == bindparam("run")))
    .where(PoolRow.key == bindparam("pool"))
)
_MINE = and_(
    CouponCode.pool == bindparam("of_pool"), CouponCode.run_id == bindparam("of_run"), CouponCode.state == "reserved"
)
_GIVE = update(CouponCode).where(_MINE).values(state="given", given_at=bindparam("now"))
_RELEASE = update(CouponCode).where(_MINE, CouponCode.message_id == bindparam("of_message")).values(FREE)
_REDEEM = (
    update(CouponCode)
    .where(is_among(CouponCode.code, "codes"), CouponCode.state != "redeemed")
    .values(state="redeemed", redeemed_at=bindparam("now"))
)


@cache
def _take(*, waits: bool) -> Update:
    """Take the first free code. Codes that others are taking are passed over, or waited for."""
    free: Select[Any] = (
        select(CouponCode.id)
        .where(
            CouponCode.pool == bindparam("of_pool"),
            CouponCode.tier == bindparam("of_tier"),
            CouponCode.state == "free",
        )
        .order_by(CouponCode.id)
        .limit(1)
        .with_for_update(skip_locked=not waits)
    )
    given: dict[str, Any] = {
        name: bindparam(f"new_{name}") for name in ("run_id", "customer_id", "message_id", "reserved_at")
    }
    taken = update(CouponCode).where(CouponCode.id == free.scalar_subquery())
    return taken.values(state="reserved", **given).returning(CouponCode.code)


async def held(connection: AsyncConnection, pool: str, run_id: str) -> Held | None:
    """A pool, with the code of it that the run has; None where there is no such pool."""
    row = (await connection.execute(_HELD, {"pool": pool, "run": run_id})).one_or_none()
    return Held(CouponPool.model_validate(row.document), row.code) if row is not None else None


async def take(connection: AsyncConnection, pool: str, tier: str, values: Mapping[str, Any]) -> str | None:
    """Reserve the first free code for a run, a customer and a message; None where none is free.

    On PostgreSQL nobody waits for another as long as there are codes. At the end of the pool one waits for those who
    are just taking a code, for one of them may yet go back.
    """
    given = {"of_pool": pool, "of_tier": tier, **{f"new_{name}": value for name, value in values.items()}}
    code: str | None = (await connection.execute(_take(waits=False), given)).scalar_one_or_none()
    if code is None and connection.dialect.name != "sqlite":
        code = (await connection.execute(_take(waits=True), given)).scalar_one_or_none()
    return code


async def give(connection: AsyncConnection, pool: str, run_id: str, at: datetime) -> None:
    """The run's reserved code is its customer's for good."""
    await connection.execute(_GIVE, {"of_pool": pool, "of_run": run_id, "now": at})


async def release(connection: AsyncConnection, pool: str, run_id: str, message_id: str) -> None:
    """The code that was reserved for this message of the run goes back."""
    await connection.execute(_RELEASE, {"of_pool": pool, "of_run": run_id, "of_message": message_id})


async def redeem(connection: AsyncConnection, codes: Collection[str], at: datetime) -> None:
    """Orders have come with these codes, of whatever pool; nobody else gets them."""
    await connection.execute(_REDEEM, {"codes": codes, "now": at})


async def reserved(connection: AsyncConnection, before: datetime, after: int, limit: int) -> list[Code]:
    """Codes that have been reserved since before an instant, by id, locked unless others have them."""
    query = (
        _CODES.where(CouponCode.state == "reserved", CouponCode.id > after, CouponCode.reserved_at < before)
        .order_by(CouponCode.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [_code(row) for row in (await connection.execute(query)).mappings()]


async def settle(connection: AsyncConnection, given: Collection[int], freed: Collection[int], at: datetime) -> None:
    """Let reserved codes be given for good, or go back, by id."""
    for ids, values in ((given, {"state": "given", "given_at": at}), (freed, FREE)):
        if ids:
            these = (is_among(CouponCode.id, "ids"), CouponCode.state == "reserved")
            await connection.execute(update(CouponCode).where(*these).values(values), {"ids": ids})


async def follow_merge(connection: AsyncConnection, loser: str, survivor: str) -> None:
    """The codes of one customer become another's."""
    await connection.execute(update(CouponCode).where(CouponCode.customer_id == loser).values(customer_id=survivor))


async def follow_split(connection: AsyncConnection, run_ids: Collection[str], customer_id: str) -> None:
    """The codes of these runs are another customer's."""
    theirs = is_among(CouponCode.run_id, "run_ids")
    await connection.execute(update(CouponCode).where(theirs).values(customer_id=customer_id), {"run_ids": run_ids})


# Pools ----------------------------------------------------------------------------------------------------------------


async def save_pool(connection: AsyncConnection, key: str, document: Mapping[str, Any], at: datetime) -> None:
    insert = insert_sqlite if connection.dialect.name == "sqlite" else insert_postgresql
    expires = CouponPool.model_validate(document).expires
    changed = {"document": dict(document), "expires_at": expires, "updated_at": at}
    statement = insert(PoolRow).values(key=key, created_at=at, **changed)
    await connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_=changed))


async def lock_pool(connection: AsyncConnection, key: str) -> Kept | None:
    """A pool that nobody else changes, nor its number of codes, until the transaction ends."""
    query = select(PoolRow.__table__).where(PoolRow.key == key).with_for_update()
    row = (await connection.execute(query)).mappings().one_or_none()
    return _kept(row) if row is not None else None


async def pools(connection: AsyncConnection, keys: Collection[str] | None = None) -> list[Kept]:
    """The pools with these keys, or all of them."""
    query = select(PoolRow.__table__).order_by(PoolRow.key)
    if keys is not None:
        query = query.where(PoolRow.key.in_(keys))
    return [_kept(row) for row in (await connection.execute(query)).mappings()]


async def counts(connection: AsyncConnection, pool: str | None = None) -> dict[tuple[str, str], Counts]:
    """How many codes there are, by (pool, tier) and state."""
    key = (CouponCode.pool, CouponCode.tier, CouponCode.state)
    query = select(*key, func.count()).group_by(*key).order_by(*key)
    if pool is not None:
        query = query.where(CouponCode.pool == pool)
    found: dict[tuple[str, str], Counts] = {}
    for name, tier, state, number in await connection.execute(query):
        found.setdefault((name, tier), nothing())[cast("State", state)] = number
    return found


# Codes ----------------------------------------------------------------------------------------------------------------

_CODES = select(*(getattr(CouponCode, name) for name in Code.__slots__))


async def add_codes(connection: AsyncConnection, pool: str, tier: str, codes: Sequence[str]) -> int:
    """Add free codes; returns how many are new to the pool. The pool has to be locked."""
    before = await _count(connection, pool)
    nobody = {**FREE, "given_at": None, "redeemed_at": None}
    rows = [{"pool": pool, "tier": tier, "code": code, **nobody} for code in codes]
    await insert_many(connection, CouponCode, rows, ignore_conflicts=True)
    return await _count(connection, pool) - before


async def _count(connection: AsyncConnection, pool: str) -> int:
    query = select(func.count()).select_from(CouponCode).where(CouponCode.pool == pool)
    return (await connection.execute(query)).scalar_one()


async def page(
    connection: AsyncConnection, pool: str, state: State | None, tier: str | None, after: int, limit: int
) -> list[Code]:
    """Codes in the order in which they are given."""
    query = _CODES.where(CouponCode.pool == pool, CouponCode.id > after).order_by(CouponCode.id).limit(limit)
    if state is not None:
        query = query.where(CouponCode.state == state)
    if tier is not None:
        query = query.where(CouponCode.tier == tier)
    return [_code(row) for row in (await connection.execute(query)).mappings()]


async def generation(connection: AsyncConnection, pool: str, key: str) -> tuple[str, int] | None:
    """(digest of the call, codes that it made) under an idempotency key."""
    query = select(CouponGeneration.digest, CouponGeneration.added)
    found = await connection.execute(query.where(CouponGeneration.pool == pool, CouponGeneration.key == key))
    row = found.one_or_none()
    return (row.digest, row.added) if row is not None else None


async def note_generation(
    connection: AsyncConnection, pool: str, key: str, digest: str, added: int, at: datetime
) -> None:
    row = {"pool": pool, "key": key, "digest": digest, "added": added, "at": at}
    await insert_many(connection, CouponGeneration, [row])


def _kept(row: RowMapping) -> Kept:
    return Kept(row["key"], CouponPool.model_validate(row["document"]), row["created_at"], row["updated_at"])


def _code(row: RowMapping) -> Code:
    return Code(**row)
