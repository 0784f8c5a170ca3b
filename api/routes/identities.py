"""Who is who: what a customer is known as, and profiles that are merged or split by hand."""

from fastapi import APIRouter, Request

from api.dependencies import OPERATES, READS, caller
from api.errors import problems
from api.parameters import CustomerId
from api.schemas.identities import IdentitiesFull, MergeAnswer, MergeWish, SplitAnswer, SplitWish
from api.use_cases import IdentityDeskNow
from journeyman.journeys.identities.identities import MergeAccepted, SplitDone

router = APIRouter(
    prefix="/v1/customers/{customer_id}", tags=["customers"], responses=problems(400, 401, 403, 404, 422)
)


@router.get("/identities", dependencies=[READS])
async def read_identities(customer_id: CustomerId, desk: IdentityDeskNow) -> IdentitiesFull:
    """Every identifier with who shares it, the merges that made the profile, and from whom it was split."""
    return IdentitiesFull.of(await desk.of(customer_id))


@router.post("/merge", status_code=202, response_model=MergeAnswer, responses=problems(429), dependencies=[OPERATES])
async def merge_customers(
    customer_id: CustomerId, wish: MergeWish, desk: IdentityDeskNow, request: Request
) -> MergeAccepted:
    """The other customer becomes this one, even where both have a user id or were split before."""
    return await desk.merge(customer_id, wish.customer, caller(request))


@router.post("/split", response_model=SplitAnswer, responses=problems(409), dependencies=[OPERATES])
async def split_customer(
    customer_id: CustomerId, wish: SplitWish, desk: IdentityDeskNow, request: Request
) -> SplitDone:
    """Some identifiers, and all that came under them, go to a new profile or back to a former one."""
    names = [(one.kind, one.value) for one in wish.identifiers]
    return await desk.split(customer_id, names, wish.into, caller(request))
