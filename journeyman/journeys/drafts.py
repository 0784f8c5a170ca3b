"""Journeys as documents: written as drafts, published as versions (V1)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels import repository as channels
from journeyman.journeys.campaigns import scheduling
from journeyman.journeys.documents import repository as documents
from journeyman.journeys.documents.chains import refuse_broken_chain
from journeyman.journeys.documents.named import refuse_missing
from journeyman.journeys.documents.texts import refuse_missing_lists, refuse_unreadable
from journeyman.journeys.experiments.publishing import follow_publication, follow_stop
from journeyman.journeys.segmentation.listeners import listen
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.errors import ConflictError, Fault, InvalidError, NotFoundError
from journeyman.kit.pagination import Page, page_of, read_cursor
from journeyman.language.definition import Definition, hash_of
from journeyman.language.references import templates_of
from journeyman.language.validation import DefinitionError, parse


@dataclass(frozen=True, slots=True)
class JourneyDocument:
    """A journey: its draft, its state, and the version that newcomers take, with that version's hash."""

    key: str
    name: str
    state: str
    draft: dict[str, Any]
    version: int | None
    updated_at: datetime
    hash: str | None

    @property
    def unpublished_changes(self) -> bool:
        """Whether newcomers get something else than the draft."""
        return self.hash != hash_of(self.draft)


@dataclass(frozen=True, slots=True)
class Publication:
    """A published version. `inside` counts the live runs per version and step that stay where they are."""

    journey: str
    version: int
    hash: str
    published_at: datetime
    is_new: bool
    inside: dict[str, dict[str, int]]


def checked(document: object) -> Definition:
    """The journey that a document describes. Raises `InvalidError`, which names each step, field and mend."""
    try:
        return parse(document)
    except DefinitionError as error:
        faults = [
            Fault(problem.pointer, f"{problem.place}{problem.detail}", problem.mend) for problem in error.problems
        ]
        raise InvalidError("the document is no journey", faults) from None


class Drafts:
    """Writes, reads and publishes journeys."""

    def __init__(self, database: Database, clock: Clock, workspace_zone: str = "UTC") -> None:
        self.database = database
        self.clock = clock
        self.workspace_zone = workspace_zone

    async def save(self, key: str, document: object) -> JourneyDocument:
        """Keep a document as the draft of a journey; what is published does not change."""
        definition = checked(document)
        if definition.journey != key:
            fault = Fault("/journey", f"the document's key is `{definition.journey}`", f"write `journey: {key}`")
            raise InvalidError(f"the document is not that of journey `{key}`", [fault])
        async with self.database.transaction() as connection:
            await documents.save_draft(connection, definition, self.clock.now())
            return await self._read(connection, key)

    async def read(self, key: str) -> JourneyDocument:
        async with self.database.reading() as connection:
            return await self._read(connection, key)

    async def page(self, cursor: str | None, limit: int) -> Page[JourneyDocument]:
        """Journeys by key."""
        (after,) = read_cursor(cursor, str) or ("",)
        async with self.database.reading() as connection:
            rows = await documents.journeys(connection, after, limit + 1)
        return page_of([JourneyDocument(**row) for row in rows], limit, lambda journey: (journey.key,))

    async def _read(self, connection: AsyncConnection, key: str) -> JourneyDocument:
        found = await documents.journey(connection, key)
        if found is None:
            raise NotFoundError(f"there is no journey `{key}`")
        return JourneyDocument(**found)

    async def publish(self, key: str, *, inside: str, dry_run: bool) -> Publication:
        """Make the draft the version that newcomers take; runs that are inside stay on theirs (V1).

        An unchanged draft is the version that is there already. `dry_run` tells what would happen.
        """
        if inside != "stay":
            fault = Fault("/inside", f"`{inside}` is not available yet", "Write `stay`.")
            raise InvalidError("runs that are inside can only stay on their version", [fault])
        async with self.database.transaction() as connection:
            document = await self._read(connection, key)
            definition = checked(document.draft)
            await _check_templates(connection, definition)
            await refuse_missing(connection, definition)
            await refuse_missing_lists(connection, definition)
            refuse_unreadable(definition)
            await refuse_broken_chain(connection, definition)
            digest = hash_of(document.draft)
            newest = await documents.newest_version(connection, key)
            is_new = newest is None or newest.hash != digest
            version = (newest.version if newest else 0) + (1 if is_new else 0)
            now = self.clock.now() if is_new or newest is None else newest.published_at
            counts = await documents.inside(connection, key)
            if not dry_run:
                await documents.publish(connection, key, version, digest, document.draft, now, is_new=is_new)
                await listen(connection)
                await follow_publication(connection, definition, self.clock.now())
                await scheduling.follow(connection, key, self.workspace_zone, self.clock.now())
        return Publication(key, version, digest, now, is_new, counts)

    async def stop(self, key: str) -> JourneyDocument:
        """Let nobody enter any more; runs that are inside go on to their end."""
        async with self.database.transaction() as connection:
            document = await self._read(connection, key)
            if document.version is None:
                raise ConflictError(f"journey `{key}` was never published")
            await documents.set_state(connection, key, "stopped", self.clock.now())
            await listen(connection)
            await follow_stop(connection, key, self.clock.now())
            await scheduling.follow(connection, key, self.workspace_zone, self.clock.now())
            return await self._read(connection, key)


async def _check_templates(connection: AsyncConnection, definition: Definition) -> None:
    sends = templates_of(definition)
    named = {template for _, _, template in sends}
    known = {template for template in named if await channels.find_template(connection, template) is not None}
    faults = [
        Fault(f"/steps/{place}/send/template", f"step `{step}`: there is no template `{template}`", "save it first")
        for place, step, template in sends
        if template not in known
    ]
    if faults:
        raise InvalidError("a template that the journey sends is not there", faults)
