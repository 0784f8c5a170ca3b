"""The workspace's contact policy: written, read, and at hand where a message is judged."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.journeys.contact import repository
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.errors import Fault, InvalidError
from journeyman.language.contact import ContactPolicy
from journeyman.language.validation import problems_of

NOTHING = ContactPolicy()
WRITTEN = "updated_at"
"""What the API adds to the document."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The policy's document as it was written, and when; never, where nobody has written one."""

    document: Mapping[str, Any]
    updated_at: datetime | None


class Policies:
    """Writes and reads the policy."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    async def read(self) -> Kept:
        async with self.database.reading() as connection:
            found = await repository.document(connection)
        return Kept(*found) if found is not None else Kept({}, None)

    async def write(self, document: object) -> Kept:
        """Let the policy be this from now on; what is held already stays so until its time. Raises `InvalidError`."""
        policy = read_policy(document)
        written, now = policy.model_dump(mode="json", by_alias=True, exclude_unset=True), self.clock.now()
        async with self.database.transaction() as connection:
            await repository.save(connection, written, now)
        return Kept(written, now)


def read_policy(document: object) -> ContactPolicy:
    """The policy that a document describes, which may say when it was written.

    Raises `InvalidError` with a fault for everything that is wrong.
    """
    if not isinstance(document, Mapping):
        fault = Fault("", "a contact policy is a mapping", "Write `quiet_hours`, `caps` or `holdout`")
        raise InvalidError(fault.detail, [fault])
    try:
        return ContactPolicy.model_validate({name: part for name, part in document.items() if name != WRITTEN})
    except ValidationError as error:
        faults = [Fault(one.pointer, one.detail, one.mend) for one in problems_of(document, error)]
        raise InvalidError("this is no contact policy", faults) from None


async def policy(connection: AsyncConnection) -> ContactPolicy:
    """What holds of all journeys now."""
    found = await repository.document(connection)
    return ContactPolicy.model_validate(found[0]) if found is not None else NOTHING
