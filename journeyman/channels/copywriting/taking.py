"""A person takes a proposal: it goes into the template's draft, and messages are as they were."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels import repository as kept
from journeyman.channels.content.every import content_of
from journeyman.channels.copywriting import repository
from journeyman.channels.copywriting.drafts import Draft, refuse_other
from journeyman.channels.copywriting.pieces import base_of, pieces_of, with_fields, written
from journeyman.channels.copywriting.repository import ProposalRow, RequestRow
from journeyman.channels.copywriting.wish import CopyWish, Variant
from journeyman.channels.templates import ChangedMeanwhileError, checked, read_content
from journeyman.kit.clock import Clock
from journeyman.kit.database import Database
from journeyman.kit.errors import ConflictError, NotFoundError


class Taking:
    """Takes proposals by name of whoever asks for it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    async def take(
        self, key: str, proposal_id: str, *, actor: str | None, variant: Variant | None = None, seen: str | None = None
    ) -> Draft:
        """Put the proposal into the template's draft, in place of its own texts or as a variant.

        `seen` is the hash of the draft, or of the template where it has none, that the person has looked at. Raises
        `NotFoundError`, `ConflictError` where the proposal was refused or is taken, `ChangedMeanwhileError`, and
        `InvalidError` for a variant that cannot be.
        """
        now = self.clock.now()
        async with self.database.transaction() as connection:
            await kept.lock_template(connection, key)
            proposal, asked = await _offered(connection, key, proposal_id)
            document, made_of = await _begun(connection, key, asked, seen)
            content = read_content(await _with(connection, document, proposal, asked, variant))
            await checked(connection, content)
            await kept.store_body(connection, content.hash, content.document())
            await repository.save_draft(connection, key, content.hash, made_of, now, actor)
            await repository.take(connection, proposal_id, actor, now, content.hash)
        return Draft(key, content.hash, made_of, content, now, actor)


async def _offered(connection: AsyncConnection, key: str, proposal_id: str) -> tuple[ProposalRow, RequestRow]:
    found = await repository.lock_proposal(connection, proposal_id)
    if found is None or found[1].template_key != key:
        raise NotFoundError(f"there is no proposal `{proposal_id}` for the template `{key}`")
    if found[0].state != "offered":
        raise ConflictError(f"the proposal was {found[0].state}: ask for another one")
    return found


async def _begun(
    connection: AsyncConnection, key: str, asked: RequestRow, seen: str | None
) -> tuple[Mapping[str, Any], str]:
    """What the draft is so far, else the template; and the hash of the template that it is made of."""
    template, draft = await kept.find_template(connection, key), await repository.draft(connection, key)
    if template is None or template.hash != asked.template_hash:
        raise ChangedMeanwhileError(f"the template `{key}` is not any more what the proposal was written for")
    if draft is not None and draft.made_of != template.hash:
        raise ChangedMeanwhileError(f"the draft of `{key}` was made of another version of it: drop the draft first")
    refuse_other(f"what becomes of `{key}`", draft.hash if draft is not None else template.hash, seen)
    return (draft.body if draft is not None else template.body), template.hash


async def _with(
    connection: AsyncConnection,
    document: Mapping[str, Any],
    proposal: ProposalRow,
    asked: RequestRow,
    variant: Variant | None,
) -> dict[str, Any]:
    row = await kept.find_body(connection, asked.template_hash)
    if row is None:
        raise NotFoundError(f"there is no template content `{asked.template_hash}`")
    wish = CopyWish.model_validate(asked.wish)
    base, language = base_of(content_of(row), wish.language)
    fields = written(base, pieces_of(base, wish.fields), proposal.texts)
    return with_fields(document, fields, language, variant.model_dump(mode="json") if variant is not None else None)
