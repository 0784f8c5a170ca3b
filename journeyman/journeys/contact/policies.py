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

    async def write(self, document: Mapping[str, Any]) -> Kept:
        """Let the policy be this from now on; what is held already stays so until its time. Raises `InvalidError`."""
        policy = read_policy(document)
        kept = Kept(policy.model_dump(mode="json", by_alias=True, exclude_unset=True), self.clock.now())
        async with self.database.transaction() as connection:
            await repository.save(connection, dict(kept.document), kept.updated_at or self.clock.now())
        return kept


def read_policy(document: Mapping[str, Any]) -> ContactPolicy:
    """The policy that a document describes. Raises `InvalidError` with a fault for everything that is wrong."""
    try:
        return ContactPolicy.model_validate(dict(document))
    except ValidationError as error:
        faults = [Fault(one.pointer, one.detail, one.mend) for one in problems_of(document, error)]
        raise InvalidError("this is no contact policy", faults) from None


async def policy(connection: AsyncConnection) -> ContactPolicy:
    """What holds of all journeys now."""
    found = await repository.document(connection)
    return ContactPolicy.model_validate(found[0]) if found is not None else NOTHING
