"""Templates: content under a key, checked when it is saved, and never lost once a message was made of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels import repository
from journeyman.channels.blocks import repository as blocks
from journeyman.channels.blocks.wholes import whole
from journeyman.channels.content.asking import blocks_in
from journeyman.channels.content.blocks import MOST_BLOCKS
from journeyman.channels.content.every import CONTENTS, TemplateContent, content_of
from journeyman.channels.content_check import Check, content_faults, key_faults
from journeyman.kit.database import Database
from journeyman.kit.errors import DomainError, Fault, InvalidError, NotFoundError


class ChangedMeanwhileError(DomainError):
    """Somebody else has changed the document since its author saw it."""

    code = "changed_meanwhile"


@dataclass(frozen=True, slots=True)
class SavedTemplate:
    """A template as it stands in the store."""

    key: str
    hash: str
    content: TemplateContent
    updated_at: datetime

    @property
    def channel(self) -> str:
        return self.content.channel


def read_content(document: Mapping[str, object]) -> TemplateContent:
    """The content in a JSON document. Raises `InvalidError` with a fault for each field that cannot be used."""
    channel = document.get("channel")
    if not isinstance(channel, str) or channel not in CONTENTS:
        detail = f"templates of the channel `{channel}` cannot be kept" if channel else "the channel is missing"
        mend = f"Set `channel` to one of: {', '.join(CONTENTS)}"
        raise InvalidError("the template cannot be used", [Fault("/channel", detail, mend)])
    try:
        return CONTENTS[channel].model_validate(document)
    except ValidationError as error:
        faults = [
            Fault("".join(f"/{part}" for part in problem["loc"]), problem["msg"], _mend(channel, problem["type"]))
            for problem in error.errors(include_url=False, include_context=False, include_input=False)
        ]
        raise InvalidError("the template cannot be used", faults) from error


async def save(
    database: Database,
    key: str,
    content: TemplateContent,
    now: datetime,
    *,
    actor: str | None = None,
    instead_of: str | None = None,
    check: Check | None = None,
) -> SavedTemplate:
    """Keep `content` under `key` from now on; what messages were rendered from before stays.

    `instead_of` is the hash of what its author has seen, `check` finds what it names and is not there. Raises
    `InvalidError` with everything that is wrong with the key, the Liquid, the MJML and the addresses, and
    `ChangedMeanwhileError`.
    """
    async with database.transaction() as connection:
        return await keep(connection, key, content, now, actor=actor, instead_of=instead_of, check=check)


async def keep(
    connection: AsyncConnection,
    key: str,
    content: TemplateContent,
    now: datetime,
    *,
    actor: str | None = None,
    instead_of: str | None = None,
    check: Check | None = None,
) -> SavedTemplate:
    """As `save`, in a transaction of the caller's."""
    if faults := key_faults(key):
        raise InvalidError("the template cannot be used", faults)
    await _expect(connection, key, instead_of)
    full = await checked(connection, content)
    # Last, as blocks have it: whoever locks in another order waits for ever.
    if check is not None and (faults := await check(connection, content)):
        raise InvalidError("the template cannot be used", faults)
    for one in (content, full):
        await repository.store_body(connection, one.hash, one.document())
    await repository.store_template(connection, key, content.channel, content.hash, full.hash, now)
    await blocks.note_uses(connection, "template", key, blocks_in(content) - content.blocks.keys())
    await repository.note_version(connection, key, content.hash, now, actor)
    return SavedTemplate(key, content.hash, content, now)


async def checked(connection: AsyncConnection, content: TemplateContent) -> TemplateContent:
    """The content with its blocks, of which messages can be made. Raises `InvalidError` with all that is wrong."""
    full = await _whole(connection, content)
    if faults := content_faults(full):
        raise InvalidError("the template cannot be used", faults)
    return full


async def _expect(connection: AsyncConnection, key: str, seen: str | None) -> None:
    there = await repository.lock_template(connection, key)
    if seen is not None and seen != there:
        raise ChangedMeanwhileError(f"the template `{key}` is not any more what it was: its hash is {there}")


async def _whole(connection: AsyncConnection, content: TemplateContent) -> TemplateContent:
    try:
        return await whole(connection, content)
    except ValidationError as error:
        detail, mend = f"it renders more than {MOST_BLOCKS} blocks", "Render fewer, those that blocks render counted in"
        raise InvalidError("the template cannot be used", [Fault("", detail, mend)]) from error


async def get_whole(database: Database, key: str) -> SavedTemplate:
    """The template with the blocks that it renders, as they are now, and the hash of both. Raises `NotFoundError`."""
    async with database.reading() as connection:
        row = await repository.find_whole(connection, key)
    if row is None:
        raise NotFoundError(f"there is no template `{key}`")
    return SavedTemplate(row.key, row.hash, content_of(row.body), row.updated_at)


async def versions(database: Database, key: str) -> list[repository.VersionRow]:
    """What the template was and is, the newest first, at most 200 of them. Raises `NotFoundError`."""
    async with database.reading() as connection:
        found = await repository.versions(connection, key)
    if not found:
        raise NotFoundError(f"there is no template `{key}`")
    return found


async def version(database: Database, key: str, content_hash: str) -> SavedTemplate:
    """The template as it was under a hash, and since when at last. Raises `NotFoundError`."""
    async with database.reading() as connection:
        row = await repository.find_version(connection, key, content_hash)
    if row is None:
        raise NotFoundError(f"the template `{key}` was never `{content_hash}`")
    return SavedTemplate(row.key, row.hash, content_of(row.body), row.updated_at)


async def restore(
    database: Database,
    key: str,
    content_hash: str,
    now: datetime,
    *,
    actor: str | None = None,
    check: Check | None = None,
) -> SavedTemplate:
    """Keep a template as it was once. Raises `NotFoundError`, and `InvalidError` where it cannot be used any more."""
    earlier = await version(database, key, content_hash)
    return await save(database, key, earlier.content, now, actor=actor, check=check)


async def get(database: Database, key: str) -> SavedTemplate:
    """The template as it is now. Raises `NotFoundError`."""
    async with database.reading() as connection:
        row = await repository.find_template(connection, key)
    if row is None:
        raise NotFoundError(f"there is no template `{key}`")
    return SavedTemplate(row.key, row.hash, content_of(row.body), row.updated_at)


async def load_by_hash(database: Database, content_hash: str) -> TemplateContent:
    """What a message was rendered from (V3). Raises `NotFoundError`."""
    async with database.reading() as connection:
        body = await repository.find_body(connection, content_hash)
    if body is None:
        raise NotFoundError(f"there is no template content `{content_hash}`")
    return content_of(body)


async def list_templates(
    database: Database, *, after: str | None = None, limit: int = 100
) -> list[repository.TemplateRow]:
    """Templates by key, from the one behind `after`."""
    async with database.reading() as connection:
        return await repository.list_templates(connection, after, limit)


def _mend(channel: str, kind: str) -> str:
    if kind == "extra_forbidden":
        names = (field.alias or name for name, field in CONTENTS[channel].model_fields.items())
        return f"A template of this channel has: {', '.join(names)}"
    if kind in {"no_body", "two_bodies"}:
        return "Give either `mjml` or `html`, with or without `text`, or `text` alone"
    return "Correct the field"
