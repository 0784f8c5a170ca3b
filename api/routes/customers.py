"""Customers: who they are, what happened to them and why, and what they agree to."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.dependencies import READS
from api.errors import problems
from api.parameters import KEY, Cursor, CustomerId, Limit
from api.schemas.customers import (
    CustomerFull,
    ExplanationFull,
    TimelineEntry,
)
from api.schemas.pages import PageOf
from api.schemas.runs import RunItem, SentMessage
from api.use_cases import CustomersNow, ExplanationsNow, RunsNow, TimelineNow
from journeyman.channels.ledger.messages import Message
from journeyman.customers.profile.computed import public
from journeyman.insight.customers import CustomerView
from journeyman.insight.explanations import Explanation
from journeyman.insight.repository import Filters
from journeyman.insight.runs import RunSummary
from journeyman.insight.timeline import TimelineItem
from journeyman.kit.pagination import Page

router = APIRouter(
    prefix="/v1/customers/{customer_id}", tags=["customers"], responses=problems(400, 401, 403, 404, 422)
)
JourneyKey = Annotated[str, Query(max_length=128, pattern=KEY, description="The journey in question")]


@router.get("", dependencies=[READS])
async def read_customer(customer_id: CustomerId, customers: CustomersNow) -> CustomerFull:
    """Attributes, names, consents with their proof, and the runs in which the customer is now."""
    return shown(await customers.view(customer_id))


@router.get("/timeline", response_model=PageOf[TimelineEntry], dependencies=[READS])
async def read_timeline(
    customer_id: CustomerId, timeline: TimelineNow, limit: Limit = 50, cursor: Cursor = None
) -> Page[TimelineItem]:
    """What the customer did, what journeys did with her, and what she agreed to, newest first, in sentences."""
    return await timeline.of(customer_id, cursor, limit)


@router.get("/runs", response_model=PageOf[RunItem], dependencies=[READS])
async def list_runs_of_customer(
    customer_id: CustomerId, runs: RunsNow, limit: Limit = 50, cursor: Cursor = None
) -> Page[RunSummary]:
    """The customer's runs, the newest first."""
    return await runs.of_customer(customer_id, Filters(), cursor, limit)


@router.get("/messages", response_model=PageOf[SentMessage], dependencies=[READS])
async def list_messages(
    customer_id: CustomerId, customers: CustomersNow, limit: Limit = 50, cursor: Cursor = None
) -> Page[Message]:
    """What was sent to the customer and what was not, newest first."""
    return await customers.messages(customer_id, cursor, limit)


@router.get("/explain", response_model=ExplanationFull, dependencies=[READS])
async def explain(customer_id: CustomerId, journey: JourneyKey, explanations: ExplanationsNow) -> Explanation:
    """Why the customer is in a journey or not, and why she got its messages or not."""
    return await explanations.of(customer_id, journey)


def shown(view: CustomerView) -> CustomerFull:
    """A customer as the API shows her."""
    return CustomerFull.model_validate(
        {
            "id": view.profile.id,
            "attributes": view.profile.attributes,
            "computed": public(view.profile.computed),
            "identifiers": [{"kind": kind, "value": value} for kind, value in view.identifiers],
            "consents": view.consents,
            "predictions": view.predictions,
            "live_runs": view.live_runs,
            "counts": view.counts,
            "created_at": view.profile.created_at,
            "updated_at": view.profile.updated_at,
        }
    )
