"""Erasing customers and exporting what is held of them (L3)."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import StreamingResponse

from api.dependencies import OPERATES, READS, caller
from api.errors import problems
from api.parameters import CustomerId
from api.schemas.erasures import ErasureReceipt
from api.use_cases import CustomerExportNow, ErasingNow
from journeyman.customers.erasure.receipts import Receipt

router = APIRouter(prefix="/v1", tags=["erasures"], responses=problems(400, 401, 403, 404, 409, 422))
ErasureId = Annotated[str, Path(max_length=64, pattern=r"^era_[0-9a-f]+$", description="The receipt's id")]
EXPORTED = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/CustomerExport"}}}}


@router.get(
    "/customers/{customer_id}/export",
    response_class=StreamingResponse,
    responses={200: {"description": "The document, as it is read", **EXPORTED}},
    dependencies=[OPERATES],
)
async def export_customer(customer_id: CustomerId, exports: CustomerExportNow) -> StreamingResponse:
    """Everything that is held of a customer, in one JSON document: a section for each kind of thing."""
    parts = await exports.of(customer_id)
    return StreamingResponse(parts, media_type="application/json")


@router.delete("/customers/{customer_id}", response_model=ErasureReceipt, status_code=202, dependencies=[OPERATES])
async def erase_customer(customer_id: CustomerId, erasing: ErasingNow, request: Request, response: Response) -> Receipt:
    """Erase a customer.

    From the answer on nothing more is sent to her and nobody knows her; what is left is removed within minutes, which
    the receipt reports. Asked again for the same customer, it answers with the same receipt.
    """
    receipt = await erasing.request(customer_id, caller(request))
    response.headers["Location"] = f"/v1/erasures/{receipt.id}"
    return receipt


@router.get("/erasures/{erasure_id}", response_model=ErasureReceipt, dependencies=[READS])
async def read_erasure(erasure_id: ErasureId, erasing: ErasingNow) -> Receipt:
    """How far an erasure is, what it took, and how many events came too late."""
    return await erasing.receipt(erasure_id)


@router.post("/erasures/{erasure_id}/lift", response_model=ErasureReceipt, dependencies=[OPERATES])
async def lift_erasure(erasure_id: ErasureId, erasing: ErasingNow, request: Request) -> Receipt:
    """Let the erased names in again, for somebody who came back on purpose. What was erased stays erased."""
    return await erasing.lift(erasure_id, caller(request))
