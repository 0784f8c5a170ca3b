"""Attributes of customers: what there are, what is known of them, and how one customer's have changed."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.dependencies import OPERATES, READS, ServicesNow
from api.errors import problems
from api.parameters import NO_NUL, Cursor, CustomerId, Limit
from api.schemas.attributes import AttributeChangeItem, AttributeItem
from api.schemas.pages import PageOf
from api.use_cases import CustomersNow
from journeyman.customers.profile import schema
from journeyman.customers.profile.definition import LONGEST_NAME, AttributeDefinition, AttributeEdit
from journeyman.customers.profile.repository import StoredChange
from journeyman.kit.pagination import Page

router = APIRouter(prefix="/v1", tags=["customers"], responses=problems(400, 401, 403, 422))
Name = Annotated[str, Path(min_length=1, max_length=LONGEST_NAME, pattern=NO_NUL, description="The attribute's name")]
OfOne = Annotated[str | None, Query(pattern=NO_NUL, max_length=2000, description="Only changes of this attribute")]
Mismatched = Annotated[bool, Query(description="Only those that some value did not fit")]


@router.get("/attributes", response_model=PageOf[AttributeItem], dependencies=[READS])
async def list_attributes(
    services: ServicesNow, mismatched: Mismatched = False, limit: Limit = 50, cursor: Cursor = None
) -> Page[AttributeDefinition]:
    """Every attribute that customers have had, by name, with its type."""
    return await schema.page(services.database, cursor, limit, mismatched=mismatched)


@router.get("/attributes/{name:path}", response_model=AttributeItem, responses=problems(404), dependencies=[READS])
async def read_attribute(name: Name, services: ServicesNow) -> AttributeDefinition:
    """One attribute."""
    return await schema.get(services.database, name)


@router.put("/attributes/{name:path}", response_model=AttributeItem, dependencies=[OPERATES])
async def write_attribute(name: Name, edit: AttributeEdit, services: ServicesNow) -> AttributeDefinition:
    """Say what an attribute is. Values of another type are still taken as they come, and counted from now on."""
    return await schema.save(services.database, name, edit, services.clock.now())


@router.get(
    "/customers/{customer_id}/attributes/history",
    response_model=PageOf[AttributeChangeItem],
    responses=problems(404),
    dependencies=[READS],
)
async def list_attribute_changes(
    customer_id: CustomerId, customers: CustomersNow, attribute: OfOne = None, limit: Limit = 50, cursor: Cursor = None
) -> Page[StoredChange]:
    """How a customer's attributes have changed, or one of them: the newest change first."""
    return await customers.attribute_changes(customer_id, attribute, cursor, limit)
