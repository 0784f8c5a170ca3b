"""Blocks: kept under their keys; what renders one is rendered with the new one from its next message on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels import repository as templates
from journeyman.channels.blocks import repository
from journeyman.channels.blocks.repository import BlockRow
from journeyman.channels.blocks.wholes import whole
from journeyman.channels.content.asking import blocks_in
from journeyman.channels.content.blocks import BlockContent
from journeyman.channels.content.every import content_of
from journeyman.channels.content_check import Check, block_faults, content_faults
from journeyman.kit.database import Database
from journeyman.kit.errors import ConflictError, Fault, InvalidError, NotFoundError


@dataclass(frozen=True, slots=True)
class SavedBlock:
    """A block as it stands in the store, and the keys of what renders it itself."""

    key: str
    hash: str
    content: BlockContent
    updated_at: datetime
    templates: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()


def read_block(document: Mapping[str, Any]) -> BlockContent:
    """The block in a JSON document. Raises `InvalidError` with a fault for each field that cannot be used."""
    try:
        return BlockContent.model_validate(document)
    except ValidationError as error:
        faults = [
            Fault("".join(f"/{part}" for part in problem["loc"]), problem["msg"], "A block has `text` and `languages`")
            for problem in error.errors(include_url=False, include_context=False, include_input=False)
        ]
        raise InvalidError("the block cannot be used", faults) from error


async def save(
    database: Database, key: str, content: BlockContent, now: datetime, *, check: Check | None = None
) -> SavedBlock:
    """Keep `content` under `key`; every template that renders it, itself or by other blocks, does so from now on.

    Raises `InvalidError` with all that is wrong with it, and where a template could not be rendered with it.
    """
    if faults := block_faults(key, content):
        raise InvalidError("the block cannot be used", faults)
    async with database.transaction() as connection:
        await repository.lock(connection, key)
        await _refuse_circles(connection, key, content)
        concerned = await _concerned(connection, key)
        await repository.store(connection, BlockRow(key, content.hash, content.document(), now))
        await repository.note_uses(connection, "block", key, blocks_in(content))
        for row in await templates.find_templates(connection, concerned):
            await _renew(connection, row, key)
        # Last, as templates have it: whoever locks in another order waits for ever.
        if check is not None and (faults := await check(connection, content)):
            raise InvalidError("the block cannot be used", faults)
        used = await repository.users(connection, [key])
    return SavedBlock(key, content.hash, content, now, tuple(used["template"]), tuple(used["block"]))


async def get(database: Database, key: str) -> SavedBlock:
    """The block as it is now, and what renders it. Raises `NotFoundError`."""
    async with database.reading() as connection:
        rows = await repository.find(connection, [key])
        used = await repository.users(connection, [key])
    for row in rows:
        content = BlockContent.model_validate(row.body)
        return SavedBlock(key, row.hash, content, row.updated_at, tuple(used["template"]), tuple(used["block"]))
    raise NotFoundError(f"there is no block `{key}`")


async def list_blocks(database: Database, *, after: str | None = None, limit: int = 100) -> list[BlockRow]:
    """Blocks by key, from the one behind `after`."""
    async with database.reading() as connection:
        return await repository.find_all(connection, after, limit)


async def drop(database: Database, key: str) -> None:
    """Forget a block. Raises `NotFoundError`, and `ConflictError` where something renders it."""
    async with database.transaction() as connection:
        if not await repository.lock(connection, key):
            raise NotFoundError(f"there is no block `{key}`")
        used = await repository.users(connection, [key])
        if users := [f"the {kind} `{one}`" for kind, keys in used.items() for one in keys]:
            raise ConflictError(f"the block `{key}` is rendered by {', '.join(users[:10])}")
        await repository.drop(connection, key)


async def _concerned(connection: AsyncConnection, key: str) -> set[str]:
    """The templates that render a block, themselves or by other blocks."""
    found, blocks, pending = set[str](), {key}, {key}
    while pending:
        used = await repository.users(connection, pending)
        found |= set(used["template"])
        pending = set(used["block"]) - blocks
        blocks |= pending
    return found


async def _refuse_circles(connection: AsyncConnection, key: str, content: BlockContent) -> None:
    seen, pending = set[str](), blocks_in(content)
    while pending:
        if key in pending:
            raise InvalidError("the block cannot be used", [_circle(key)])
        seen |= pending
        rows = await repository.find(connection, pending, held=True)
        if missing := sorted(pending - {row.key for row in rows}):
            detail, mend = f"there is no block `{missing[0]}`", "Keep it first, or take another"
            raise InvalidError("the block cannot be used", [Fault("/text", detail, mend)])
        pending = {one for row in rows for one in blocks_in(BlockContent.model_validate(row.body))} - seen


def _circle(key: str) -> Fault:
    return Fault("/text", f"the block `{key}` would render itself, by way of others", "Take one of the uses out")


async def _renew(connection: AsyncConnection, row: templates.TemplateRow, block: str) -> None:
    """Let a template be rendered with its blocks as they are now."""
    try:
        content = await whole(connection, content_of(row.body))
    except ValidationError as error:
        raise InvalidError("the block cannot be used", [_broken(row.key, str(error), block)]) from error
    if faults := content_faults(content):
        raise InvalidError("the block cannot be used", [_broken(row.key, faults[0].detail, block)])
    await templates.store_body(connection, content.hash, content.document())
    await templates.point_to_whole(connection, row.key, content.hash)


def _broken(template: str, detail: str, block: str) -> Fault:
    mend = f"Correct it, or take `{block}` out of the template first"
    return Fault("/text", f"the template `{template}` could not be rendered with it: {detail}", mend)
