"""Devices as apps and browsers tell of them: through the inbox, to belong to whoever it turns out to be."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from journeyman.channels.devices import repository
from journeyman.channels.devices.devices import DEVICE, Device, device_id, spelled
from journeyman.customers import repository as customers
from journeyman.customers.inbox.door import Inbox
from journeyman.customers.inbox.events import Incoming, subject_of
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.errors import NotFoundError
from journeyman.kit.ids import new_id

REGISTERED: Final = "Device Registered"
REMOVED: Final = "Device Removed"


@dataclass(frozen=True, slots=True)
class Told:
    """A device as it is told of; `token` is text, or a browser's subscription."""

    channel: str
    token: str | Mapping[str, Any]
    user_id: str | None = None
    anonymous_id: str | None = None
    platform: str | None = None
    app: str | None = None


class Devices:
    """Takes devices in, and shows a customer's."""

    def __init__(self, database: Database, inbox: Inbox, clock: Clock) -> None:
        self.database = database
        self.inbox = inbox
        self.clock = clock

    async def register(self, told: Told) -> str:
        """Have a device belong to who is named, from now on and to nobody else; returns the device's id."""
        return await self._tell(told, REGISTERED, {})

    async def remove(self, told: Told) -> str:
        """Have nothing more be sent to a device: its owner has signed out, or wants no more."""
        return await self._tell(told, REMOVED, {"removed": True})

    async def of_customer(self, customer: str) -> list[Device]:
        """The devices of a customer, the one seen last first. Raises `NotFoundError`."""
        async with self.database.reading() as connection:
            customer_id = await customers.resolve(connection, customer)
            if customer_id is None:
                raise NotFoundError(f"there is no customer `{customer}`")
            return await repository.of_customer(connection, customer_id)

    async def _tell(self, told: Told, name: str, more: Mapping[str, Any]) -> str:
        token, now = spelled(told.token), self.clock.now()
        about = {"channel": told.channel, "token": token, "platform": told.platform, "app": told.app}
        properties = {key: value for key, value in about.items() if value is not None} | dict(more)
        who = {"userId": told.user_id, "anonymousId": told.anonymous_id}
        payload = {"type": DEVICE, "name": name, **{key: one for key, one in who.items() if one}}
        text = orjson.dumps({**payload, "properties": properties}).decode()
        event = Incoming(subject_of(told.user_id, told.anonymous_id), new_id("device"), now, text)
        await self.inbox.accept([event], now)
        return device_id(told.channel, token)
