"""Lint of what is there: a journey's draft beside all that is live, under the workspace's contact policy."""

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.journeys import repository as runs
from journeyman.journeys.contact import repository as contact
from journeyman.journeys.contact.policies import read_policy
from journeyman.journeys.coupons.naming import lint_coupons
from journeyman.journeys.documents import repository as documents
from journeyman.journeys.documents.attributes import lint_attributes
from journeyman.kit.database import Database
from journeyman.kit.errors import NotFoundError
from journeyman.language.contact import ContactPolicy
from journeyman.language.definition import Definition
from journeyman.language.lint import Finding, lint_together
from journeyman.language.validation import parse


class Linting:
    """Reads what is live, and looks at it."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def of(self, key: str) -> list[Finding]:
        """What is found in a draft, and in it and all that is live together. Raises `NotFoundError`."""
        async with self.database.reading() as connection:
            journey = await documents.journey(connection, key)
            if journey is None:
                raise NotFoundError(f"there is no journey `{key}`")
            return await beside_the_live(connection, parse(journey["draft"]))

    async def all(self) -> list[Finding]:
        """What is found in all that is live, each and together."""
        async with self.database.reading() as connection:
            live = await _live(connection)
            content = [finding for one in live for finding in await _content(connection, one)]
            return [*lint_together(live, await _policy(connection)), *content]


async def beside_the_live(connection: AsyncConnection, draft: Definition) -> list[Finding]:
    """What is found in a draft, and in it together with all the others that are live."""
    others = [one for one in await _live(connection) if one.journey != draft.journey]
    found = lint_together([draft, *others], await _policy(connection))
    mine = [one for one in found if one.journey in {draft.journey, ""}]
    return [*mine, *await _content(connection, draft)]


async def _content(connection: AsyncConnection, definition: Definition) -> list[Finding]:
    """What is found in what the journey sends."""
    return [*await lint_coupons(connection, definition), *await lint_attributes(connection, definition)]


async def _live(connection: AsyncConnection) -> list[Definition]:
    live = await runs.live_journeys(connection)
    bodies = await runs.definitions(connection, {one.hash for one in live})
    return [parse(bodies[one.hash]) for one in sorted(live, key=lambda one: one.key)]


async def _policy(connection: AsyncConnection) -> ContactPolicy:
    found = await contact.document(connection)
    return read_policy(found[0]) if found is not None else ContactPolicy()
