"""API keys: 256 random bits with their role in the name, kept as SHA-256 only.

A plain hash suffices, for a key is random and long; a slow one would cost every request.
"""

import hashlib
import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from journeyman.kit.database import Database
from journeyman.kit.errors import Fault, InvalidError, NotFoundError
from journeyman.kit.ids import new_id
from journeyman.kit.keys import repository

log = logging.getLogger(__name__)

CACHE_SECONDS = 3.0
"""How long a role is remembered: a revoked key is refused everywhere within 5 seconds."""
CACHE_SIZE = 10_000


class Role(StrEnum):
    """What a key may do: `ingest` sends events, `read` reads, `operator` also runs journeys, `admin` may all."""

    INGEST = "ingest"
    READ = "read"
    OPERATOR = "operator"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """What is known of a key; never the key itself."""

    id: str
    role: Role
    label: str
    created_at: datetime
    revoked_at: datetime | None


def digest_of(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


async def create(database: Database, role: Role | str, label: str, now: datetime) -> str:
    """A new key, shown this once. Raises `InvalidError` for an unknown role or a label over 200 characters."""
    checked = _role(role)
    _check_label(label)
    key = f"jm_{checked}_{secrets.token_urlsafe(32)}"
    async with database.transaction() as connection:
        await repository.add(
            connection, digest=digest_of(key), identifier=new_id("key"), role=checked, label=label, created_at=now
        )
    return key


async def adopt(database: Database, key: str, role: Role | str, now: datetime) -> None:
    """Take up a key that the operator brings along, such as `JOURNEYMAN_ADMIN_KEY`; again and again without harm.

    A key that was revoked stays revoked: what has leaked does not come back with a restart.
    """
    checked, digest = _role(role), digest_of(key)
    async with database.transaction() as connection:
        known = await repository.find(connection, digest)
        if known is None:
            await repository.add(
                connection,
                digest=digest,
                identifier=new_id("key"),
                role=checked,
                label="from the environment",
                created_at=now,
            )
        elif known.revoked_at is not None:
            log.warning("the %s key of the environment was revoked (%s) and is not taken up", checked, known.id)
        elif known.role != checked:
            await repository.set_role(connection, digest, checked)


async def find(database: Database, key: str) -> Role | None:
    """The role of a key that is valid now, straight from the database."""
    async with database.reading() as connection:
        row = await repository.find(connection, digest_of(key))
    return Role(row.role) if row is not None and row.revoked_at is None else None


async def revoke(database: Database, identifier: str, now: datetime) -> None:
    """End a key by its id. Raises `NotFoundError` for an id that no valid key has."""
    async with database.transaction() as connection:
        if not await repository.revoke(connection, identifier, now):
            raise NotFoundError(f"No valid key has the id {identifier}.")


async def all_keys(database: Database) -> list[KeyRecord]:
    """Every key that ever was, the newest first."""
    async with database.reading() as connection:
        rows = await repository.every(connection)
    return [KeyRecord(row.id, Role(row.role), row.label, row.created_at, row.revoked_at) for row in rows]


class KeyCache:
    """`find` with a short memory, so that a busy client costs no query per call. Unknown keys are not remembered."""

    def __init__(self, database: Database, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._monotonic = monotonic
        self._known: dict[str, tuple[Role, float]] = {}

    async def find(self, key: str) -> Role | None:
        digest = digest_of(key)
        now = self._monotonic()
        role, until = self._known.get(digest, (None, 0.0))
        if role is not None and now < until:
            return role
        self._known.pop(digest, None)
        role = await find(self._database, key)
        if role is not None:
            self._remember(digest, role, now)
        return role

    def _remember(self, digest: str, role: Role, now: float) -> None:
        if len(self._known) >= CACHE_SIZE:
            self._known.clear()
        self._known[digest] = (role, now + CACHE_SECONDS)


def _role(role: Role | str) -> Role:
    try:
        return Role(role)
    except ValueError:
        names = ", ".join(Role)
        fault = Fault("/role", f"There is no role {role!r}.", f"Use one of {names}.")
        raise InvalidError(fault.detail, [fault]) from None


def _check_label(label: str) -> None:
    if len(label) > 200:  # noqa: PLR2004 - the column's size
        fault = Fault("/label", "The label is longer than 200 characters.", "Shorten it.")
        raise InvalidError(fault.detail, [fault])
