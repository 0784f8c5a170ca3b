"""What events tell beside the customer's own profile: the groups to which she belongs, and what she agreed to."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.catalog.coupons import repository as coupons
from journeyman.channels import repository as short_links
from journeyman.channels.devices import repository as device_repository
from journeyman.channels.devices.devices import DEVICE, ToldDevice, device_in, told_device
from journeyman.channels.in_app import repository as in_app
from journeyman.customers import preferences
from journeyman.customers.consent import Basis, ConsentUpdate, Status
from journeyman.customers.consents import repository as consents
from journeyman.customers.groups import groups
from journeyman.customers.groups import repository as group_repository
from journeyman.customers.identity import Person
from journeyman.customers.inbox.reading import IMPORTED
from journeyman.customers.preferences import Statement
from journeyman.customers.profile.computed import ORDERED
from journeyman.intelligence.predictions import repository as predictions
from journeyman.intelligence.send_times import repository as send_times
from journeyman.journeys.audiences import repository as audiences
from journeyman.journeys.experiments import repository as experiments
from journeyman.journeys.intake.incoming import Incoming
from journeyman.journeys.subscribing import notice
from journeyman.journeys.tasks import repository as tasks
from journeyman.journeys.watching import repository as watching


@dataclass(slots=True)
class Beside:
    """Gathered while a batch is decided, written with it. `history` is consent that an import has brought."""

    groups: list[tuple[str, Person, dict[str, Any], datetime]] = field(default_factory=list)
    consents: list[tuple[Person, ConsentUpdate]] = field(default_factory=list)
    history: list[tuple[Person, ConsentUpdate]] = field(default_factory=list)
    devices: list[tuple[Person, ToldDevice]] = field(default_factory=list)
    redeemed: set[str] = field(default_factory=set)

    def note(self, person: Person, event: Incoming) -> None:
        """Gather what an event tells."""
        if event.group_id is not None:
            self.groups.append((event.group_id, person, event.properties, event.at))
        if event.type == DEVICE:
            self.devices.append((person, told_device(event.properties, event.at)))
        elif "device" in event.context and (device := device_in(event.context, event.at)) is not None:
            self.devices.append((person, device))
        if event.name == ORDERED and (code := event.properties.get("coupon")):
            self.redeemed |= _codes(code)
        if event.consents:
            found = self.history if IMPORTED in event.context else self.consents
            found += [(person, update) for update in _updates(event)]

    async def save(self, connection: AsyncConnection, now: datetime) -> None:
        """Write all of it, to the profiles that have survived."""
        sayings = [(group, person.survivor.id, traits, at) for group, person, traits, at in self.groups]
        await groups.note(connection, sayings, now)
        if self.redeemed:
            await coupons.redeem(connection, self.redeemed, now)
        if self.devices:
            await self._save_devices(connection)
        if self.history:
            # An import is no news: no journey is told of it.
            await preferences.record_all(connection, await _allowed(connection, self.history), now)
        if self.consents:
            await notice.record_all(connection, await _allowed(connection, self.consents), now)

    async def _save_devices(self, connection: AsyncConnection) -> None:
        """Devices that were told of; one of which its owner has signed out belongs to nobody."""
        here = [one.of(person.survivor.id) for person, one in self.devices if not one.is_removed]
        await device_repository.keep(connection, here)
        for _, one in self.devices:
            if one.is_removed:
                await device_repository.forget(connection, one.channel, [one.token])


async def follow_merge(connection: AsyncConnection, loser: str, survivor: str) -> None:
    """What is kept of the loser here becomes the survivor's."""
    await group_repository.follow_merge(connection, loser, survivor)
    await experiments.follow_merge(connection, loser, survivor)
    await tasks.follow_merge(connection, loser, survivor)
    await audiences.follow_merge(connection, loser, survivor)
    await predictions.follow_merge(connection, loser)
    await send_times.follow_merge(connection, loser)
    await watching.follow_merge(connection, loser, survivor)
    await device_repository.follow_merge(connection, loser, survivor)
    await short_links.follow_merge(connection, loser, survivor)
    await in_app.follow_merge(connection, loser, survivor)
    await coupons.follow_merge(connection, loser, survivor)


def _codes(given: object) -> set[str]:
    """The coupon codes of an order: one, or a list of them."""
    many = given if isinstance(given, list) else [given]
    return {code.strip() for code in many if isinstance(code, str) and "\x00" not in code}


def _updates(event: Incoming) -> Iterator[ConsentUpdate]:
    imported = event.context.get(IMPORTED)
    source = f"import {imported.get('source')}" if isinstance(imported, dict) else "shop"
    actor = str(event.context.get("integration", "import"))
    for subject, said in event.consents.items():
        status: Status = "yes" if said["status"] == "yes" else "no"
        # Hashed, for a message id may be longer than what proofs are known by.
        digest = hashlib.sha256(f"{event.message_id}/{subject}".encode()).hexdigest()
        yield ConsentUpdate(
            subject,
            status,
            said.get("source") or source,
            actor,
            wording=said.get("wording"),
            basis=cast("Basis | None", said.get("basis")),  # The door has let no other word in.
            expires_at=_instant(said.get("expires_at")),
            at=_instant(said.get("at")),
            digest=digest,
        )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text is not None else None


async def _allowed(connection: AsyncConnection, said: list[tuple[Person, ConsentUpdate]]) -> list[Statement]:
    """A yes of which nobody knows when it was said never overrides what is known: that may be a later no (L1)."""
    known = await consents.states(connection, {person.survivor.id for person, _ in said})
    statements = ((person.survivor.id, update) for person, update in said)
    return [
        (customer_id, update)
        for customer_id, update in statements
        if update.at is not None or update.status == "no" or update.subject not in known.get(customer_id, {})
    ]
