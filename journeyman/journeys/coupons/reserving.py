"""A message's coupon: reserved with its row in the ledger, given when it is accepted, released when it fails (M6)."""

import hashlib
import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.catalog.coupons import repository
from journeyman.catalog.coupons.codes import Coupon
from journeyman.catalog.coupons.pools import CouponPool
from journeyman.channels.ledger.messages import Message
from journeyman.journeys import facts
from journeyman.journeys.gates import Gate
from journeyman.journeys.runs import Run, Scene
from journeyman.language.facts import Facts

log = logging.getLogger(__name__)
QUIET: Final = timedelta(minutes=1)
"""What is wrong with a pool is said once in this time, not for every customer."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The coupon of a message, or none, and its gate."""

    gate: Gate
    coupon: Coupon | None = None


class CouponSource(Protocol):
    """Where messages get their coupons."""

    async def reserve(self, connection: AsyncConnection, pool: str, message: Message, run: Run, scene: Scene) -> Taken:
        """The run's code of the pool: the one it has, or a free one that is reserved with the transaction."""
        ...

    async def settle(self, connection: AsyncConnection, pool: str, message: Message, at: datetime) -> None:
        """The message has come to its end: what it reserved is given for good, or goes back."""
        ...


class Pools:
    """The workspace's coupon pools."""

    def __init__(self) -> None:
        self._said: dict[tuple[str, str], datetime] = {}

    async def reserve(self, connection: AsyncConnection, pool: str, message: Message, run: Run, scene: Scene) -> Taken:
        """Two statements, one where the run has its code already, and the facts that the tiers ask for."""
        held = await repository.held(connection, pool, run.id)
        if held is None:
            return self._without(pool, "absent", scene)
        if held.pool.has_expired(scene.at):
            return self._without(pool, "expired", scene)
        code, read = held.code, {"pool": pool}
        if code is None:
            tier = held.pool.tier_of(await _facts(connection, held.pool, run, scene))
            if tier is None:
                return Taken(Gate("coupon", False, {**read, "reason": "no_tier"}))
            read |= {"tier": tier} if tier else {}
            code = await repository.take(connection, pool, tier, _taker(message, scene.at))
        if code is None:
            return self._without(pool, "empty", scene, read)
        return Taken(Gate("coupon", True, read), Coupon(code, held.pool.expires))

    async def settle(self, connection: AsyncConnection, pool: str, message: Message, at: datetime) -> None:
        """One statement. What may have been sent counts as given: its customer may hold the code in her hands."""
        if message.state == "sent" or message.ambiguous:
            await repository.give(connection, pool, message.run_id, at)
        else:
            await repository.release(connection, pool, message.run_id, message.id)

    def _without(self, pool: str, reason: str, scene: Scene, read: dict[str, str] | None = None) -> Taken:
        """No code for anybody: somebody has to look after the pool."""
        said = self._said.get((pool, reason))
        if said is None or scene.at - said >= QUIET:
            self._said[pool, reason] = scene.at
            log.error(
                "no message gets a code of the coupon pool %s: %s",
                pool,
                reason,
                extra={"journey": scene.definition.journey},
            )
        return Taken(Gate("coupon", False, {"pool": pool, **(read or {}), "reason": reason}))


class Examples:
    """Codes that no shop takes, as many as are asked for: what simulations show."""

    async def reserve(self, connection: AsyncConnection, pool: str, message: Message, run: Run, scene: Scene) -> Taken:
        """The same code for all messages of a run."""
        del connection, message, scene
        digest = hashlib.sha256(f"{pool}/{run.id}".encode()).hexdigest()[:6].upper()
        return Taken(Gate("coupon", True, {"pool": pool}), Coupon(f"EXAMPLE-{digest}"))

    async def settle(self, connection: AsyncConnection, pool: str, message: Message, at: datetime) -> None:
        """Nothing was taken."""


def _taker(message: Message, at: datetime) -> dict[str, Any]:
    return {
        "run_id": message.run_id,
        "customer_id": message.customer_id,
        "message_id": message.id,
        "reserved_at": at,
    }


async def _facts(connection: AsyncConnection, pool: CouponPool, run: Run, scene: Scene) -> Facts:
    """The customer, with what the pool's tiers ask of her."""
    seen = scene.of(run)
    if not pool.tiers:
        return seen
    known = await facts.load(connection, [run.customer_id], pool.needs, scene.at)
    fresh = known[run.customer_id].facts(seen.attributes, scene.at, computed=seen.computed, segments=seen.segments)
    return replace(fresh, run_id=run.id, entry=run.entry, context=run.context)
