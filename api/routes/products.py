"""The catalogue: products are brought in batches; what moved of price and stock is recorded with them."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from api.dependencies import OPERATES, READS
from api.errors import problems
from api.limits import BODY_BYTES, read_body
from api.parameters import NO_NUL, Cursor, Limit
from api.schemas.pages import PageOf
from api.schemas.products import (
    CategoryFull,
    CategoryTree,
    ProductFull,
    RefusedProduct,
    TransitionItem,
    UpsertedProducts,
    batch_body,
)
from api.use_cases import CatalogueNow
from journeyman.catalog.catalogue import Upserted
from journeyman.catalog.products import StoredProduct
from journeyman.catalog.repository import StoredTransition
from journeyman.catalog.transitions import TransitionKind
from journeyman.customers.inbox.json_text import parse
from journeyman.kit.errors import Fault, InvalidError, NotFoundError
from journeyman.kit.pagination import Page

router = APIRouter(prefix="/v1", tags=["products"], responses=problems(400, 401, 403, 422))
ProductId = Annotated[str, Path(min_length=1, max_length=256, pattern=NO_NUL, description="The product's id")]
Kind = Annotated[TransitionKind | None, Query(description="Only movements of this kind")]
Path500 = Annotated[str | None, Query(max_length=500, pattern=NO_NUL, description="A path such as `Shoes/Running`")]
Ids = Annotated[
    list[Annotated[str, Query(max_length=256, pattern=NO_NUL)]] | None,
    Query(alias="id", max_length=200, description="Only these, all of them at once"),
]
PARTLY: dict[int | str, dict[str, Any]] = {207: {"model": UpsertedProducts, "description": "Some were refused"}}


@router.post(
    "/products",
    response_model=UpsertedProducts,
    responses=problems(413, 415) | PARTLY,
    openapi_extra=batch_body(),
    dependencies=[OPERATES],
)
async def write_products(request: Request, catalogue: CatalogueNow) -> Response:
    """Add or change up to 1,000 products. What is absent stays, null clears; a bad one is refused by itself, `207`."""
    upserted = await catalogue.upsert(_products(parse(await read_body(request, BODY_BYTES)).document))
    if upserted.refusals and not upserted.accepted:
        raise InvalidError("No product of the batch can be taken.", list(_faults(upserted)))
    body = outcome(upserted).model_dump_json()
    return Response(body, 207 if upserted.refusals else 200, media_type="application/json")


@router.get("/products", dependencies=[READS])
async def list_products(
    catalogue: CatalogueNow, category: Path500 = None, ids: Ids = None, limit: Limit = 50, cursor: Cursor = None
) -> PageOf[ProductFull]:
    """Products by id: all, those of a category with everything below it, or those with the given ids."""
    page = Page(await catalogue.find(ids)) if ids else await catalogue.page(category, cursor, limit)
    return PageOf(items=[shown(one) for one in page.items], next=page.next)


@router.get("/categories", dependencies=[READS])
async def read_categories(catalogue: CatalogueNow, under: Path500 = None) -> CategoryTree:
    """The tree of categories, each with how many products are in it and below it."""
    return CategoryTree(categories=[CategoryFull.model_validate(one) for one in await catalogue.categories(under)])


# An id may hold a slash, so that the product itself comes behind everything that is under a product.


@router.get("/products/{product_id:path}/transitions", responses=problems(404), dependencies=[READS])
async def list_transitions(
    product_id: ProductId, catalogue: CatalogueNow, kind: Kind = None, limit: Limit = 50, cursor: Cursor = None
) -> PageOf[TransitionItem]:
    """What moved of the product's prices and stocks and of its variants', the newest first."""
    page = await catalogue.transitions(product_id, kind, cursor, limit)
    return PageOf(items=[moved(one) for one in page.items], next=page.next)


product_router = APIRouter(prefix="/v1", tags=["products"], responses=problems(400, 401, 403, 422))


@product_router.get("/products/{product_id:path}", responses=problems(404), dependencies=[READS])
async def read_product(product_id: ProductId, catalogue: CatalogueNow) -> ProductFull:
    """A product with its variants, as it stands."""
    return shown(await catalogue.get(product_id))


@product_router.delete("/products/{product_id:path}", status_code=204, responses=problems(404), dependencies=[OPERATES])
async def delete_product(product_id: ProductId, catalogue: CatalogueNow) -> None:
    """Take a product away with its variants. What moved before and who took an interest in it stay on record."""
    if not await catalogue.delete([product_id]):
        raise NotFoundError(f"there is no product `{product_id}`")


def _products(document: object) -> list[Any]:
    """The batch's products. Raises `InvalidError` where what was sent is no batch."""
    given = document.get("products") if isinstance(document, dict) and len(document) == 1 else None
    if not isinstance(given, list):
        detail = "The body is no batch of products."
        raise InvalidError(detail, [Fault("", detail, 'Send `{"products": [...]}`.')])
    return given


def _faults(upserted: Upserted) -> list[Fault]:
    return [
        Fault(f"/products/{index}{fault.pointer}", fault.detail, fault.mend)
        for index, refusal in upserted.refusals
        for fault in refusal.faults
    ]


def outcome(upserted: Upserted) -> UpsertedProducts:
    """What became of a batch, as the API shows it."""
    errors = [
        RefusedProduct(
            index=index,
            id=refusal.product_id,
            pointer=f"/products/{index}{refusal.faults[0].pointer}",
            detail=refusal.faults[0].detail,
            mend=refusal.faults[0].mend,
        )
        for index, refusal in upserted.refusals
    ]
    return UpsertedProducts(
        success=not errors,
        accepted=upserted.accepted,
        created=upserted.created,
        changed=upserted.changed,
        unchanged=upserted.unchanged,
        transitions=len(upserted.transitions),
        errors=errors,
    )


def shown(stored: StoredProduct) -> ProductFull:
    """A product as the API shows it."""
    product = stored.product
    names = (name for name in ProductFull.model_fields if name not in {"variants", "created_at", "updated_at"})
    known = {name: getattr(product, name) for name in names}
    more = {"variants": list(product.variants.values()), "created_at": stored.created_at}
    return ProductFull.model_validate({**known, **more, "updated_at": stored.updated_at})


def moved(stored: StoredTransition) -> TransitionItem:
    """A transition as the API shows it."""
    one = stored.transition
    return TransitionItem(
        id=stored.id,
        kind=one.kind,
        variant=one.variant_id,
        old=one.old,
        new=one.new,
        amount=one.amount,
        percent=one.percent,
        currency=one.currency,
        at=one.at,
    )
