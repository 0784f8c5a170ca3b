"""Queries on blocks, and on what renders them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels.tables import Block, BlockUse
from journeyman.kit.bulk import insert_many

Kind = Literal["template", "block", "slot"]
KINDS: Final[tuple[Kind, ...]] = ("template", "block", "slot")


@dataclass(frozen=True, slots=True)
class BlockRow:
    """A block as it is kept."""

    key: str
    hash: str
    body: dict[str, Any]
    updated_at: datetime


_BLOCKS = select(Block.key, Block.hash, Block.body, Block.updated_at)


async def find(connection: AsyncConnection, keys: Collection[str], *, held: bool = False) -> list[BlockRow]:
    """These blocks, as far as they are there. Held, they stay as they are to the end of this transaction."""
    query = _BLOCKS.where(Block.key.in_(keys)).order_by(Block.key)
    found = await connection.execute(query.with_for_update(read=True) if held else query)
    return [BlockRow(*row) for row in found]


async def find_all(connection: AsyncConnection, after: str | None, limit: int) -> list[BlockRow]:
    """Blocks in the order of their keys, from the one behind `after`."""
    query = _BLOCKS.order_by(Block.key).limit(limit)
    if after is not None:
        query = query.where(Block.key > after)
    return [BlockRow(*row) for row in await connection.execute(query)]


async def lock(connection: AsyncConnection, key: str) -> bool:
    """Whether the block is there; from now on nobody else renders it or changes it before this transaction ends."""
    found = await connection.execute(select(Block.key).where(Block.key == key).with_for_update())
    return found.first() is not None


async def store(connection: AsyncConnection, row: BlockRow) -> None:
    """Keep a block in place of the one under its key.

    The row stays the same one: a template that waits to render it finds it again.
    """
    kept = {"hash": row.hash, "body": row.body, "updated_at": row.updated_at}
    changed = await connection.execute(update(Block).where(Block.key == row.key).values(**kept))
    if not changed.rowcount:
        await insert_many(connection, Block, [{"key": row.key, **kept}], ignore_conflicts=True)


async def drop(connection: AsyncConnection, key: str) -> None:
    await connection.execute(delete(Block).where(Block.key == key))
    await note_uses(connection, "block", key, ())


async def note_uses(connection: AsyncConnection, kind: Kind, key: str, blocks: Collection[str]) -> None:
    """Note which blocks something renders itself, in place of what was noted."""
    await connection.execute(delete(BlockUse).where(BlockUse.kind == kind, BlockUse.key == key))
    rows = [{"kind": kind, "key": key, "block": block} for block in sorted(blocks)]
    await insert_many(connection, BlockUse, rows)


async def users(connection: AsyncConnection, blocks: Collection[str]) -> Mapping[Kind, list[str]]:
    """The keys of the templates, blocks and slots that render one of these themselves, in order."""
    query = select(BlockUse.kind, BlockUse.key).where(BlockUse.block.in_(blocks)).distinct().order_by(BlockUse.key)
    found = list(await connection.execute(query))
    return {wanted: [key for kind, key in found if kind == wanted] for wanted in KINDS}
