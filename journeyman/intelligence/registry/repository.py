"""Every query of trained models."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.intelligence.registry.tables import ModelLook, ModelVersion

REMEMBERED: Final = 30
"""Versions of a model that stay on record beside the one in use."""

VERSION = ModelVersion.__table__
LOOK = ModelLook.__table__
_OF = select(VERSION).where(VERSION.c.key == bindparam("model")).order_by(VERSION.c.version.desc())
_IN_USE = select(VERSION).where(VERSION.c.key == bindparam("model"), VERSION.c.in_use)


@dataclass(frozen=True, slots=True)
class Model:
    """One training of a model, as the tables have it."""

    key: str
    version: int
    trained_at: datetime
    n: int
    in_use: bool
    quality: Mapping[str, Any]
    baseline: Mapping[str, Any]
    artefact: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The model and its version in one word, as scores carry it."""
        return f"{self.key}/{self.version}"


@dataclass(frozen=True, slots=True)
class Look:
    """What the newest look at a model's data came to."""

    key: str
    at: datetime
    enough: bool
    n: int
    words: str


async def in_use(connection: AsyncConnection, key: str) -> Model | None:
    """The version that scores are made with; None where there is none."""
    row = (await connection.execute(_IN_USE, {"model": key})).mappings().one_or_none()
    return Model(**row) if row is not None else None


async def versions(connection: AsyncConnection, key: str, limit: int = REMEMBERED) -> list[Model]:
    """The versions of a model, the newest first."""
    rows = await connection.execute(_OF.limit(limit), {"model": key})
    return [Model(**row) for row in rows.mappings()]


async def all_in_use(connection: AsyncConnection) -> dict[str, Model]:
    rows = await connection.execute(select(VERSION).where(VERSION.c.in_use))
    return {row["key"]: Model(**row) for row in rows.mappings()}


async def add(
    connection: AsyncConnection,
    key: str,
    trained_at: datetime,
    n: int,
    measured: tuple[Mapping[str, Any], Mapping[str, Any]],
    artefact: Mapping[str, Any],
    *,
    in_use: bool,
) -> Model:
    """Keep a training as the next version; in use it takes the place of the one before.

    `measured` are the model's own measures and the baseline's.
    """
    newest = await connection.execute(select(func.max(VERSION.c.version)).where(VERSION.c.key == key))
    version = (newest.scalar_one() or 0) + 1
    if in_use:
        await connection.execute(
            update(ModelVersion).where(VERSION.c.key == key, VERSION.c.in_use).values(in_use=False)
        )
    quality, baseline = measured
    model = Model(key, version, trained_at, n, in_use, dict(quality), dict(baseline), dict(artefact))
    await connection.execute(
        insert(ModelVersion).values(
            key=key,
            version=version,
            trained_at=trained_at,
            n=n,
            in_use=in_use,
            quality=model.quality,
            baseline=model.baseline,
            artefact=model.artefact,
        )
    )
    old = VERSION.c.key == key, VERSION.c.version <= version - REMEMBERED, ~VERSION.c.in_use
    await connection.execute(delete(ModelVersion).where(*old))
    return model


async def retire(connection: AsyncConnection, key: str) -> None:
    """No version is in use any more: there is not enough data to say that it still holds."""
    await connection.execute(update(ModelVersion).where(VERSION.c.key == key, VERSION.c.in_use).values(in_use=False))


async def looks(connection: AsyncConnection) -> dict[str, Look]:
    """The newest look at each model, by key."""
    return {row["key"]: Look(**row) for row in (await connection.execute(select(LOOK))).mappings()}


async def note_look(connection: AsyncConnection, look: Look) -> None:
    await connection.execute(delete(ModelLook).where(LOOK.c.key == look.key))
    await connection.execute(
        insert(ModelLook).values(key=look.key, at=look.at, enough=look.enough, n=look.n, words=look.words)
    )
