"""What customers agreed to: written, read with the proof, taken over from elsewhere."""

from typing import Any

from fastapi import APIRouter, Request

from api.dependencies import OPERATES, READS, caller
from api.errors import problems
from api.parameters import Cursor, CustomerId, Limit
from api.schemas.consents import ConsentBatch, ConsentProof, ConsentsNow, ConsentsTaken, ConsentStatement, ConsentWishes
from api.schemas.pages import PageOf
from api.use_cases import ConsentImportNow, ConsentsRead, SubscriptionsNow
from journeyman.customers.consent import ConsentUpdate
from journeyman.customers.consents.repository import Proven
from journeyman.journeys.subscribing.imports import Said, Taken
from journeyman.journeys.subscribing.subscriptions import Recorded
from journeyman.kit.pagination import Page

router = APIRouter(prefix="/v1", tags=["consent"], responses=problems(400, 401, 403, 422))
OF_CUSTOMER = "/customers/{customer_id}/consent"


@router.put(
    OF_CUSTOMER,
    response_model=ConsentsNow,
    response_model_exclude_none=True,
    responses=problems(404),
    dependencies=[OPERATES],
)
async def write_consent(
    customer_id: CustomerId, wishes: ConsentWishes, subscriptions: SubscriptionsNow, request: Request
) -> Recorded:
    """Record what the customer agreed to, by channel or topic, with the proof. It holds for the next message."""
    updates = [
        ConsentUpdate(subject, wish.status, wish.source, caller(request), wish.wording, wish.basis, wish.expires_at)
        for subject, wish in wishes.items()
    ]
    asked = {subject: wish.double_opt_in for subject, wish in wishes.items() if wish.double_opt_in is not None}
    return await subscriptions.record(customer_id, updates, asked)


@router.get(OF_CUSTOMER, response_model=PageOf[ConsentProof], responses=problems(404), dependencies=[READS])
async def read_consent(customer_id: CustomerId, consents: ConsentsRead) -> dict[str, Any]:
    """What stands now of each channel and topic, all on one page, each with its newest proof."""
    return {"items": await consents.current(customer_id), "next": None}


@router.get(
    f"{OF_CUSTOMER}/history", response_model=PageOf[ConsentProof], responses=problems(404), dependencies=[READS]
)
async def read_consent_history(
    customer_id: CustomerId, consents: ConsentsRead, limit: Limit = 50, cursor: Cursor = None
) -> Page[Proven]:
    """Everything that the customer said, newest first, also what came in later than something newer."""
    return await consents.history(customer_id, cursor, limit)


@router.post("/consents", response_model=ConsentsTaken, dependencies=[OPERATES])
async def import_consents(batch: ConsentBatch, imports: ConsentImportNow, request: Request) -> Taken:
    """Take over what customers said before, with the proof. Taken again, a statement changes nothing."""
    return await imports.take([_said(one, caller(request)) for one in batch.items])


def _said(one: ConsentStatement, actor: str) -> Said:
    given = one.model_dump(exclude={"customer"})
    return Said(one.customer, ConsentUpdate(**given, actor=actor))
