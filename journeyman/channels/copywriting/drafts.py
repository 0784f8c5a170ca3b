"""Drafts of templates: what one may become once somebody publishes it. Messages are never made of them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels import repository as kept
from journeyman.channels import templates
from journeyman.channels.content.every import TemplateContent, content_of
from journeyman.channels.content_check import Check
from journeyman.channels.copywriting import repository
from journeyman.channels.templates import ChangedMeanwhileError, SavedTemplate
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft; `made_of` is the hash of what the template was when it was begun."""

    key: str
    hash: str
    made_of: str
    content: TemplateContent
    updated_at: datetime
    actor: str | None


class TemplateDrafts:
    """Reads, publishes and drops drafts; `check` finds what one names and is not there."""

    def __init__(self, database: Database, clock: Clock, check: Check | None = None) -> None:
        self.database = database
        self.clock = clock
        self.check = check

    async def read(self, key: str) -> Draft:
        """Raises `NotFoundError`."""
        async with self.database.reading() as connection:
            return await _found(connection, key)

    async def whole(self, key: str) -> TemplateContent:
        """The draft with its blocks, as it would be sent. Raises `NotFoundError`, and `InvalidError`."""
        async with self.database.reading() as connection:
            return await templates.checked(connection, (await _found(connection, key)).content)

    async def publish(self, key: str, *, actor: str | None, seen: str | None = None) -> SavedTemplate:
        """Let the template be its draft from the next message on; `seen` is the hash of the draft that was looked at.

        Raises `NotFoundError`, `InvalidError` where it cannot be used any more, and `ChangedMeanwhileError` where the
        draft is not the one that was seen, or the template not the one that it was made of.
        """
        now = self.clock.now()
        async with self.database.transaction() as connection:
            await kept.lock_template(connection, key)
            draft = await _found(connection, key)
            refuse_other(f"the draft of `{key}`", draft.hash, seen)
            saved = await templates.keep(
                connection, key, draft.content, now, actor=actor, instead_of=draft.made_of, check=self.check
            )
            await repository.drop_draft(connection, key)
        return saved

    async def drop(self, key: str) -> None:
        """Raises `NotFoundError`."""
        async with self.database.transaction() as connection:
            if not await repository.drop_draft(connection, key):
                raise NotFoundError(f"the template `{key}` has no draft")


def refuse_other(what: str, there: str, seen: str | None) -> None:
    """Raise `ChangedMeanwhileError` where something is not what somebody has seen."""
    if seen is not None and seen != there:
        raise ChangedMeanwhileError(f"{what} is not any more what it was: its hash is {there}")


async def _found(connection: AsyncConnection, key: str) -> Draft:
    row = await repository.draft(connection, key)
    if row is None:
        raise NotFoundError(f"the template `{key}` has no draft")
    return Draft(row.key, row.hash, row.made_of, content_of(row.body), row.updated_at, row.actor)
