"""Coupon pools: kept, filled with codes, and looked at."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.catalog.coupons import repository
from journeyman.catalog.coupons.codes import Pattern, State, check_pattern, is_sound
from journeyman.catalog.coupons.pools import NO_TIER, CouponPool, read_pool, written
from journeyman.catalog.coupons.repository import Code, Kept
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.errors import ConflictError, Fault, InvalidError, NotFoundError
from journeyman.kit.pagination import Page, page_of, read_cursor

MOST_AT_ONCE = 10_000
"""Codes that one call brings."""
MOST_GENERATED = 100_000
"""Codes that one call makes."""


@dataclass(frozen=True, slots=True)
class PoolShown:
    """A pool, and how many of its codes are in which state, by tier."""

    key: str
    pool: CouponPool
    codes: Mapping[str, Mapping[State, int]]
    created_at: datetime
    updated_at: datetime

    def total(self, state: State) -> int:
        return sum(tier[state] for tier in self.codes.values())


@dataclass(frozen=True, slots=True)
class Added:
    """What became of codes that were brought or made: how many are new, how many were there already."""

    added: int
    known: int
    pool: PoolShown


class Coupons:
    """Keeps pools and their codes."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    async def put(self, key: str, document: object) -> PoolShown:
        """Keep a pool. Raises `InvalidError`, also where a tier would go whose codes are still to be given."""
        pool = read_pool(document)
        async with self.database.transaction() as connection:
            await repository.lock_pool(connection, key)
            counted = await repository.counts(connection, key)
            left = [tier for (_, tier), number in counted.items() if number["free"] and tier not in pool.tier_keys]
            if left:
                detail = f"there are free codes of the tier `{left[0]}`" if left[0] else "it has free codes of no tier"
                raise InvalidError("this coupon pool has mistakes", [Fault("/tiers", detail, "keep the tier")])
            await repository.save_pool(connection, key, written(pool), self.clock.now())
            return await _shown(connection, key)

    async def get(self, key: str) -> PoolShown:
        """A pool. Raises `NotFoundError`."""
        async with self.database.reading() as connection:
            return await _shown(connection, key)

    async def all(self) -> list[PoolShown]:
        """Every pool, by key."""
        async with self.database.reading() as connection:
            kept, counted = await repository.pools(connection), await repository.counts(connection)
        return [_pool(one, counted) for one in kept]

    async def codes(
        self, key: str, state: State | None, tier: str | None, cursor: str | None, limit: int
    ) -> Page[Code]:
        """Codes of a pool in the order in which they are given. Raises `NotFoundError`."""
        (after,) = read_cursor(cursor, int) or (0,)
        async with self.database.reading() as connection:
            await _shown(connection, key)
            rows = await repository.page(connection, key, state, tier, after, limit + 1)
        return page_of(rows, limit, lambda one: (one.id,))

    async def add(self, key: str, codes: Sequence[str], tier: str | None = None) -> Added:
        """Bring codes into a pool; those that are there already stay as they are.

        Raises `NotFoundError`, and `InvalidError` for what is no code and for a tier that is not there.
        """
        given = [code.strip() for code in codes]
        faults = [
            Fault(f"/codes/{place}", "this is no code", "write 1 to 100 characters without blanks")
            for place, code in enumerate(given)
            if not is_sound(code)
        ]
        if faults:
            raise InvalidError("some of this are no codes", faults[:50])
        async with self.database.transaction() as connection:
            kept = await _locked(connection, key)
            wanted = list(dict.fromkeys(given))
            added = await repository.add_codes(connection, key, _tier(kept.pool, tier), wanted)
            return Added(added, len(given) - added, await _shown(connection, key))

    async def generate(
        self, key: str, count: int, pattern: Pattern, tier: str | None = None, once: str | None = None
    ) -> Added:
        """Make new codes; under the idempotency key `once` a second time makes none.

        Raises `NotFoundError`, `InvalidError`, and `ConflictError` where the key was that of another call.
        """
        digest = hashlib.sha256(repr((count, pattern, tier)).encode()).hexdigest()
        async with self.database.transaction() as connection:
            kept = await _locked(connection, key)
            earlier = await repository.generation(connection, key, once) if once is not None else None
            if earlier is not None:
                if earlier[0] != digest:
                    raise ConflictError("the idempotency key was that of another call")
                return Added(0, earlier[1], await _shown(connection, key))
            await self._make(connection, key, count, pattern, _tier(kept.pool, tier))
            if once is not None:
                await repository.note_generation(connection, key, once, digest, count, self.clock.now())
            return Added(count, 0, await _shown(connection, key))

    async def _make(self, connection: AsyncConnection, key: str, count: int, pattern: Pattern, tier: str) -> None:
        there = sum(sum(states.values()) for states in (await repository.counts(connection, key)).values())
        check_pattern(pattern, there + count)
        missing = count
        while missing:
            # What is there already is not made twice: a new one takes its place.
            missing -= await repository.add_codes(connection, key, tier, pattern.make(missing))


async def _locked(connection: AsyncConnection, key: str) -> Kept:
    kept = await repository.lock_pool(connection, key)
    if kept is None:
        raise NotFoundError(f"there is no coupon pool `{key}`")
    return kept


async def _shown(connection: AsyncConnection, key: str) -> PoolShown:
    kept = await repository.pools(connection, [key])
    if not kept:
        raise NotFoundError(f"there is no coupon pool `{key}`")
    return _pool(kept[0], await repository.counts(connection, key))


def _pool(kept: Kept, counted: Mapping[tuple[str, str], Mapping[State, int]]) -> PoolShown:
    tiers = [*kept.pool.tier_keys, *(tier for pool, tier in counted if pool == kept.key)]
    codes = {tier: counted.get((kept.key, tier), repository.nothing()) for tier in tiers}
    return PoolShown(kept.key, kept.pool, codes, kept.created_at, kept.updated_at)


def _tier(pool: CouponPool, tier: str | None) -> str:
    """The tier under which codes come in. Raises `InvalidError` where the pool has none like that, or needs one."""
    wanted = NO_TIER if tier is None else tier
    if wanted not in pool.tier_keys:
        known = ", ".join(pool.tier_keys)
        detail = "the codes need a tier" if tier is None else f"the pool has no tier `{tier}`"
        raise InvalidError(detail, [Fault("/tier", detail, f"write one of: {known}" if known else "leave it out")])
    return wanted
