"""Interests: what a customer looked at, wished for, put into her cart and bought, and who did so with a product."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from api.dependencies import READS
from api.errors import problems
from api.parameters import Cursor, CustomerId, Limit
from api.routes.products import ProductId
from api.schemas.interests import InterestedCustomerItem, InterestOfCustomer, ReferencePrice
from api.schemas.pages import PageOf
from api.use_cases import InterestsNow
from journeyman.catalog.interests.interests import RECENT, Interest, InterestKind
from journeyman.insight.interests import InterestedCustomer

router = APIRouter(prefix="/v1", tags=["products"], responses=problems(400, 401, 403, 404, 422))
Since = Annotated[AwareDatetime | None, Query(description="Only what was done since then")]
AtLeast = Annotated[int, Query(ge=1, le=RECENT, description="How often at least")]
NotBought = Annotated[bool, Query(description="Leave out those who bought it since they last did so")]
Kind = Annotated[InterestKind, Query(description="What they did")]


@router.get("/customers/{customer_id}/interests", dependencies=[READS])
async def list_interests(
    customer_id: CustomerId, interests: InterestsNow, limit: Limit = 50, cursor: Cursor = None
) -> PageOf[InterestOfCustomer]:
    """The products in which the customer took an interest, how often and when, the latest first."""
    page = await interests.of_customer(customer_id, cursor, limit)
    items = [InterestOfCustomer(**told(one.interest), product_name=one.product_name) for one in page.items]
    return PageOf(items=items, next=page.next)


@router.get("/products/{product_id:path}/customers", dependencies=[READS])
async def list_interested_customers(
    product_id: ProductId,
    interests: InterestsNow,
    kind: Kind = "viewed",
    since: Since = None,
    at_least: AtLeast = 1,
    not_bought: NotBought = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> PageOf[InterestedCustomerItem]:
    """Who viewed, wished for, carted or bought the product, by customer id, with the price that each has in mind."""
    page = await interests.in_product(
        product_id, kind, since=since, at_least=at_least, not_bought=not_bought, cursor=cursor, limit=limit
    )
    return PageOf(items=[interested(one) for one in page.items], next=page.next)


def told(interest: Interest) -> dict[str, Any]:
    """What the API tells of an interest."""
    seen = interest.seen
    return {
        "product": interest.product_id,
        "kind": interest.kind,
        "count": interest.count,
        "quantity": interest.quantity,
        "first_at": interest.first_at,
        "last_at": interest.last_at,
        "last_price": seen.price if seen else None,
        "currency": seen.currency or None if seen else None,
        "last_price_at": seen.at if seen else None,
    }


def interested(one: InterestedCustomer) -> InterestedCustomerItem:
    """A customer of a product as the API shows her."""
    found = one.interested
    reference = None if one.reference is None else ReferencePrice.model_validate(one.reference)
    return InterestedCustomerItem(**told(found.interest), customer=found.customer_id, reference_price=reference)
