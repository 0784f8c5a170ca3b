"""Every query of the brand's voice, of proposals and of drafts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from journeyman.channels.copywriting.tables import BrandVoice, CopyProposal, CopyRequest, TemplateDraft
from journeyman.channels.tables import TemplateBody
from journeyman.kit.bulk import insert_many
from journeyman.kit.database import Base

ONLY: Final = 1
_VOICE = select(BrandVoice.document, BrandVoice.updated_at, BrandVoice.actor).where(BrandVoice.id == ONLY)


@dataclass(frozen=True, slots=True)
class RequestRow:
    """Something that was asked, as it is kept."""

    id: str
    template_key: str
    template_hash: str
    wish: dict[str, Any]
    actor: str | None
    asked_at: datetime
    model: str
    prompt: str
    outcome: str
    calls: int
    tokens: int


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """Something that came, as it is kept."""

    id: str
    request_id: str
    place: int
    texts: dict[str, str]
    findings: list[Any]
    state: str
    taken_by: str | None = None
    taken_at: datetime | None = None
    draft_hash: str | None = None


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A draft with its content."""

    key: str
    hash: str
    made_of: str
    updated_at: datetime
    actor: str | None
    body: dict[str, Any]


_REQUESTS = select(*(CopyRequest.__table__.c[name] for name in RequestRow.__slots__))
_PROPOSALS = select(*(CopyProposal.__table__.c[name] for name in ProposalRow.__slots__))
_DRAFTS = select(
    TemplateDraft.key,
    TemplateDraft.hash,
    TemplateDraft.made_of,
    TemplateDraft.updated_at,
    TemplateDraft.actor,
    TemplateBody.body,
).join(TemplateBody, TemplateBody.hash == TemplateDraft.hash)


async def voice(connection: AsyncConnection) -> tuple[dict[str, Any], datetime, str | None] | None:
    """The document, when it was written and by whom; None where nobody has written one."""
    row = (await connection.execute(_VOICE)).one_or_none()
    return (row.document, row.updated_at, row.actor) if row is not None else None


async def save_voice(connection: AsyncConnection, document: dict[str, Any], at: datetime, actor: str | None) -> None:
    row = {"document": document, "updated_at": at, "actor": actor}
    await _put(connection, BrandVoice, {"id": ONLY}, row)


async def note(connection: AsyncConnection, request: RequestRow, proposals: list[ProposalRow]) -> None:
    """Keep what was asked and what came."""
    for entity, rows in ((CopyRequest, [request]), (CopyProposal, proposals)):
        await insert_many(connection, entity, [{name: getattr(row, name) for name in row.__slots__} for row in rows])


async def requests(connection: AsyncConnection, template_key: str, before: str | None, limit: int) -> list[RequestRow]:
    """What was asked for a template, the newest first, from the one behind `before`."""
    query = _REQUESTS.where(CopyRequest.template_key == template_key).order_by(CopyRequest.id.desc()).limit(limit)
    if before is not None:
        query = query.where(CopyRequest.id < before)
    return [RequestRow(*row) for row in await connection.execute(query)]


async def proposals(connection: AsyncConnection, request_ids: list[str]) -> list[ProposalRow]:
    """What came of these, in order."""
    query = _PROPOSALS.where(CopyProposal.request_id.in_(request_ids))
    found = await connection.execute(query.order_by(CopyProposal.request_id, CopyProposal.place))
    return [ProposalRow(*row) for row in found]


async def lock_proposal(connection: AsyncConnection, proposal_id: str) -> tuple[ProposalRow, RequestRow] | None:
    """A proposal and what it answers; nobody else takes it before this transaction ends."""
    found = (await connection.execute(_PROPOSALS.where(CopyProposal.id == proposal_id).with_for_update())).one_or_none()
    if found is None:
        return None
    proposal = ProposalRow(*found)
    asked = (await connection.execute(_REQUESTS.where(CopyRequest.id == proposal.request_id))).one()
    return proposal, RequestRow(*asked)


async def take(connection: AsyncConnection, proposal_id: str, actor: str | None, at: datetime, draft_hash: str) -> None:
    """Note that a proposal was taken, by whom, and into which draft."""
    taken = {"state": "taken", "taken_by": actor, "taken_at": at, "draft_hash": draft_hash}
    await connection.execute(update(CopyProposal).where(CopyProposal.id == proposal_id).values(**taken))


async def draft(connection: AsyncConnection, key: str) -> DraftRow | None:
    found = (await connection.execute(_DRAFTS.where(TemplateDraft.key == key))).one_or_none()
    return None if found is None else DraftRow(*found)


async def save_draft(
    connection: AsyncConnection, key: str, content_hash: str, made_of: str, at: datetime, actor: str | None
) -> None:
    row = {"hash": content_hash, "made_of": made_of, "updated_at": at, "actor": actor}
    await _put(connection, TemplateDraft, {"key": key}, row)


async def drop_draft(connection: AsyncConnection, key: str) -> bool:
    """Whether there was one."""
    return (await connection.execute(delete(TemplateDraft).where(TemplateDraft.key == key))).rowcount > 0


async def _put(connection: AsyncConnection, entity: type[Base], key: dict[str, Any], row: dict[str, Any]) -> None:
    insert = insert_sqlite if connection.dialect.name == "sqlite" else insert_postgresql
    statement = insert(entity).values(**key, **row).on_conflict_do_update(index_elements=list(key), set_=row)
    await connection.execute(statement)
