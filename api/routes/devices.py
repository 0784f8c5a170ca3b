"""Devices: told of by apps and browsers with an ingest key, looked at by staff."""

from fastapi import APIRouter, Request

from api.dependencies import INGESTS, READS
from api.errors import problems
from api.parameters import CustomerId
from api.schemas.devices import DeviceItem, DeviceKnown, DeviceToTell, WebPushKey
from api.use_cases import DevicesNow
from journeyman.channels.devices.devices import Device
from journeyman.journeys.devices import Told
from journeyman.kit.errors import NotFoundError

telling = APIRouter(prefix="/v1", tags=["ingest"], responses=problems(400, 401, 403, 422, 429))
router = APIRouter(prefix="/v1", tags=["devices"], responses=problems(400, 401, 403, 422))
public = APIRouter(prefix="/v1", tags=["devices"])
PATHS = frozenset({"/v1/web-push/key", "/v1/devices", "/v1/devices/remove"})
"""What browsers call from pages of the shop."""


def told(device: DeviceToTell) -> Told:
    """What the body says, for the use case."""
    return Told(device.channel, device.spelled, device.user_id, device.anonymous_id, device.platform, device.app)


@telling.post("/devices", status_code=202, dependencies=[INGESTS])
async def register_device(device: DeviceToTell, devices: DevicesNow) -> DeviceKnown:
    """Have notifications go to a device. It belongs to whom it was told of last."""
    return DeviceKnown(id=await devices.register(told(device)))


@telling.post("/devices/remove", status_code=202, dependencies=[INGESTS])
async def remove_device(device: DeviceToTell, devices: DevicesNow) -> DeviceKnown:
    """Have nothing more go to a device: its owner has signed out, or wants no more."""
    return DeviceKnown(id=await devices.remove(told(device)))


@public.get("/web-push/key", responses=problems(404))
async def read_web_push_key(request: Request) -> WebPushKey:
    """The public key that `pushManager.subscribe` takes as `applicationServerKey`. Nobody needs a key to read it."""
    if request.app.state.web_push_key is None:
        raise NotFoundError("no provider of web push is set up")
    return WebPushKey(key=request.app.state.web_push_key)


@router.get(
    "/customers/{customer_id}/devices", response_model=list[DeviceItem], dependencies=[READS], responses=problems(404)
)
async def list_devices(customer_id: CustomerId, devices: DevicesNow) -> list[Device]:
    """The customer's devices, the one seen last first."""
    return await devices.of_customer(customer_id)
