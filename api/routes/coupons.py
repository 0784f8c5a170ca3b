"""Coupon pools: kept, filled with codes, looked at."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.dependencies import OPERATES, READS
from api.documents import Document, answer, gives, takes
from api.errors import problems
from api.parameters import NO_NUL, Cursor, IdempotencyKey, Key, Limit
from api.schemas.coupons import POOL, CodesAdded, CouponCodeItem, CouponCodes, CouponPoolFull
from api.schemas.pages import PageOf
from api.use_cases import CouponsNow
from journeyman.catalog.coupons.codes import STATES, Pattern, State
from journeyman.catalog.coupons.coupons import PoolShown
from journeyman.catalog.coupons.pools import written
from journeyman.catalog.coupons.repository import Code
from journeyman.kit.pagination import Page

router = APIRouter(prefix="/v1/coupons", tags=["coupons"], responses=problems(400, 401, 403, 422))
InState = Annotated[State | None, Query(description="Only those in this state")]
OfTier = Annotated[str | None, Query(max_length=64, pattern=NO_NUL, description="Only those of this tier")]
FULL = {"$ref": "#/components/schemas/CouponPoolFull"}


def shown(pool: PoolShown) -> dict[str, Any]:
    """A pool as the API shows it."""
    return {
        "key": pool.key,
        "tiers": [],
        "expires": None,
        "alert_below": None,
        **written(pool.pool),
        "codes": {state: pool.total(state) for state in STATES},
        "by_tier": {tier: dict(states) for tier, states in pool.codes.items() if tier},
        "created_at": pool.created_at.isoformat(),
        "updated_at": pool.updated_at.isoformat(),
    }


@router.get("", response_model=list[CouponPoolFull], dependencies=[READS])
async def list_coupon_pools(coupons: CouponsNow) -> list[dict[str, Any]]:
    """Every pool with the number of its codes, by key."""
    return [shown(pool) for pool in await coupons.all()]


@router.get("/{key}", response_model=None, responses=gives(FULL, "The pool") | problems(404), dependencies=[READS])
async def read_coupon_pool(key: Key, request: Request, coupons: CouponsNow) -> Response:
    """A pool with the number of its codes, as JSON or as YAML."""
    return answer(request, shown(await coupons.get(key)))


@router.put("/{key}", response_model=CouponPoolFull, openapi_extra=takes(POOL), dependencies=[OPERATES])
async def put_coupon_pool(key: Key, document: Document, coupons: CouponsNow) -> dict[str, Any]:
    """Keep a pool; its codes stay as they are. What `GET` adds to the document may stand in it."""
    return shown(await coupons.put(key, document))


@router.post("/{key}", response_model=CodesAdded, responses=problems(404, 409), dependencies=[OPERATES])
async def add_coupon_codes(
    key: Key, body: CouponCodes, coupons: CouponsNow, idempotency_key: IdempotencyKey = None
) -> dict[str, Any]:
    """Bring codes into a pool, or have new ones made; those that are there already stay as they are."""
    if body.generate is not None:
        pattern = Pattern(body.generate.pattern, body.generate.alphabet)
        added = await coupons.generate(key, body.generate.count, pattern, body.tier, idempotency_key)
    else:
        added = await coupons.add(key, body.codes or [], body.tier)
    return {"added": added.added, "known": added.known, "pool": shown(added.pool)}


@router.get("/{key}/codes", response_model=PageOf[CouponCodeItem], responses=problems(404), dependencies=[OPERATES])
async def list_coupon_codes(
    key: Key,
    coupons: CouponsNow,
    state: InState = None,
    tier: OfTier = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[Code]:
    """Codes of a pool in the order in which they are given; only for operators, for a free code is worth money."""
    return await coupons.codes(key, state, tier, cursor, limit)
