"""Journeys as documents: written as drafts, published as versions (V1)."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels import repository as channels
from journeyman.journeys import repository as runs
from journeyman.journeys.campaigns import scheduling
from journeyman.journeys.coupons.naming import refuse_missing_pools
from journeyman.journeys.documents import repository as documents
from journeyman.journeys.documents.chains import refuse_broken_chain
from journeyman.journeys.documents.connections import refuse_unknown_connections
from journeyman.journeys.documents.named import refuse_missing
from journeyman.journeys.documents.repository import EVERYBODY
from journeyman.journeys.documents.texts import refuse_missing_lists, refuse_unreadable
from journeyman.journeys.experiments.publishing import follow_publication
from journeyman.journeys.linting import beside_the_live
from journeyman.journeys.migration import planning, starting
from journeyman.journeys.migration import repository as migrations
from journeyman.journeys.migration.planning import Becoming, Wish
from journeyman.journeys.segmentation.listeners import listen
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.errors import Fault, InvalidError, NotFoundError
from journeyman.kit.pagination import Page, page_of, read_cursor
from journeyman.language.definition import Definition, hash_of
from journeyman.language.differences import differences
from journeyman.language.lint import Finding
from journeyman.language.references import messages_of
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
    trial_version: int | None = None
    trial_share: int | None = None

    @property
    def unpublished_changes(self) -> bool:
        """Whether newcomers get something else than the draft."""
        return self.hash != hash_of(self.draft)


@dataclass(frozen=True, slots=True)
class Publication:
    """A published version. `inside` counts the live runs per version and step, `becoming` where each of them goes.

    `findings` is what lint finds in it, alone and beside what is live. `migration` goes through those inside; None
    where this was only tried.
    """

    journey: str
    version: int
    hash: str
    published_at: datetime
    is_new: bool
    inside: dict[str, dict[str, int]]
    share: int = EVERYBODY
    becoming: list[Becoming] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    migration: str | None = None


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
    """Writes, reads and publishes journeys.

    `connections` are those of the providers' file; without them a journey may name any, as in a simulation.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        workspace_zone: str = "UTC",
        connections: Collection[str] | None = None,
    ) -> None:
        self.database = database
        self.clock = clock
        self.workspace_zone = workspace_zone
        self.connections = connections

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

    async def publish(
        self, key: str, *, inside: str, dry_run: bool, wish: Wish | None = None, by: str = ""
    ) -> Publication:
        """Make the draft the version that newcomers take, or a share of them; `wish` says what those inside do (V2).

        An unchanged draft is the version that is there already. `dry_run` tells what would happen.
        """
        wish = wish or Wish(inside)
        async with self.database.transaction() as connection:
            await migrations.lock_journey(connection, key)
            document = await self._read(connection, key)
            definition = checked(document.draft)
            planning.check(wish, definition)
            await _refuse_unpublishable(connection, definition, self.connections)
            made = await self._version(connection, key, document, wish, definition)
            if dry_run:
                return made
            return await self._publish(connection, made, document, definition, wish, by)

    async def _version(
        self, connection: AsyncConnection, key: str, document: JourneyDocument, wish: Wish, definition: Definition
    ) -> Publication:
        """What the version would be, and what becomes of those inside."""
        digest = hash_of(document.draft)
        newest = await documents.newest_version(connection, key)
        is_new = newest is None or newest.hash != digest
        version = (newest.version if newest else 0) + (1 if is_new else 0)
        former = await definition_of(connection, document.hash)
        planning.check_share(wish.share, former, definition)
        found = await planning.becoming(connection, key, version, wish, definition)
        await planning.refuse_lost(connection, key, wish, found, former)
        return Publication(
            journey=key,
            version=version,
            hash=digest,
            published_at=self.clock.now() if is_new or newest is None else newest.published_at,
            is_new=is_new,
            inside=await documents.inside(connection, key),
            share=wish.share,
            becoming=found,
            changes=differences(former, definition) if former is not None else [],
            findings=await beside_the_live(connection, definition),
        )

    async def _publish(
        self,
        connection: AsyncConnection,
        made: Publication,
        document: JourneyDocument,
        definition: Definition,
        wish: Wish,
        by: str,
    ) -> Publication:
        key, now = made.journey, self.clock.now()
        await documents.publish(
            connection,
            key,
            made.version,
            made.hash,
            document.draft,
            made.published_at,
            is_new=made.is_new,
            share=wish.share,
        )
        await listen(connection)
        await follow_publication(connection, definition, now, is_trial=wish.share < EVERYBODY)
        await scheduling.follow(connection, key, self.workspace_zone, now)
        moving = starting.new(key, "publish", planning.inside_of(wish), now, by, version=made.version, digest=made.hash)
        moving.map, moving.share = wish.ways, wish.share
        moving.former = await _former(connection, document, made.version)
        await starting.begin(connection, moving)
        return replace(made, migration=moving.id)


async def definition_of(connection: AsyncConnection, digest: str | None) -> Definition | None:
    """A published definition by its hash."""
    if digest is None:
        return None
    return parse((await runs.definitions(connection, {digest}))[digest])


async def _former(connection: AsyncConnection, document: JourneyDocument, version: int) -> int | None:
    """The version to which one could go back: that before, also where one is published that was published before."""
    if document.version != version or document.version is None:
        return document.version
    earlier = await migrations.publication_of(connection, document.key, version)
    return earlier.former if earlier is not None else None


async def _refuse_unpublishable(
    connection: AsyncConnection, definition: Definition, connections: Collection[str] | None
) -> None:
    """Raises `InvalidError` where the journey names what is not there."""
    await _check_templates(connection, definition)
    if connections is not None:
        await refuse_unknown_connections(connection, definition, connections)
    await refuse_missing(connection, definition)
    await refuse_missing_pools(connection, definition)
    await refuse_missing_lists(connection, definition)
    refuse_unreadable(definition)
    await refuse_broken_chain(connection, definition)


async def _check_templates(connection: AsyncConnection, definition: Definition) -> None:
    sends = messages_of(definition)
    keys = {key for *_, key in sends}
    rows = {template: await channels.find_template(connection, template) for template in keys}
    found = {template: row.body["channel"] for template, row in rows.items() if row is not None}
    faults = []
    for place, step, channel, template in sends:
        pointer = f"/steps/{place}/send/template"
        if template not in found:
            faults.append(Fault(pointer, f"step `{step}`: there is no template `{template}`", "save it first"))
        elif found[template] != channel:
            detail = f"step `{step}`: the template `{template}` is for `{found[template]}`, not for `{channel}`"
            faults.append(Fault(pointer, detail, f"name a template of the channel `{channel}`"))
    if faults:
        raise InvalidError("a template that the journey sends cannot be sent", faults)
