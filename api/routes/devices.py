"""Devices: told of by apps and browsers with an ingest key, looked at by staff."""

from fastapi import APIRouter

from api.dependencies import INGESTS, READS
from api.errors import problems
from api.parameters import CustomerId
from api.schemas.devices import DeviceItem, DeviceKnown, DeviceToTell
from api.use_cases import DevicesNow
from journeyman.channels.devices.devices import Device
from journeyman.journeys.devices import Told

telling = APIRouter(prefix="/v1", tags=["ingest"], responses=problems(400, 401, 403, 422, 429))
router = APIRouter(prefix="/v1", tags=["devices"], responses=problems(400, 401, 403, 422))
PATHS = frozenset({"/v1/devices", "/v1/devices/remove"})
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


@router.get(
    "/customers/{customer_id}/devices", response_model=list[DeviceItem], dependencies=[READS], responses=problems(404)
)
async def list_devices(customer_id: CustomerId, devices: DevicesNow) -> list[Device]:
    """The customer's devices, the one seen last first."""
    return await devices.of_customer(customer_id)
